//! dhat: every block with its stack.
#![forbid(unsafe_code)]

use compare_mem::contender::{self, Contender, PLAIN};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() -> ExitCode {
    contender::main(&Contender {
        on: |work| {
            let _profiler = dhat::Profiler::builder().testing().build();
            work();
        },
        off: Some(|work| work()),
        is_slow: true,
        ..PLAIN
    })
}
