//! The library as C programs use it: compiled by the system's compiler, linked, run, and asked for their exit code.

mod arenas;
mod bed;
mod examples;
mod faults;
mod forks;
mod generated;
mod handoff;
mod header;
mod off;
mod program;

/// The account of the Rust side, for tests in which a block changes sides.
#[global_allocator]
static ALLOCATOR: memscope::Scoped =
    memscope::Scoped::system().with_stacks(memscope::Stacks::Unwind);
