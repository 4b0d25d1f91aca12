//! The allocator of the C library.
#![forbid(unsafe_code)]

use compare_phase::contender::{self, NONE};
use std::process::ExitCode;

#[global_allocator]
static ALLOC: std::alloc::System = std::alloc::System;

fn main() -> ExitCode {
    contender::main(NONE)
}
