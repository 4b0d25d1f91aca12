//! mockalloc: every block of a recorded closure.
#![forbid(unsafe_code)]

use compare_mem::contender::{self, Contender, PLAIN};
use mockalloc::Mockalloc;
use std::alloc::System;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: Mockalloc<System> = Mockalloc(System);

fn main() -> ExitCode {
    contender::main(&Contender {
        on: |work| _ = mockalloc::record_allocs(work),
        off: Some(|work| work()),
        is_slow: true,
        ..PLAIN
    })
}
