//! Arenas of C.

use crate::program::{Program, line_in};

static PROGRAM: Program = Program::new("arenas.c", include_str!("../c/arenas.c"));

fn line(comment: &str) -> String {
    line_in("arenas.c", PROGRAM.source(), comment)
}

#[test]
fn arenas_allocate_rewind_reset_nest_and_copy_out_and_leave_nothing() {
    PROGRAM.is_silent("right");
}

#[test]
fn an_arena_that_is_not_destroyed_is_a_leak_of_its_line() {
    let leaked = format!("{}: 1 block of 512 bytes", line("made"));
    PROGRAM.fails_at_the_end("leak", &[leaked]);
}

#[test]
fn a_write_past_an_allocation_of_an_arena_is_told_with_its_line() {
    let told = format!("{}: overrun", line("allocated"));
    PROGRAM.aborts(&["overrun"], &[told, line("made"), line("overrun found")]);
}

#[test]
fn a_write_to_what_was_taken_back_is_told_with_the_line_of_the_reset() {
    let told = format!("{}: use after reset", line("reset"));
    PROGRAM.aborts(&["write_after_reset"], &[told, line("write found")]);
    let told = format!("{}: use after reset", line("late reset"));
    PROGRAM.aborts(
        &["late_write_after_reset"],
        &[told, line("late write found")],
    );
}

#[test]
fn stale_pointers_and_marks_are_told() {
    let told = format!("{}: ms_arena_copy_out of", line("stale"));
    PROGRAM.aborts(&["stale_pointer"], &[told, line("made stale")]);
    let told = format!(
        "{}: ms_arena_rewind to a mark that is gone",
        line("stale mark")
    );
    PROGRAM.aborts(&["stale_mark"], &[told, line("mark made stale")]);
}

#[test]
fn marks_of_another_arena_and_those_it_went_back_past_are_told() {
    for (case, comment) in [
        ("mark_of_another", "mark of another"),
        ("mark_gone_past", "gone past"),
    ] {
        let told = format!("{}: ms_arena_rewind to a mark that is gone", line(comment));
        PROGRAM.aborts(&[case], &[told]);
    }
}

#[test]
fn an_arena_that_has_ended_is_told_by_a_copy_too() {
    let told = format!(
        "{}: ms_arena_alloc of an arena that was not made, or has ended",
        line("copied")
    );
    PROGRAM.aborts(&["copied"], &[told]);
}

#[test]
fn a_process_goes_on_after_ends_in_the_wrong_order() {
    let parts = [
        format!("{}: the arena made at", line("outlived and told")),
        format!(
            "{}: ms_arena_promote from an arena without",
            line("into the ended")
        ),
        format!(
            "{}: ms_worker_arena_end without its begin",
            line("nothing begun")
        ),
    ];
    PROGRAM.fails_at_the_end("went_on", &parts);
}

#[test]
fn ends_in_the_wrong_order_are_told() {
    let told = format!("{}: the arena made at", line("outlived"));
    PROGRAM.aborts(&["child_outlives"], &[told]);
    let told = format!(
        "{}: ms_arena_alloc of an arena that was not made",
        line("after end")
    );
    PROGRAM.aborts(&["after_end"], &[told]);
    let told = format!(
        "{}: ms_worker_arena_end without its begin",
        line("no begin")
    );
    PROGRAM.aborts(&["end_without_begin"], &[told]);
}

#[test]
fn a_pointer_that_escapes_from_a_worker_is_told_with_its_holder() {
    let told = format!("{}: escaped pointer", line("escape found"));
    PROGRAM.aborts(
        &["escape_to_block"],
        &[told, line("escaped"), line("holder")],
    );
    let told = format!("{}: escaped pointer", line("escape to variable found"));
    let place = "is held by a variable".to_owned();
    PROGRAM.aborts(
        &["escape_to_variable"],
        &[told, line("escaped to variable"), place],
    );
}
