//! What the checking allocator catches, and what it leaves alone.

use crate::bed::{DEBUG, Flavour, Hits, run, text};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

pub(crate) const ALLOC: Flavour = Flavour {
    name: "alloc",
    toolchain: None,
    flags: "--cfg assay_alloc",
    arguments: &[],
};

const ALLOC_RELEASE: Flavour = Flavour {
    name: "alloc",
    toolchain: None,
    flags: "--cfg assay_alloc",
    arguments: &[
        "--profile",
        "release",
        "--config",
        "profile.release.debug=1",
    ],
};

/// Runs a planted violation: it must end by SIGABRT, with this line first and with this function in
/// the first stack of the report.
fn caught(flavour: &Flavour, way: &str, line: &str, function: &str) -> String {
    let output = run(&flavour.program("allocate"), &[way], &Hits::new(4));
    let report = text(&output.stderr);
    assert_eq!(output.status.signal(), Some(6), "{way}: {report}");
    let lines: Vec<&str> = report
        .lines()
        .skip_while(|line| !line.starts_with("assay-alloc: "))
        .collect();
    assert_eq!(lines.first(), Some(&line), "{way}");
    assert_eq!(lines.get(3), Some(&"assay-alloc: stack begin"), "{way}");
    let stack: Vec<&str> = lines[4..]
        .iter()
        .copied()
        .take_while(|&line| line != "assay-alloc: stack end")
        .collect();
    assert!(
        stack.iter().any(|frame| frame.contains(function)),
        "{way}: no {function} in\n{report}"
    );
    assert!(
        stack.iter().any(|frame| frame.contains("allocate.rs:")),
        "{way}: no line in\n{report}"
    );
    report
}

#[test]
fn a_free_with_another_layout_is_caught() {
    for flavour in [&ALLOC, &ALLOC_RELEASE] {
        let report = caught(
            flavour,
            "planted_wrong_size",
            "assay-alloc: wrong-layout a block of 24 bytes was claimed to have 40 bytes",
            "planted_wrong_size",
        );
        let second = "assay-alloc: allocated 24 bytes aligned to 8, freed as 40 bytes aligned to 8";
        assert!(report.contains(second), "{report}");
        let allocated = report.split_once("assay-alloc: allocated here").unwrap().1;
        assert!(allocated.contains("planted_wrong_size"), "{report}");
    }
    caught(
        &ALLOC,
        "planted_wrong_align",
        "assay-alloc: wrong-layout a block aligned to 8 was claimed to be aligned to 32",
        "planted_wrong_align",
    );
}

#[test]
fn a_reallocation_with_another_layout_is_caught() {
    let report = caught(
        &ALLOC,
        "planted_wrong_realloc",
        "assay-alloc: wrong-layout a block of 24 bytes was claimed to have 40 bytes",
        "planted_wrong_realloc",
    );
    assert!(report.contains("reallocated as 40 bytes"), "{report}");
}

#[test]
fn a_write_past_either_end_is_caught() {
    caught(
        &ALLOC,
        "planted_overrun",
        "assay-alloc: out-of-bounds the byte at offset 24 of a block of 24 bytes was overwritten",
        "planted_overrun",
    );
    caught(
        &ALLOC,
        "planted_underrun",
        "assay-alloc: out-of-bounds a byte 1 in front of a block of 24 bytes was overwritten",
        "planted_underrun",
    );
}

#[test]
fn a_second_free_is_caught_with_the_stack_of_the_first() {
    let line = "assay-alloc: invalid-free a block of 24 bytes was freed before";
    let report = caught(&ALLOC, "planted_double_free", line, "planted_double_free");
    let freed = report.split_once("assay-alloc: freed here").unwrap().1;
    assert!(freed.contains("planted_double_free"), "{report}");
}

#[test]
fn a_free_inside_a_block_is_caught() {
    caught(
        &ALLOC,
        "planted_interior_free",
        "assay-alloc: invalid-free no block begins at this address",
        "planted_interior_free",
    );
}

#[test]
fn a_write_after_the_free_is_caught_with_the_stack_of_the_free() {
    let line = "assay-alloc: use-after-free the byte at offset 8 of a freed block of 24 bytes was overwritten with 0x01";
    for way in ["planted_write_after_free", "planted_late_write"] {
        caught(&ALLOC, way, line, "planted_write_after_free");
    }
}

#[test]
fn a_layout_of_no_bytes_is_caught() {
    caught(
        &ALLOC,
        "planted_empty",
        "assay-alloc: precondition a layout of no bytes was passed to the allocator",
        "planted_empty",
    );
}

#[test]
fn a_violation_while_a_panic_unwinds_is_reported() {
    let line = "assay-alloc: invalid-free a block of 24 bytes was freed before";
    caught(&ALLOC, "planted_in_a_panic", line, "planted_double_free");
}

/// std holds a lock while it prints a panic's stack, and the quarantine overflows meanwhile: the
/// report may not ask std for a stack.
#[test]
fn a_violation_found_while_a_panic_is_printed_is_reported() {
    let hits = Hits::new(4);
    let mut command = Command::new(ALLOC.program("allocate"));
    command
        .arg("planted_before_a_panic")
        .env("ASSAY_HITS", hits.path())
        .env("RUST_BACKTRACE", "1");
    let output = command.output().unwrap();
    let report = text(&output.stderr);
    assert_eq!(output.status.signal(), Some(6), "{report}");
    assert!(report.contains("assay-alloc: use-after-free"), "{report}");
    let found = report.split_once("assay-alloc: found here").unwrap().1;
    assert!(found.contains("default_hook"), "{report}");
}

#[test]
fn correct_programs_are_left_alone() {
    for flavour in [&ALLOC, &ALLOC_RELEASE] {
        for way in ["twin", "threads"] {
            let hits = Hits::new(4);
            let output = run(&flavour.program("allocate"), &[way], &hits);
            let said = text(&output.stderr);
            assert!(output.status.success(), "{way}: {said}");
            assert!(!said.contains("assay-alloc"), "{way}: {said}");
            assert_eq!(hits.counts(), [(0, 1), (1, 1)]);
        }
    }
}

#[test]
fn a_child_forked_between_allocations_of_other_threads_allocates() {
    let hits = Hits::new(4);
    let output = run(&ALLOC.program("allocate"), &["fork"], &hits);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(hits.counts(), [(0, 1), (1, 1), (2, 50)]);
}

#[test]
fn bytes_that_are_never_freed_are_told_on_request() {
    let live = |way: &str| {
        let program = ALLOC.program("allocate");
        let mut command = Command::new(program);
        let output = command.arg(way).env("ASSAY_ALLOC_LIVE", "1").output();
        let said = text(&output.unwrap().stderr);
        let line = said
            .lines()
            .find(|line| line.starts_with("assay-alloc: live "));
        let words: Vec<String> = line.unwrap().split(' ').map(String::from).collect();
        let [_, _, bytes, _, _, blocks, _] = &words[..] else {
            panic!("{said}");
        };
        (
            bytes.parse::<i64>().unwrap(),
            blocks.parse::<i64>().unwrap(),
        )
    };
    let (nothing, leak) = (live("nothing"), live("leak"));
    assert_eq!((leak.0 - nothing.0, leak.1 - nothing.1), (12_345, 1));
}

#[test]
fn without_the_cfg_nothing_is_checked() {
    let output = run(
        &DEBUG.program("allocate"),
        &["planted_wrong_size"],
        &Hits::new(4),
    );
    assert!(!text(&output.stderr).contains("assay-alloc"));
}

#[test]
fn the_probe_passes_its_own_tests_on_its_allocator() {
    let mut command = ALLOC.cargo("test");
    let output = command
        .args(["-p", "assay-probe", "--lib"])
        .output()
        .unwrap();
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}{}", text(&output.stderr));
    assert!(
        said.contains("0 failed") && !said.contains("running 0 tests"),
        "{said}"
    );
}
