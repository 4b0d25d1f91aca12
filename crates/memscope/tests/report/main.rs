//! Reports in all their forms: a program of its own, for its allocator notes stacks.

mod dhat;
mod folded;
mod growth;
mod json;
mod page;
mod pprof;
mod prometheus;
mod scopes;

use std::io::Write as _;

use memscope::report::Report;
use memscope::{Scope, Scoped, Stacks};

#[global_allocator]
static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::Unwind);

/// Says that a test was not run, and why.
fn not_run(reason: &str) {
    let text = format!("not run: {reason}\n");
    // Not by the macro, whose output the harness keeps to itself.
    std::io::stderr()
        .write_all(text.as_bytes())
        .expect("standard error is open");
}

/// Whether stacks cannot be noted here; says so.
fn without_stacks() -> bool {
    let without = cfg!(miri) || cfg!(not(unix));
    if without {
        not_run("needs an unwinder");
    }
    without
}

#[inline(never)]
fn buffer(bytes: usize) -> Vec<u8> {
    std::hint::black_box(Vec::with_capacity(bytes))
}

/// A report that is taken while a scope of this name has blocks of 1,000 and 234 bytes.
fn report_of(name: &'static str) -> Report {
    let scope = Scope::for_request(name, 7);
    let kept = scope.run(|| (buffer(1000), buffer(234)));
    let report = Report::take();
    drop(kept);
    scope.end().expect("both buffers are dropped");
    report
}
