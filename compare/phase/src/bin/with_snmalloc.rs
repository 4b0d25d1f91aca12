//! snmalloc.
#![forbid(unsafe_code)]

use compare_phase::contender::{self, NONE};
use std::process::ExitCode;

#[global_allocator]
static ALLOC: snmalloc_rs::SnMalloc = snmalloc_rs::SnMalloc;

fn main() -> ExitCode {
    contender::main(NONE)
}
