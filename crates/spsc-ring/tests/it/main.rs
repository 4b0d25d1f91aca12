//! The ordinary tests: they run natively, under the sanitizers, under memcheck and under Miri.
//! `tests/loom.rs` and `tests/shuttle.rs` explore schedules.
#![cfg(not(any(loom, shuttle)))]

mod adapters;
mod compile_fail;
mod drops;
mod grants;
mod inline;
mod model;
mod ring;
mod support;
mod threads;
