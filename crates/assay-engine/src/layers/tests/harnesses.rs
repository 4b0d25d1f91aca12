//! Test targets without libtest: those that list their tests, and those that are one.

use std::time::Duration;

use assay_evidence::{BugClass, LayerName, TestStatus};

use super::super::run::fewer_repeats;
use super::{Stand, assert_awake, only};

/// It knows the arguments that cargo-nextest gives, and ends with 3 on any other.
const LISTS: &str = r#"
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--list", "--format", "terse"] => {
            for name in ["passes", "fails", "hangs", "passes_too", "is_left_out"] {
                println!("{name}: test");
            }
        }
        ["--list", "--format", "terse", "--ignored"] => println!("is_left_out: test"),
        [name, rest @ ..] if rest.len() == 2 && rest.contains(&"--exact") && rest.contains(&"--nocapture") => {
            match *name {
                "passes" | "passes_too" => println!("fine"),
                "fails" => panic!("one is not two"),
                "hangs" => loop { std::thread::park() },
                _ => std::process::exit(3),
            }
        }
        _ => std::process::exit(3),
    }
}
"#;

/// It does the same whatever it is asked, and ends well.
const IS_DEAF: &str = r#"
fn main() { println!("two: test passes"); assert_eq!(own::two(), 2); }
"#;

/// It understands only a part.
const LISTS_NOTHING: &str = r#"
fn main() { if std::env::args().len() == 1 { panic!("run whole"); } }
"#;

fn stand(targets: &[(&str, &str)]) -> Stand {
    let stand = Stand::library("pub fn two() -> u8 { 2 }\n");
    let tests = stand.package().join("tests");
    std::fs::create_dir_all(&tests).expect("a folder");
    let manifest = stand.package().join("Cargo.toml");
    let mut text = std::fs::read_to_string(&manifest).expect("a manifest");
    for (name, source) in targets {
        std::fs::write(tests.join(format!("{name}.rs")), source).expect("a test");
        text += &format!("[[test]]\nname = \"{name}\"\nharness = false\n");
    }
    std::fs::write(&manifest, text).expect("a manifest");
    stand
}

#[test]
fn the_tests_that_a_program_lists_have_a_fate_each() {
    let mut stand = stand(&[("lists", LISTS), ("deaf", IS_DEAF)]);
    stand.limits.test = Duration::from_secs(3);
    let records = stand.run_any(&[LayerName::Unit]);
    assert_awake(&records);
    let run = &records.runs[0];
    let status = |name: &str| {
        let case = run.cases.iter().find(|case| case.name == name);
        case.map(|case| case.status)
    };
    assert_eq!(status("lists::fails"), Some(TestStatus::Failed));
    assert_eq!(status("lists::hangs"), Some(TestStatus::TimedOut));
    assert_eq!(status("lists::is_left_out"), Some(TestStatus::Ignored));
    assert_eq!(status("deaf"), None, "it passes, as one test");
    let tests = &run.tests;
    assert_eq!(
        (tests.passed, tests.failed, tests.timed_out, tests.ignored),
        (3, 1, 1, 1),
        "{run:#?}"
    );
    let mut told: Vec<(&str, BugClass)> = records
        .findings
        .iter()
        .map(|finding| {
            let test = finding.sightings[0].test.as_deref();
            (test.expect("a test"), finding.class)
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("lists::fails", BugClass::TestFailure),
            ("lists::hangs", BugClass::Hang)
        ]
    );
    // The run that met the hang first tells of it; the others give it little time, by its name.
    let later = &records.runs[1];
    let hangs = later.cases.iter().find(|case| case.name == "lists::hangs");
    assert_eq!(hangs.expect("a case").status, TestStatus::Cut);
    let command = records.findings.iter().find_map(|finding| {
        let command = finding.reproduce.as_ref()?.argv.join(" ");
        (finding.class == BugClass::TestFailure).then_some(command)
    });
    let command = command.expect("a command");
    assert_eq!(command, "cargo test -p own --test lists -- fails --exact");
}

#[test]
fn a_program_that_lists_no_test_runs_whole() {
    let stand = stand(&[("nothing", LISTS_NOTHING)]);
    let records = stand.run_any(&[LayerName::Unit]);
    let run = &records.runs[0];
    assert_eq!(run.tests.failed, 1, "{run:#?}");
    assert!(
        run.cases.iter().any(|case| case.name == "nothing"),
        "{run:#?}"
    );
}

#[test]
fn repeats_of_tests_that_a_program_lists_are_counted_and_a_failure_stays() {
    // The second process of the test fails, and the one that is asked after all repeats: each leaves a mark.
    let text = r#"
fn main() {
    if std::env::args().any(|word| word == "--ignored") { return; }
    if std::env::args().any(|word| word == "--list") { return println!("once: test\nalways: test"); }
    if std::env::args().any(|word| word == "once") {
        let mark = concat!(env!("CARGO_MANIFEST_DIR"), "/mark");
        let count = std::fs::read(mark).map_or(0, |bytes| bytes.len());
        std::fs::write(mark, vec![0; count + 1]).unwrap();
        assert!(!matches!(count, 1 | 5), "time {count}");
    }
}
"#;
    let mut stand = stand(&[("lists", text)]);
    // The standard library as it is, which need not be built.
    stand.without = |tools| tools.nightly = Err("taken away".to_owned());
    let Some(records) = stand.run(&[LayerName::Tsan]) else {
        return;
    };
    let run = &records.runs[0];
    assert_eq!(run.repeats, 5);
    let limit = stand.limits.run;
    assert_eq!(fewer_repeats(run, 5, limit), None);
    let told = fewer_repeats(run, 20, limit).expect("a note");
    assert!(told.contains("ran the tests 5 of 20 times"), "{told}");
    let own_notes = records.layers.iter().flat_map(|layer| &layer.notes);
    assert_eq!(
        own_notes
            .filter(|note| note.contains("ran the tests"))
            .count(),
        0
    );
    assert_eq!((run.tests.passed, run.tests.failed), (1, 1), "{run:#?}");
    assert_eq!(run.cases[0].status, TestStatus::Failed);
    let finding = only(&records);
    assert_eq!(finding.class, BugClass::TestFailure);
    assert!(finding.title.contains("time 1"), "{finding:?}");
}
