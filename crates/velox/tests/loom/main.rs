//! Every schedule, and every value that the memory model lets a load see, of small programs.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p velox --test loom --target-dir target/loom`
//!
//! `docs/memory-model-velox.md` lists what was weakened in the books, and which of these tests failed then.
#![cfg(loom)]

mod book;
mod linear;
mod pipeline;
mod shared;

/// Explores with at most so many preemptions in a schedule, unless `LOOM_MAX_PREEMPTIONS` says else.
fn bounded(preemptions: usize, program: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    builder.max_branches = 20_000;
    builder.check(program);
}
