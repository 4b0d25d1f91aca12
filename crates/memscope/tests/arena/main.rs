//! The arenas, with every form that their features give them.
#![expect(
    unsafe_code,
    reason = "blocks are written to, and allocators are called, by hand"
)]
#![expect(
    clippy::mem_forget,
    reason = "leaked guards are part of what is tested"
)]
#![expect(clippy::unwrap_used, reason = "what a test cannot go on from fails it")]

mod api2;
mod attack;
mod compile_fail;
mod detect;
mod drops;
mod failure;
mod model;
mod nesting;
mod pool;
#[path = "../support/mod.rs"]
mod support;
mod values;
