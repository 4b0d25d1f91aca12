//! rpmalloc.
#![forbid(unsafe_code)]

use compare_phase::contender::{self, NONE};
use std::process::ExitCode;

#[global_allocator]
static ALLOC: rpmalloc::RpMalloc = rpmalloc::RpMalloc;

fn main() -> ExitCode {
    contender::main(NONE)
}
