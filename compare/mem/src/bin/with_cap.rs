//! cap: one sum for the process, with a limit.
#![forbid(unsafe_code)]

use cap::Cap;
use compare_mem::contender::{self, PLAIN};
use std::alloc::System;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

fn main() -> ExitCode {
    contender::main(&PLAIN)
}
