//! Every schedule, and every value that the memory model lets a load see, of small programs.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p velox --no-default-features --test loom --target-dir target/loom`
//!
//! `docs/memory-model-velox.md` lists what was weakened in the books, and which of these tests failed then.
#![cfg(loom)]

mod book;
mod linear;
mod pipeline;
mod shared;

/// Explores with at most so many preemptions in a schedule; `LOOM_MAX_PREEMPTIONS` can make it more, not fewer: each
/// test has as many as it takes to fail when what it is about is broken.
fn bounded(preemptions: usize, program: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    let wanted = builder.preemption_bound.unwrap_or(0).max(preemptions);
    builder.preemption_bound = Some(wanted);
    builder.check(program);
}
