//! The ordinary tests: they run natively, under the sanitizers, under memcheck and under Miri.
//! `tests/loom.rs` and `tests/shuttle.rs` explore schedules.
#![cfg(not(any(loom, shuttle)))]
#![expect(
    clippy::mem_forget,
    reason = "leaked handles and grants are part of what is tested"
)]

mod adapters;
mod attacks;
mod compile_fail;
mod drops;
mod grants;
mod inline;
mod model;
mod ring;
mod support;
mod threads;
mod unwinding;
