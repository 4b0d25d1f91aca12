//! `fork` in a program of many threads.

use crate::program::Program;

static PROGRAM: Program = Program::new("forks.c", include_str!("../c/forks.c"));

#[test]
fn the_child_of_a_busy_process_works_on() {
    PROGRAM.is_silent("");
}
