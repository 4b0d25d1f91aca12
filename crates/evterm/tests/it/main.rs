//! The program, without a terminal and in one.
#![expect(clippy::unwrap_used, reason = "what a test cannot go on from fails it")]

mod alone;
mod screen;
mod shown;
