//! memscope that notes the stack of each block, by frame pointers.
#![forbid(unsafe_code)]

use compare_mem::contender::{self, Contender, PLAIN};
use memscope::{Scope, Scoped, Stacks};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::FramePointers);

fn main() -> ExitCode {
    let scope = Scope::new("probe");
    let kept = scope.run(|| vec![0_u8; 100]);
    let frames = scope.check_neutral().err().map_or(0, |leak| {
        leak.sites().first().map_or(0, |it| it.frames.len())
    });
    drop(kept);
    if frames < 3 {
        eprintln!("built without frame pointers: set RUSTFLAGS=-Cforce-frame-pointers=yes");
        return ExitCode::FAILURE;
    }
    contender::main(&Contender {
        on: |work| Scope::new("work").run(work),
        request: |work| Scope::new("request").run(work),
        ..PLAIN
    })
}
