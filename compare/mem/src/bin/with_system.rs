//! glibc's malloc, as the standard library calls it.
#![forbid(unsafe_code)]

use compare_mem::contender::{self, PLAIN};
use std::alloc::System;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: System = System;

fn main() -> ExitCode {
    contender::main(&PLAIN)
}
