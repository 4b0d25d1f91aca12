//! memscope: each block to the scope that the thread is in.
#![forbid(unsafe_code)]

use compare_mem::contender::{self, Contender, PLAIN};
use memscope::{Scope, Scoped, set_accounting};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: Scoped = Scoped::system();

fn main() -> ExitCode {
    contender::main(&Contender {
        on: |work| Scope::new("work").run(work),
        off: Some(|work| {
            set_accounting(false);
            work();
            set_accounting(true);
        }),
        request: |work| Scope::new("request").run(work),
        guard: Some(|times| {
            let scope = Scope::new("guard");
            let handle = scope.handle();
            (0..times).for_each(|_| drop(handle.enter()));
        }),
        ..PLAIN
    })
}
