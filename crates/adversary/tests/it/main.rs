//! Each tool finds a planted bug of its class, and stays quiet on the repaired twin.

mod alloc;
mod attack;
mod countdown;
mod drops;
mod liars;
mod models;
mod oracles;
mod planted;
mod schedules;
