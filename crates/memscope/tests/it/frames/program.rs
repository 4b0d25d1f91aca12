//! Leaks, and tells where by frame pointers; a second thread leaks too.

use memscope::{Scope, Scoped, Stacks};

#[global_allocator]
static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::FramePointers);

#[inline(never)]
fn leaking(bytes: usize) -> Vec<u8> {
    std::hint::black_box(Vec::with_capacity(bytes))
}

fn told() -> String {
    let scope = Scope::new("scope");
    let mut kept = Vec::with_capacity(10);
    scope.run(|| {
        for round in 0..10 {
            // Remembered from the second round on.
            drop(leaking(5));
            kept.push(leaking(round + 1));
        }
    });
    let text = scope.end().unwrap_err().to_string();
    drop(kept);
    text
}

fn main() {
    println!("{}", told());
    println!("{}", std::thread::spawn(told).join().unwrap());
}
