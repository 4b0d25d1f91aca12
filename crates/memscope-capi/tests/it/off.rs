//! Without the library.

use std::process::Command;

use crate::bed::{Bed, Link, run};

#[test]
fn off_needs_no_library_and_finds_no_fault() {
    let bed = Bed::new();
    let Some(program) = bed.compile("off.c", Link::Nothing, &["-DMEMSCOPE_OFF"]) else {
        return;
    };
    let output = run(&mut Command::new(program));
    assert!(output.stderr.is_empty() && output.stdout.is_empty());
}
