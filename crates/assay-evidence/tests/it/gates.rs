//! Gates that hold, gates that don't, and what they say then.

use assay_evidence::gate::{FigureGate, Gate, LeastVerdict, RatioGate, Shortfall, check};
use assay_evidence::*;

use crate::sample::{self, ask, equivalent, finding, killed, mutant};

fn figure(value: f64) -> Figure {
    Figure::new(value).expect("finite")
}

fn measurement(name: &str, value: f64, better: Better) -> Measurement {
    Measurement {
        name: name.into(),
        unit: "instructions".into(),
        value: figure(value),
        better,
        command: CommandLine {
            env: Vec::new(),
            argv: ["cargo", "bench", name].map(String::from).into(),
        },
    }
}

/// The complete audit with three mutants, two of them killed.
fn audited() -> Evidence {
    let mut evidence = sample::supported();
    let site = evidence.sites[0].clone();
    let said = |said| [(LayerName::Asan, said)];
    evidence.mutants = vec![
        mutant("m1", &site, &said(killed("heap-buffer-overflow"))),
        mutant("m2", &site, &said(killed("left: 1, right: 2"))),
        mutant("m3", &site, &said(Said::Survived)),
    ];
    ask(&mut evidence, LayerName::Asan);
    evidence.measurements = vec![
        measurement("push", 110.0, Better::Lower),
        measurement("rival/push", 100.0, Better::Lower),
        measurement("throughput", 45.0, Better::Higher),
    ];
    evidence.sort();
    evidence
}

/// What a gate says of the audit, which must be one thing.
fn only(gate: &Gate, evidence: &Evidence) -> Shortfall {
    let mut found = check(gate, evidence, None);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[test]
fn a_gate_that_asks_nothing_and_one_that_is_met_are_silent() {
    assert_eq!(check(&Gate::default(), &audited(), None), []);
    let met = Gate {
        verdict: Some(LeastVerdict::Supported),
        max_unsafe_sites: Some(4),
        max_undocumented_sites: Some(0),
        min_sites_hit_percent: Some(figure(100.0)),
        layers: Some(2),
        required_layers: vec![LayerName::Miri],
        min_mutants_killed_percent: Some(figure(66.0)),
        max_open_mutants: Some(1),
        max_leaks: Some(0),
        max_findings: Some(0),
        figure: vec![FigureGate {
            name: "push".into(),
            max: Some(figure(110.0)),
            min: Some(figure(1.0)),
            max_worse_percent: None,
        }],
        ratio: vec![RatioGate {
            of: "push".into(),
            to: "rival/push".into(),
            max: Some(figure(1.1)),
            min: None,
        }],
        baseline: None,
    };
    assert_eq!(check(&met, &audited(), None), []);
}

/// A gate, what breaks it, and the key, the text and part of the advice that it then answers with.
type Broken = (
    Gate,
    fn(&mut Evidence),
    &'static str,
    &'static str,
    &'static str,
);

fn answers(cases: &[Broken]) {
    for (gate, breach, key, what, advice) in cases {
        let mut evidence = audited();
        breach(&mut evidence);
        let found = only(gate, &evidence);
        assert_eq!((found.key.as_str(), found.what.as_str()), (*key, *what));
        assert!(found.advice.contains(advice), "{key}: {}", found.advice);
    }
}

fn leak(e: &mut Evidence) {
    e.findings
        .push(finding("f1", BugClass::Leak, &[], &["asan/debug"]));
}

#[test]
fn thresholds_on_sites_say_what_was_found_what_was_asked_and_what_to_do() {
    let gate = Gate::default;
    answers(&[
        (
            Gate {
                verdict: Some(LeastVerdict::Controlled),
                ..gate()
            },
            |_| {},
            "verdict",
            "the verdict is SUPPORTED (exercised), and at least SUPPORTED (controlled) is asked for",
            "cargo assay mutate -p ring",
        ),
        (
            Gate {
                max_unsafe_sites: Some(3),
                ..gate()
            },
            |_| {},
            "max-unsafe-sites",
            "4 unsafe sites are there, and at most 3 is asked for",
            "raise the number",
        ),
        (
            Gate {
                max_undocumented_sites: Some(0),
                ..gate()
            },
            |e| e.sites[0].safety = None,
            "max-undocumented-sites",
            "1 site states no reason, and at most 0 is asked for",
            "SAFETY",
        ),
        (
            Gate {
                min_sites_hit_percent: Some(figure(95.0)),
                ..gate()
            },
            |e| e.hits.retain(|h| h.site != e.sites[1].id),
            "min-sites-hit-percent",
            "66.7 % of the sites (2 of 3) were executed under 2 layers that count, and at least 95 % are asked for",
            "write tests that reach them",
        ),
        (
            Gate {
                required_layers: vec![LayerName::Shuttle],
                ..gate()
            },
            |_| {},
            "required-layers",
            "shuttle does not count: not applicable: the crate has no shuttle models",
            "cargo assay layers",
        ),
    ]);
}

#[test]
fn thresholds_on_mutants_and_findings_say_so_too() {
    let gate = Gate::default;
    answers(&[
        (
            Gate {
                min_mutants_killed_percent: Some(figure(90.0)),
                ..gate()
            },
            |_| {},
            "min-mutants-killed-percent",
            "66.7 % of the mutants (2 of 3) were killed, and at least 90 % are asked for",
            "cargo assay mutate -p ring",
        ),
        (
            Gate {
                max_open_mutants: Some(0),
                ..gate()
            },
            |_| {},
            "max-open-mutants",
            "1 mutant was noticed by no test, and at most 0 is asked for",
            "assay-mutants.toml",
        ),
        (
            Gate {
                max_open_mutants: Some(0),
                ..gate()
            },
            |e| e.mutants.clear(),
            "min-mutants-killed-percent",
            "the evidence holds no mutants",
            "cargo assay mutate -p ring",
        ),
        (
            Gate {
                max_leaks: Some(0),
                ..gate()
            },
            leak,
            "max-leaks",
            "1 leak stands, and at most 0 is asked for",
            "assay.toml",
        ),
        (
            Gate {
                max_findings: Some(0),
                ..gate()
            },
            leak,
            "max-findings",
            "1 finding stands, and at most 0 is asked for",
            "cargo assay explain",
        ),
    ]);
}

#[test]
fn a_mutant_that_is_listed_as_equivalent_is_neither_open_nor_counted() {
    let mut evidence = audited();
    evidence.equivalents.push(equivalent("m3"));
    let gate = Gate {
        min_mutants_killed_percent: Some(figure(100.0)),
        max_open_mutants: Some(0),
        ..Gate::default()
    };
    assert_eq!(check(&gate, &evidence, None), []);
}

#[test]
fn figures_are_held_to_bounds_to_each_other_and_to_what_they_were() {
    let bound = |name: &str, max: Option<f64>, min: Option<f64>| Gate {
        figure: vec![FigureGate {
            name: name.into(),
            max: max.map(figure),
            min: min.map(figure),
            max_worse_percent: None,
        }],
        ..Gate::default()
    };
    let found = only(&bound("push", Some(100.0), None), &audited());
    assert_eq!(
        found.what,
        "push is 110 instructions, and at most 100 instructions is asked for"
    );
    assert_eq!(found.advice, "measure again: cargo bench push");
    only(&bound("throughput", None, Some(46.0)), &audited());
    let absent = only(&bound("pop", Some(1.0), None), &audited());
    assert_eq!(absent.what, "there is no figure `pop`");
    assert!(absent.about.contains(&"there is `push`".to_owned()));

    let ratio = Gate {
        ratio: vec![RatioGate {
            of: "push".into(),
            to: "rival/push".into(),
            max: Some(figure(1.05)),
            min: None,
        }],
        ..Gate::default()
    };
    let found = only(&ratio, &audited());
    assert_eq!(
        found.what,
        "push / rival/push is 1.100, and at most 1.05 is asked for"
    );
}

#[test]
fn a_figure_may_get_worse_by_so_much_and_no_more_in_its_own_direction() {
    let worse = |name: &str, old: f64, most: f64| {
        let gate = Gate {
            figure: vec![FigureGate {
                name: name.into(),
                max: None,
                min: None,
                max_worse_percent: Some(figure(most)),
            }],
            ..Gate::default()
        };
        let mut baseline = audited();
        for m in baseline.measurements.iter_mut().filter(|m| m.name == name) {
            m.value = figure(old);
        }
        check(&gate, &audited(), Some(&baseline)).len()
    };
    assert_eq!(worse("push", 100.0, 10.0), 0);
    assert_eq!(worse("push", 100.0, 9.9), 1);
    assert_eq!(worse("push", 200.0, 0.0), 0, "fewer are better");
    assert_eq!(worse("throughput", 50.0, 10.0), 0);
    assert_eq!(worse("throughput", 50.0, 9.9), 1, "less is worse");
    assert_eq!(worse("throughput", 40.0, 0.0), 0);
}

#[test]
fn a_stored_audit_is_asked_for_and_what_is_worse_than_it_is_told() {
    let gate = Gate {
        baseline: Some("baseline.json".into()),
        ..Gate::default()
    };
    let absent = only(&gate, &audited());
    assert!(absent.advice.contains("--save-baseline"));
    assert_eq!(check(&gate, &audited(), Some(&audited())), []);
    let mut worse = audited();
    worse.hits.retain(|hit| hit.run.0 != "asan/debug");
    let found = check(&gate, &worse, Some(&audited()));
    assert_eq!(found[0].what, "3 things are worse than in `baseline.json`");
    assert!(
        found[0].about[0].starts_with("no longer executed by asan"),
        "{found:?}"
    );
}

#[test]
fn a_shortfall_reads_as_a_message() {
    let gate = Gate {
        max_open_mutants: Some(0),
        ..Gate::default()
    };
    assert_eq!(
        only(&gate, &audited()).to_string(),
        "max-open-mutants: 1 mutant was noticed by no test, and at most 0 is asked for
    m3 off-by-one in ring::Shared<T> (src/raw/ring.rs:16)
  to do: write a test that fails with each, or list it with its reason in assay-mutants.toml; \
         `cargo assay mutate -p ring` asks again"
    );
}
