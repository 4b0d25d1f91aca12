//! The ordinary tests: they run natively, under the sanitizers, under memcheck and under Miri.
//! `tests/loom.rs` and `tests/shuttle.rs` explore schedules.
#![cfg(not(any(loom, shuttle)))]

mod book;
mod books;
mod day;
#[cfg(all(feature = "cli", not(miri)))]
mod faults;
mod itch;
mod oracle;
mod pipeline;
#[cfg(all(feature = "cli", not(miri)))]
mod program;
mod readers;
mod shared;
mod synthetic;
mod whole_day;
