//! Tests that do not end: a finding once, and little time in later runs.

use std::time::Duration;

use assay_evidence::{BugClass, LayerName, TestStatus};

use super::{Stand, assert_awake, only};

/// One test never ends, one has a longer name, and one ends where debug assertions are off.
const WAITING: &str = "
#[test] fn waits() { loop { std::thread::park(); } }
#[test] fn waits_not() {}
#[test] fn waits_in_debug() { while cfg!(debug_assertions) { std::thread::park(); } }
";

#[test]
fn a_test_that_hangs_is_one_finding_and_later_runs_leave_it_out_of_their_batch() {
    let mut stand = Stand::library(WAITING);
    stand.limits.test = Duration::from_secs(3);
    let records = stand.run_any(&[LayerName::Unit]);
    assert_awake(&records);
    let told: Vec<(&str, BugClass, usize)> = records
        .findings
        .iter()
        .map(|finding| {
            let sighting = &finding.sightings[0];
            let test = sighting.test.as_deref().expect("a test");
            (test, finding.class, finding.sightings.len())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("lib::waits", BugClass::Hang, 1),
            ("lib::waits_in_debug", BugClass::Hang, 1)
        ]
    );
    let status = |run: usize, test: &str| {
        let cases = &records.runs[run].cases;
        let case = cases.iter().find(|case| case.name == test)?;
        Some((case.status, case.detail.clone().unwrap_or_default()))
    };
    let (hung, _) = status(0, "lib::waits").expect("a case");
    assert_eq!(hung, TestStatus::TimedOut);
    for run in [1, 2] {
        let (status, detail) = status(run, "lib::waits").expect("a case");
        assert_eq!(status, TestStatus::Cut);
        assert!(detail.contains("did not end in unit/debug"), "{detail}");
    }
    // Release has debug assertions on in its first mode, and off in the second.
    let counts: Vec<(u64, u64, u64)> = records
        .runs
        .iter()
        .map(|run| {
            let tests = &run.tests;
            let [passed, cut, timed_out] =
                [tests.passed, tests.cut, tests.timed_out].map(u64::from);
            (passed, cut, timed_out)
        })
        .collect();
    assert_eq!(counts, [(1, 0, 2), (1, 2, 0), (2, 1, 0)]);
}

#[test]
fn a_layer_still_reports_what_it_sees_in_a_test_that_hangs() {
    let text = "
#[test] fn reads_and_waits() {
    let bytes = vec![1_u8];
    let at = std::hint::black_box(bytes.len());
    std::hint::black_box(unsafe { *bytes.as_ptr().add(at) });
    loop { std::thread::park(); }
}
";
    let mut stand = Stand::library(text);
    stand.limits.test = Duration::from_secs(3);
    let Some(records) = stand.run(&[LayerName::Unit, LayerName::Asan]) else {
        return;
    };
    let classes: Vec<BugClass> = super::classes(&records);
    assert_eq!(classes, [BugClass::Hang, BugClass::OutOfBounds]);
}

#[test]
fn a_program_that_hangs_is_given_little_time_later() {
    let mut stand = Stand::library("");
    let folder = stand.package().join("src/bin");
    std::fs::create_dir_all(&folder).expect("a folder");
    let main = "fn main() { loop { std::thread::park(); } }";
    std::fs::write(folder.join("waits.rs"), main).expect("a program");
    stand.exercise = assay_evidence::Exercise::Bin {
        name: "waits".to_owned(),
    };
    stand.limits.test = Duration::from_secs(3);
    let records = stand.run_any(&[LayerName::Unit]);
    assert_eq!(only(&records).class, BugClass::Hang);
    assert_eq!(only(&records).sightings.len(), 1);
    assert_eq!(records.runs[2].tests.cut, 1, "{:#?}", records.runs[2]);
}
