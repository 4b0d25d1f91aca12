//! jemalloc; the driver tunes it by its environment variable.
#![forbid(unsafe_code)]

use compare_phase::contender::{self, NONE};
use std::process::ExitCode;

#[global_allocator]
static ALLOC: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    contender::main(NONE)
}
