//! mimalloc.
#![forbid(unsafe_code)]

use compare_phase::contender::{self, NONE};
use std::process::ExitCode;

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    contender::main(NONE)
}
