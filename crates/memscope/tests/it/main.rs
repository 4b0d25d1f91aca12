//! One binary whose allocator counts, as that of a program would.

mod arenas;
mod attribute;
mod balance;
mod budgets;
mod checkpoints;
mod compile_fail;
mod faults;
mod frames;
mod futures;
mod model;
mod off;
mod scopes;
mod threads;
mod transfer;

use std::io::Write as _;

use memscope::Scoped;

#[global_allocator]
static ALLOCATOR: Scoped = Scoped::system();

/// Says that a test was not run, and why.
fn not_run(reason: &str) {
    let text = format!("not run: {reason}\n");
    // Not by the macro, whose output the harness keeps to itself.
    std::io::stderr()
        .write_all(text.as_bytes())
        .expect("standard error is open");
}
