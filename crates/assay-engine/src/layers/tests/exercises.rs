//! What drives the code other than its tests: programs, examples, command lines.

use assay_evidence::{BugClass, Exercise, LayerName, LayerStatus};

use super::{Stand, assert_awake, classes, only};
use crate::layers::LayerRecords;

fn command(line: &str) -> Exercise {
    Exercise::Command {
        line: line.to_owned(),
    }
}

/// The package with one program.
fn program(main: &str) -> Stand {
    let stand = Stand::library("pub fn f() {}");
    let folder = stand.package().join("src/bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("shows.rs"), main).expect("a program");
    stand
}

#[test]
fn a_program_is_an_exercise_too() {
    let mut stand = program(
        "fn main() { own::f(); let v = [1u8]; let i = std::env::args().count(); unsafe { std::hint::black_box(*v.get_unchecked(i)); } }",
    );
    stand.exercise = Exercise::Bin {
        name: "shows".to_owned(),
    };
    let records = stand.run_any(&[LayerName::Unit]);
    assert_awake(&records);
    assert_eq!(only(&records).class, BugClass::Precondition);
    stand.exercise = Exercise::Command {
        line: "cargo run -q --bin shows".to_owned(),
    };
    let records = stand.run_any(&[LayerName::Unit]);
    assert!(
        classes(&records).contains(&BugClass::Precondition),
        "{records:#?}"
    );
}

/// A decision on a byte that was never written, and one on a byte that was.
const UNINITIALISED: &str = "fn main() { let mut bytes: Vec<u8> = Vec::with_capacity(16); unsafe { bytes.set_len(16) }; if std::hint::black_box(bytes[3]) == 0 { println!(\"zero\"); } }";
const INITIALISED: &str = "fn main() { let bytes = vec![0_u8; 16]; if std::hint::black_box(bytes[3]) == 0 { println!(\"zero\"); } }";

/// The shell and its tools have leaks of their own, which are none of the package's.
const LINES: [&str; 2] = [
    "cargo run -q --bin shows",
    "cargo build -q && ls > /dev/null && \"$CARGO_TARGET_DIR\"/debug/shows",
];

fn under(layer: LayerName, main: &str, line: &str) -> Option<LayerRecords> {
    let mut stand = program(main);
    stand.exercise = command(line);
    stand.run(&[layer])
}

#[test]
fn memcheck_follows_what_a_command_starts() {
    for line in LINES {
        let Some(records) = under(LayerName::Memcheck, UNINITIALISED, line) else {
            return;
        };
        assert_awake(&records);
        let found = classes(&records);
        assert_eq!(found, [BugClass::UninitialisedRead], "{line}: {records:#?}");
        let by_hand = &records.runs[0].command.argv;
        assert_eq!(by_hand[0], "valgrind", "{by_hand:?}");
        let records = under(LayerName::Memcheck, INITIALISED, line).expect("it ran before");
        assert_eq!(records.findings, [], "{line}");
    }
}

#[test]
fn the_programs_that_a_command_builds_are_built_for_the_layer() {
    let main = "fn main() { let v = vec![1_u8]; let i = std::env::args().count(); unsafe { std::hint::black_box(*v.as_ptr().add(i)); } }";
    // Debug assertions are off in either profile.
    for line in [
        "cargo run -q --bin shows",
        "cargo run -q --release --bin shows",
    ] {
        let Some(records) = under(LayerName::Asan, main, line) else {
            return;
        };
        assert_awake(&records);
        assert_eq!(only(&records).class, BugClass::OutOfBounds, "{line}");
    }
}

#[test]
fn no_layer_passes_for_one_that_cannot_run_the_exercise() {
    let reason = |records: &LayerRecords, layer| {
        let mut layers = records.layers.iter();
        let status = layers
            .find(|record| record.name == layer)
            .map(|l| &l.status);
        match status {
            Some(LayerStatus::NotRun { reason } | LayerStatus::NotApplicable { reason }) => {
                reason.clone()
            }
            other => panic!("{layer}: {other:?}"),
        }
    };
    let mut stand = program(INITIALISED);
    stand.exercise = command("cargo run -q --bin shows");
    let records = stand.run_any(&[LayerName::Miri]);
    let why = reason(&records, LayerName::Miri);
    assert!(
        why == LayerStatus::NOT_INTERPRETED || why.contains("nightly"),
        "{why}"
    );
    let mut stand = Stand::fixture("relaxed-publication/broken");
    stand.exercise = command("true");
    let records = stand.run_any(&[LayerName::Loom]);
    let why = reason(&records, LayerName::Loom);
    assert_eq!(why, LayerStatus::NO_MODELS);
    assert!(records.runs.is_empty());
}
