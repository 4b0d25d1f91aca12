//! The handle interface.

mod header;
mod panics;
mod programs;
