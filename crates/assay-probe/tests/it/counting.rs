//! What is counted, and what ends a process without losing a count.

use crate::bed::{DEBUG, Flavour, Hits, run, text};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

const RELEASE: Flavour = Flavour {
    name: "release",
    toolchain: None,
    flags: "",
    arguments: &["--profile", "release"],
};

const LTO: Flavour = Flavour {
    name: "lto",
    toolchain: None,
    flags: "",
    arguments: &["--profile", "lto"],
};

/// Runs the program `survive` this way; returns how it ended and what was counted.
fn survive(flavour: &Flavour, way: &str) -> (ExitStatus, Vec<(usize, u64)>) {
    let hits = Hits::new(64);
    let output = run(&flavour.program("survive"), &[way], &hits);
    (output.status, hits.counts())
}

#[test]
fn a_process_that_returns_has_both_hits() {
    let (status, counts) = survive(&DEBUG, "return");
    assert_eq!((status.code(), counts), (Some(0), vec![(0, 1), (1, 1)]));
}

#[test]
fn a_hit_survives_every_signal_that_ends_the_process() {
    for (way, signal) in [
        ("abort", 6),
        ("segv", 11),
        ("kill", 9),
        ("double-panic", 6),
        ("overflow", 6),
    ] {
        let (status, counts) = survive(&DEBUG, way);
        assert_eq!(
            (status.signal(), counts),
            (Some(signal), vec![(0, 1)]),
            "{way}"
        );
    }
}

#[test]
fn a_hit_survives_an_exit_without_destructors() {
    for way in ["exit", "_exit"] {
        let (status, counts) = survive(&DEBUG, way);
        assert_eq!((status.code(), counts), (Some(3), vec![(0, 1)]), "{way}");
    }
}

#[test]
fn a_forked_child_counts_into_the_same_file() {
    let (_, counts) = survive(&DEBUG, "fork");
    assert_eq!(counts, [(0, 1), (1, 1), (2, 5)]);
    let (_, counts) = survive(&DEBUG, "fork-kill");
    assert_eq!(counts, [(0, 1), (1, 1), (2, 1)]);
}

#[test]
fn a_program_started_by_the_program_counts_too() {
    let (_, counts) = survive(&DEBUG, "exec");
    assert_eq!(counts, [(0, 2), (1, 2)]);
}

#[test]
fn numbers_beyond_the_file_are_ignored() {
    let (status, counts) = survive(&DEBUG, "beyond");
    assert_eq!(
        (status.code(), counts),
        (Some(0), vec![(0, 1), (1, 1), (63, 1)])
    );
}

#[test]
fn a_counter_stops_at_its_saturation() {
    let (_, counts) = survive(&DEBUG, "saturate");
    assert_eq!(counts, [(0, 1), (1, 1), (3, assay_probe::SATURATION)]);
}

#[test]
fn many_threads_lose_no_hit() {
    for flavour in [&DEBUG, &RELEASE] {
        let (status, counts) = survive(flavour, "threads");
        let own = (4..12).map(|site| (site, 8000));
        let shared = (16..32).map(|site| (site, 64_000));
        let expected = [(0, 1), (1, 1)].into_iter().chain(own).chain(shared);
        let expected: Vec<_> = expected.collect();
        assert_eq!((status.code(), counts), (Some(0), expected));
    }
}

#[test]
fn sites_in_macros_old_editions_no_std_and_const_fns_are_counted() {
    for flavour in [&DEBUG, &RELEASE, &LTO] {
        let (status, counts) = survive(flavour, "sites");
        let expected = [0, 1, 10, 11, 12, 20, 21, 22].map(|site| (site, 1));
        assert_eq!(
            (status.code(), counts),
            (Some(0), expected.to_vec()),
            "{}",
            flavour.name
        );
    }
}

#[test]
fn the_constructor_is_linked_where_the_probe_is_only_named() {
    for flavour in [&DEBUG, &RELEASE, &LTO] {
        let output = run(&flavour.program("linked"), &[], &Hits::new(1));
        assert_eq!(text(&output.stdout), "true\n", "{}", flavour.name);
    }
}

#[test]
fn a_file_that_is_no_hits_file_is_left_alone() {
    let mut other_version = vec![0; 64 + 64 * 8];
    other_version[..8].copy_from_slice(b"ASSAYHIT");
    other_version[8] = 2;
    other_version[12] = 64;
    for bytes in [&b""[..], b"ASSAYHIT", &[7; 600], &other_version] {
        let hits = Hits::of(bytes);
        let output = run(&DEBUG.program("survive"), &["threads"], &hits);
        assert_eq!(
            (output.status.code(), text(&output.stderr)),
            (Some(0), String::new())
        );
        assert_eq!(std::fs::read(hits.path()).unwrap(), bytes);
    }
}

#[test]
fn a_process_without_the_variable_or_the_file_runs_as_ever() {
    let program = DEBUG.program("survive");
    for file in [None, Some(""), Some("/"), Some("/nowhere/hits")] {
        let mut command = Command::new(&program);
        command.arg("threads").env_remove("ASSAY_HITS");
        if let Some(file) = file {
            command.env("ASSAY_HITS", file);
        }
        let output = command.output().unwrap();
        assert_eq!(
            (output.status.code(), text(&output.stderr)),
            (Some(0), String::new())
        );
    }
}
