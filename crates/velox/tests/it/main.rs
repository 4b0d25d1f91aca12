//! The ordinary tests: they run natively, under the sanitizers, under memcheck and under Miri.
//! `tests/loom.rs` explores schedules.
#![cfg(not(loom))]

mod book;
mod books;
mod itch;
mod oracle;
mod readers;
mod synthetic;
