//! Each tool finds a planted bug of its class, and stays quiet on the repaired twin.

mod countdown;
mod drops;
mod liars;
mod planted;
