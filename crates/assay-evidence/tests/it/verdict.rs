//! The verdict, rule by rule.

use assay_evidence::*;

use crate::sample::{self, allow, finding};

fn state(evidence: &Evidence) -> State {
    verdict(evidence).state
}

const EXERCISED: State = State::Supported {
    level: Level::Exercised,
};

/// Asserts that the change alone makes the sample INCOMPLETE, for the reason alone.
fn blocks(change: impl FnOnce(&mut Evidence), reason: &str) {
    let mut evidence = sample::supported();
    change(&mut evidence);
    evidence.sort();
    let verdict = verdict(&evidence);
    let reasons: Vec<String> = verdict.missing.iter().map(ToString::to_string).collect();
    assert_eq!(reasons, [reason]);
    assert_eq!(verdict.state, State::Incomplete);
    assert!(!verdict.missing[0].next_step().is_empty());
    assert!(!verdict.next.is_empty());
}

fn run_mut<'a>(evidence: &'a mut Evidence, id: &str) -> &'a mut Run {
    evidence
        .runs
        .iter_mut()
        .find(|r| r.id.0 == id)
        .expect("the sample has it")
}

fn set_layer(evidence: &mut Evidence, name: LayerName, status: LayerStatus) {
    evidence
        .layers
        .iter_mut()
        .find(|l| l.name == name)
        .expect("the sample has it")
        .status = status;
}

#[test]
fn a_complete_audit_is_supported() {
    let verdict = verdict(&sample::supported());
    assert_eq!(verdict.missing, []);
    assert_eq!(verdict.state, EXERCISED);
    assert_eq!(exit_code::of(&verdict), 0);
    assert_eq!((verdict.counts.total, verdict.counts.exercised), (4, 3));
    assert_eq!(verdict.counts.declarations, 1);
    assert_eq!(verdict.next.len(), 1, "to ask whether the tests can fail");
}

#[test]
fn a_crate_without_unsafe_sites_needs_only_its_layers() {
    let mut evidence = sample::supported();
    evidence.sites.clear();
    evidence.hits.clear();
    evidence.atomics.clear();
    assert_eq!(state(&evidence), EXERCISED);
    for layer in [
        LayerName::Memcheck,
        LayerName::Miri,
        LayerName::Tsan,
        LayerName::Loom,
    ] {
        evidence = sample::without(&evidence, layer);
        let reason = "no unsafe sites and no atomics".into();
        set_layer(&mut evidence, layer, LayerStatus::NotApplicable { reason });
    }
    assert_eq!(state(&evidence), EXERCISED);
}

#[test]
fn a_firm_soundness_finding_refutes_the_crate_and_its_sites() {
    let mut evidence = sample::supported();
    evidence.findings.push(finding(
        "f1",
        BugClass::DataRace,
        &["a1c05e7d"],
        &["tsan/debug"],
    ));
    let verdict = verdict(&evidence);
    assert_eq!(verdict.state, State::Refuted);
    assert_eq!(verdict.refuted_by, ["f1"]);
    assert_eq!(exit_code::of(&verdict), 100);
    let refuted = verdict
        .sites
        .iter()
        .find(|s| s.site.0 == "a1c05e7d")
        .unwrap();
    assert_eq!(
        refuted.state,
        SiteState::Refuted {
            findings: vec!["f1".into()]
        }
    );
    assert_eq!(verdict.counts.refuted, 1);
    assert!(verdict.next[0].text.contains("f1"));
}

#[test]
fn an_unattributed_soundness_finding_refutes_the_crate() {
    let mut evidence = sample::supported();
    evidence
        .findings
        .push(finding("f1", BugClass::MemoryFault, &[], &["unit/debug"]));
    assert_eq!(state(&evidence), State::Refuted);
}

#[test]
fn an_allowed_soundness_finding_does_not_refute() {
    let mut evidence = sample::supported();
    evidence.findings.push(finding(
        "f1",
        BugClass::DataRace,
        &["a1c05e7d"],
        &["tsan/debug"],
    ));
    run_mut(&mut evidence, "tsan/debug").outcome = Outcome::Failed;
    allow(&mut evidence, "f1");
    assert_eq!(state(&evidence), EXERCISED);
}

#[test]
fn an_allowance_of_another_class_or_finding_accepts_nothing() {
    let mut evidence = sample::supported();
    evidence.findings.push(finding(
        "f1",
        BugClass::DataRace,
        &["a1c05e7d"],
        &["tsan/debug"],
    ));
    allow(&mut evidence, "f1");
    let mut other = evidence.clone();
    other.allowances[0].class = BugClass::Leak;
    assert_eq!(state(&other), State::Refuted);
    other = evidence.clone();
    other.allowances[0].matched.clear();
    assert_eq!(state(&other), State::Refuted);
    evidence.findings[0].allowed_by = Some(1);
    assert_eq!(state(&evidence), State::Refuted);
}

#[test]
fn an_inconclusive_finding_blocks() {
    blocks(
        |e| {
            let mut f = finding("f1", BugClass::DataRace, &["a1c05e7d"], &["tsan/debug"]);
            f.confidence = Confidence::Inconclusive {
                reason: "std is not instrumented".into(),
            };
            e.findings.push(f);
        },
        "data-race finding f1 is inconclusive: std is not instrumented",
    );
}

#[test]
fn a_leak_a_deadlock_and_a_hang_block_unless_allowed() {
    for class in [
        BugClass::Leak,
        BugClass::Deadlock,
        BugClass::Hang,
        BugClass::TestFailure,
    ] {
        let text = format!("{class} f1: {class} in a slot");
        blocks(
            |e| e.findings.push(finding("f1", class, &[], &["asan/debug"])),
            &text,
        );
        let mut evidence = sample::supported();
        evidence
            .findings
            .push(finding("f1", class, &[], &["asan/debug"]));
        allow(&mut evidence, "f1");
        assert_eq!(state(&evidence), EXERCISED);
    }
}

#[test]
fn a_required_layer_that_did_not_run_blocks() {
    let evidence = sample::without(&sample::supported(), LayerName::Miri);
    let verdict = verdict(&evidence);
    assert_eq!(verdict.missing.len(), 1);
    assert_eq!(
        verdict.missing[0].to_string(),
        "miri is required and was not run: its tool was not found"
    );
    assert_eq!(
        verdict.next[0].command.as_deref(),
        Some(
            "rustup component add --toolchain nightly miri rust-src && cargo assay audit -p ring --layers miri"
        )
    );
}

#[test]
fn a_layer_that_is_not_required_blocks_too_when_it_did_not_run() {
    blocks(
        |e| {
            let reason = "no time".into();
            set_layer(e, LayerName::Shuttle, LayerStatus::NotRun { reason });
        },
        "shuttle was not run: no time",
    );
}

#[test]
fn a_layer_without_a_record_did_not_run() {
    blocks(
        |e| e.layers.retain(|l| l.name != LayerName::Shuttle),
        "shuttle was not run: the evidence has no record of it",
    );
}

#[test]
fn not_applicable_does_not_satisfy_a_rule() {
    let mut evidence = sample::without(&sample::supported(), LayerName::Memcheck);
    let reason = "said so".into();
    set_layer(
        &mut evidence,
        LayerName::Memcheck,
        LayerStatus::NotApplicable { reason },
    );
    let verdict = verdict(&evidence);
    assert_eq!(verdict.state, State::Incomplete);
    assert!(matches!(
        verdict.missing[..],
        [Reason::LayerNotApplicable { .. }]
    ));
}

#[test]
fn one_model_checker_of_two_is_enough_and_none_is_not() {
    let mut evidence = sample::without(&sample::supported(), LayerName::Loom);
    let reason = "no models".into();
    set_layer(
        &mut evidence,
        LayerName::Loom,
        LayerStatus::NotApplicable { reason },
    );
    let verdict = verdict(&evidence);
    let reasons: Vec<String> = verdict.missing.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        ["loom or shuttle is required, and both were recorded as not applicable: no models"]
    );
    assert_eq!(verdict.next.len(), 1);
}

#[test]
fn a_missed_control_voids_the_layer() {
    blocks(
        |e| {
            let control = e
                .controls
                .iter_mut()
                .find(|c| c.run.0 == "tsan/debug")
                .unwrap();
            (control.caught, control.caught_in) = (false, 0);
        },
        "tsan is void: tsan/debug missed the planted data-race bug",
    );
}

#[test]
fn a_missing_control_voids_the_layer() {
    blocks(
        |e| e.controls.retain(|c| c.run.0 != "miri/tree borrows"),
        "miri is void: miri/tree borrows no planted bug vouches for the run",
    );
}

#[test]
fn hits_of_a_void_layer_do_not_count() {
    let mut evidence = sample::supported();
    evidence.hits.retain(|h| {
        let layer = h.run.0.split('/').next();
        h.site.0 == "c09d44aa" || matches!(layer, Some("asan" | "unit"))
    });
    assert_eq!(state(&evidence), EXERCISED);
    evidence.controls.retain(|c| !c.run.0.starts_with("asan"));
    let verdict = verdict(&evidence);
    let why = Unexercised::OneLayer {
        layer: LayerName::Unit,
    };
    assert_eq!(verdict.sites[1].state, SiteState::Unexercised { why });
}

#[test]
fn two_modes_of_one_layer_are_one_detector() {
    let mut evidence = sample::supported();
    evidence.hits.retain(|h| h.run.0.starts_with("miri"));
    let verdict = verdict(&evidence);
    assert_eq!(verdict.counts.unexercised, 3);
    let why = Unexercised::OneLayer {
        layer: LayerName::Miri,
    };
    assert_eq!(verdict.sites[0].state, SiteState::Unexercised { why });
}

#[test]
fn two_layers_that_cannot_see_the_kind_of_bug_do_not_exercise_a_site() {
    let mut evidence = sample::supported();
    // An unsafe impl Sync: a race is what it can cause.
    evidence.hits.retain(|h| {
        h.site.0 != "c09d44aa" || h.run.0.starts_with("memcheck") || h.run.0.starts_with("unit")
    });
    let verdict = verdict(&evidence);
    let site = verdict
        .sites
        .iter()
        .find(|s| s.site.0 == "c09d44aa")
        .unwrap();
    let layers = vec![LayerName::Unit, LayerName::Memcheck];
    assert_eq!(
        site.state,
        SiteState::Unexercised {
            why: Unexercised::NoJudge { layers }
        }
    );
}

#[test]
fn an_unexecuted_site_blocks() {
    blocks(
        |e| e.hits.retain(|h| h.site.0 != "b7730f12"),
        "ring::Consumer<T>::pop (src/raw/ring.rs:42) is unexercised: never executed",
    );
}

#[test]
fn a_site_without_a_counter_blocks_with_the_reason() {
    blocks(
        |e| {
            let site = e.sites.iter_mut().find(|s| s.id.0 == "b7730f12").unwrap();
            site.probe = Probe::Uncounted {
                reason: "in a procedural macro".into(),
            };
        },
        "ring::Consumer<T>::pop (src/raw/ring.rs:42) is unexercised: not counted: in a procedural macro",
    );
}

#[test]
fn an_undocumented_site_blocks_and_an_allowance_accepts_it() {
    let undocumented = |e: &mut Evidence| {
        e.sites
            .iter_mut()
            .find(|s| s.id.0 == "b7730f12")
            .unwrap()
            .safety = Some("  ".into());
        e.findings
            .push(finding("f1", BugClass::MissingSafety, &["b7730f12"], &[]));
    };
    blocks(
        undocumented,
        "ring::Consumer<T>::pop (src/raw/ring.rs:42) states no reason",
    );
    let mut evidence = sample::supported();
    undocumented(&mut evidence);
    allow(&mut evidence, "f1");
    assert_eq!(state(&evidence), EXERCISED);
}

#[test]
fn a_site_that_is_not_built_does_not_block() {
    let mut evidence = sample::supported();
    let site = evidence
        .sites
        .iter_mut()
        .find(|s| s.id.0 == "b7730f12")
        .unwrap();
    site.built = Built::No {
        condition: "cfg(windows)".into(),
    };
    site.safety = None;
    evidence.hits.retain(|h| h.site.0 != "b7730f12");
    let verdict = verdict(&evidence);
    assert_eq!(verdict.state, EXERCISED);
    assert_eq!(verdict.counts.not_built, 1);
}

#[test]
fn an_audit_that_was_cut_short_blocks() {
    let reason = || "Ctrl-C".into();
    blocks(
        |e| e.completion = Completion::Interrupted { reason: reason() },
        "the audit was cut short: Ctrl-C",
    );
}

#[test]
fn runs_that_did_not_come_to_their_end_block() {
    let ends = [
        (
            Outcome::DidNotBuild {
                error: "E0433".into(),
            },
            "unit/release did not build: E0433",
        ),
        (
            Outcome::LimitReached {
                limit: "2 GiB".into(),
            },
            "unit/release reached its limit: 2 GiB",
        ),
        (Outcome::Interrupted, "unit/release was interrupted"),
        (
            Outcome::Failed,
            "unit/release failed, and no test or finding says why",
        ),
    ];
    for (outcome, reason) in ends {
        blocks(|e| run_mut(e, "unit/release").outcome = outcome, reason);
    }
}

#[test]
fn a_failing_test_blocks_unless_a_finding_speaks_for_it() {
    let fail = |e: &mut Evidence| {
        let run = run_mut(e, "asan/debug");
        run.outcome = Outcome::Failed;
        run.tests.failed = 1;
        let name = "it::wraps".into();
        run.cases.push(TestCase {
            name,
            status: TestStatus::Failed,
            detail: None,
        });
    };
    blocks(fail, "it::wraps fails in asan/debug");
    let mut evidence = sample::supported();
    fail(&mut evidence);
    let mut leak = finding("f1", BugClass::Leak, &[], &["asan/debug"]);
    evidence.findings.push(leak.clone());
    allow(&mut evidence, "f1");
    assert_eq!(
        state(&evidence),
        State::Incomplete,
        "the leak was not seen in that test"
    );
    leak.sightings[0].test = Some("it::wraps".into());
    leak.allowed_by = Some(0);
    evidence.findings = vec![leak];
    assert_eq!(state(&evidence), EXERCISED);
}

#[test]
fn failures_that_are_counted_and_not_named_block() {
    blocks(
        |e| run_mut(e, "unit/debug").tests.failed = 1,
        "a test fails in unit/debug",
    );
    blocks(
        |e| run_mut(e, "unit/debug").tests.timed_out = 1,
        "a test did not end in its time in unit/debug",
    );
}

#[test]
fn a_crate_without_tests_is_incomplete() {
    let mut evidence = sample::supported();
    for run in &mut evidence.runs {
        run.tests = TestCounts::default();
    }
    let verdict = verdict(&evidence);
    assert_eq!(verdict.state, State::Incomplete);
    assert_eq!(verdict.missing[0], Reason::NoTests);
}

#[test]
fn a_layer_that_executed_no_test_is_void() {
    blocks(
        |e| {
            for run in e.runs.iter_mut().filter(|r| r.layer == LayerName::Miri) {
                run.tests = TestCounts {
                    cut: 42,
                    ..TestCounts::default()
                };
            }
        },
        "miri is void: executed no test",
    );
}

#[test]
fn an_allowance_that_matches_nothing_blocks() {
    let entry = Allowance {
        class: BugClass::Leak,
        at: "ring::old".into(),
        reason: "was once there".into(),
        matched: Vec::new(),
    };
    blocks(
        |e| e.allowances.push(entry),
        "allow-list entry 0 (`ring::old`) matches nothing",
    );
}

#[test]
fn reasons_are_collected_beside_a_refutation() {
    let mut evidence = sample::without(&sample::supported(), LayerName::Miri);
    evidence
        .findings
        .push(finding("f1", BugClass::OutOfBounds, &[], &["asan/debug"]));
    evidence.hits.clear();
    let verdict = verdict(&evidence);
    assert_eq!(verdict.state, State::Refuted);
    assert_eq!(verdict.missing.len(), 4);
}

#[test]
fn the_page_on_exit_codes_names_every_constant_with_its_value() {
    let page = include_str!("../../../../docs/exit-codes.md");
    for (name, code) in [
        ("SUPPORTED", exit_code::SUPPORTED),
        ("USAGE", exit_code::USAGE),
        ("INCOMPLETE", exit_code::INCOMPLETE),
        ("INTERNAL", exit_code::INTERNAL),
        ("REFUTED", exit_code::REFUTED),
        ("COULD_NOT_BUILD", exit_code::COULD_NOT_BUILD),
    ] {
        assert!(page.contains(&format!("| {code} | `{name}` |")), "{name}");
    }
}
