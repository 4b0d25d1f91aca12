//! The allocator as a value, which is called directly: what the test harness allocates does not come
//! into the figures. Programs that have it as their global allocator are tested apart.
#![cfg(not(loom))]
#![expect(
    unsafe_code,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "allocators are called directly; helpers fail as tests do, and say what did not run"
)]

mod attack;
mod chunks;
mod configurations;
mod environment;
mod fork;
mod fuzz;
mod phases;
mod realloc;
mod region;
mod spans;
mod support;
#[path = "../common/this_program.rs"]
mod this_program;
mod threads;
