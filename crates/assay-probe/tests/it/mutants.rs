//! Which mutant a process has, and which it asked for.

use crate::bed::{DEBUG, Flavour, Hits, not_run, text};
use crate::tools::has_nightly;
use std::process::Command;

const PROGRAM: &str = "mutants";

/// What the program says with this in its environment.
fn said(mut command: Command, selected: Option<&str>) -> String {
    command.env_remove("ASSAY_MUTANT").env_remove("ASSAY_HITS");
    if let Some(selected) = selected {
        command.env("ASSAY_MUTANT", selected);
    }
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_environment_switches_one_mutant_on_and_none_at_compile_time() {
    let release = Flavour {
        name: "release",
        arguments: &["--profile", "release"],
        ..DEBUG
    };
    for flavour in [&DEBUG, &release] {
        let program = flavour.program(PROGRAM);
        let said = |selected| said(Command::new(&program), selected);
        assert_eq!(said(Some("3")), "[3] false\n");
        assert_eq!(said(Some("0")), "[0] false\n");
        assert_eq!(said(Some("8")), "[] false\n");
    }
}

#[test]
fn without_a_number_in_the_environment_every_choice_is_the_original() {
    let program = DEBUG.program(PROGRAM);
    for selected in [
        None,
        Some(""),
        Some("three"),
        Some("-1"),
        Some("4294967295"),
    ] {
        assert_eq!(said(Command::new(&program), selected), "[] false\n");
    }
}

#[test]
fn choices_are_counted_whatever_they_are() {
    let hits = Hits::new(9);
    let status = Command::new(DEBUG.program(PROGRAM))
        .env("ASSAY_HITS", hits.path())
        .env("ASSAY_MUTANT", "2")
        .status();
    assert!(status.expect("the program starts").success());
    let each_once: Vec<(usize, u64)> = (0..8).map(|n| (n, 1)).collect();
    assert_eq!(hits.counts(), each_once);
}

#[test]
fn miri_has_the_mutant_that_the_environment_names_and_tells_no_choices() {
    if !has_nightly("miri") || !has_nightly("rust-src") {
        return not_run("miri", "no nightly with miri and rust-src");
    }
    let mut command = crate::tools::MIRI.cargo("miri");
    command.args(["run", "--quiet", "--bin", PROGRAM]);
    command.env("MIRIFLAGS", "-Zmiri-disable-isolation");
    assert_eq!(said(command, Some("3")), "[3] false\n");
}
