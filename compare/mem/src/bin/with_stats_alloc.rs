//! stats_alloc: sums for the process.
#![forbid(unsafe_code)]

use compare_mem::contender::{self, PLAIN};
use stats_alloc::StatsAlloc;
use std::alloc::System;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: StatsAlloc<System> = StatsAlloc::system();

fn main() -> ExitCode {
    contender::main(&PLAIN)
}
