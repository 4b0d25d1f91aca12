//! Each fault ends the process with the line; what is no fault does not.

use crate::program::{LEAKED, Program, line_in};

static PROGRAM: Program = Program::new("faults.c", include_str!("../c/faults.c"));

fn line(comment: &str) -> String {
    line_in("faults.c", PROGRAM.source(), comment)
}

/// The path before the file is the compiler's argument.
fn at(line: &str) -> String {
    format!("{}/tests/c/{line}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_leak_fails_the_process_and_names_its_line() {
    let first = format!("{}: 1 block of 100 bytes", line("leak"));
    let second = format!("{}: 1 block of 7 bytes", line("leak again"));
    let file = "faults.c: 2 blocks of 107 bytes".to_owned();
    PROGRAM.fails_at_the_end("leak", &[first, second, file]);
    let grown = format!("{}: 1 block of 5000 bytes", line("leak of realloc"));
    PROGRAM.fails_at_the_end("leak_of_realloc", &[grown]);
}

#[test]
fn alignment_overflow_huge_sizes_and_failing_reallocs_are_right() {
    PROGRAM.is_silent("right");
}

#[test]
fn a_double_free_is_told_with_three_lines() {
    let told = format!("{}: double free", line("freed twice"));
    let allocated = format!("allocated at {}", at(&line("allocated")));
    let freed = format!("freed before at {}", at(&line("freed once")));
    PROGRAM.aborts(&["double_free"], &[told, allocated, freed]);
}

#[test]
fn a_double_free_is_found_where_the_memory_is_gone() {
    let told = format!("{}: double free", line("freed again"));
    let freed = line("the system has it back");
    PROGRAM.aborts(&["double_free_of_unmapped_memory"], &[told, freed]);
}

#[test]
fn writes_past_the_end_are_told_whatever_their_length() {
    for bytes in ["1", "2", "8", "16", "17", "40"] {
        let told = format!("{}: overrun", line("overrun"));
        let found = line("overrun found");
        PROGRAM.aborts(&["overrun", bytes], &[told, found]);
    }
    let told = format!("{}: overrun", line("overrun before realloc"));
    PROGRAM.aborts(&["overrun_before_realloc"], &[told]);
}

#[test]
fn a_write_before_the_begin_is_told() {
    let told = format!("{}: underrun", line("underrun"));
    let found = line("underrun found");
    PROGRAM.aborts(&["underrun"], &[told, "1 bytes before".to_owned(), found]);
}

#[test]
fn pointers_that_are_no_blocks_are_told_and_not_freed() {
    let inside = format!("{}: ms_free of", line("freed inside"));
    let around = format!(
        "32 bytes into a block of 100 bytes allocated at {}",
        at(&line("around"))
    );
    PROGRAM.aborts(&["inside"], &[inside, around]);
    let foreign = format!("{}: wrong side", line("freed foreign"));
    PROGRAM.aborts(&["foreign"], &[foreign]);
    let stack = format!("{}: wrong side", line("freed stack"));
    PROGRAM.aborts(&["foreign_of_the_stack"], &[stack]);
}

#[test]
fn reports_can_let_the_process_go_on_to_a_failure_at_its_end() {
    PROGRAM.each(&["report_and_go_on"], |output, text| {
        assert_eq!(output.status.code(), LEAKED, "{text}");
        assert_eq!(output.stdout, b"went on\n");
    });
}

#[test]
fn what_is_freed_by_a_handler_of_the_end_or_kept_is_no_leak() {
    PROGRAM.is_silent("atexit");
    PROGRAM.is_silent("kept");
}

#[test]
fn scopes_nest_and_blocks_move_between_them() {
    PROGRAM.is_silent("scopes");
    PROGRAM.is_silent("out_of_turn");
}

#[test]
fn a_scope_that_is_not_neutral_ends_the_process_with_the_line() {
    let told = format!(
        "{}: not neutral: scope `GET#42`, begun at",
        line("scope ended")
    );
    let leaked = format!(
        "{}: 1 block of 64 bytes in scope `GET#42`",
        line("leak of scope")
    );
    PROGRAM.aborts(&["leaking_scope"], &[told, line("scope begun"), leaked]);
}

#[test]
fn an_assertion_since_a_checkpoint_names_what_came_after_it_alone() {
    let told = format!(
        "{}: not neutral: after the try: 1 blocks of 12 bytes",
        line("asserted since")
    );
    let newer = format!("{}: 1 block of 12 bytes", line("newer"));
    PROGRAM.aborts(&["leak_since"], &[told, newer]);
    let older = line("older");
    PROGRAM.each(&["leak_since"], |_, text| {
        assert!(!text.contains(&older), "{text}");
    });
}

#[test]
fn scopes_that_have_ended_and_were_left_are_told() {
    let told = format!(
        "{}: ms_scope_enter of a scope that has ended",
        line("entered again")
    );
    PROGRAM.aborts(&["ended_scope"], &[told, line("once begun")]);
    let told = format!(
        "{}: ms_scope_leave of a scope that this thread is not in",
        line("left twice")
    );
    PROGRAM.aborts(&["left_twice"], &[told]);
}

#[test]
fn references_balance_or_are_told() {
    PROGRAM.is_silent("references");
    PROGRAM.fails_at_the_end(
        "unreleased",
        &[format!("{}: `coroutine` 5", line("created"))],
    );
    let told = format!("{}: unbalanced reference", line("released twice"));
    PROGRAM.aborts(&["released_twice"], &[told]);
}

#[test]
fn a_stack_of_another_depth_is_told() {
    PROGRAM.fails_at_the_end(
        "stack",
        &["stack: after the call: 2 values are on it, and there should be 0".to_owned()],
    );
}
