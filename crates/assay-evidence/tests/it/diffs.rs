//! What two audits of one package differ in.

use assay_evidence::*;

use crate::sample::{self, allow, ask, finding, killed, mutant};

fn told(old: &Evidence, new: &Evidence) -> Vec<String> {
    let difference = diff(old, new);
    difference.changes.iter().map(ToString::to_string).collect()
}

fn changed(change: impl FnOnce(&mut Evidence)) -> (Evidence, Evidence) {
    let old = sample::supported();
    let mut new = old.clone();
    change(&mut new);
    new.sort();
    (old, new)
}

#[test]
fn equal_audits_and_moved_lines_are_no_difference() {
    let (old, mut new) = changed(|_| {});
    assert_eq!(told(&old, &new), [""; 0]);
    for site in &mut new.sites {
        site.span.line += 10;
        site.span.end_line += 10;
    }
    assert_eq!(told(&old, &new), [""; 0]);
}

#[test]
fn new_gone_and_changed_sites_are_told_apart() {
    let (old, new) = changed(|e| {
        let fresh = sample::site("0f", 28, "ring::Producer<T>::peek", Operation::RawDeref);
        e.sites.push(fresh);
        let gone = e.sites.iter().position(|s| s.item == "ring::sys").unwrap();
        e.sites.remove(gone);
        let popped = e.sites.iter_mut().find(|s| s.id.0 == "b7730f12").unwrap();
        popped.id.0 = "b8".into();
        let moved = |h: &mut Hit| {
            if h.site.0 == "b7730f12" {
                h.site.0 = "b8".into();
            }
        };
        e.hits.iter_mut().for_each(moved);
    });
    assert_eq!(
        told(&old, &new),
        [
            "the verdict was SUPPORTED (exercised) and is INCOMPLETE",
            "new unsafe site, unexercised: ring::Producer<T>::peek (src/raw/ring.rs:28)",
            "changed unsafe site, exercised: ring::Consumer<T>::pop (src/raw/ring.rs:42)",
            "unsafe site gone: ring::sys (src/raw/ring.rs:53)",
        ]
    );
    let worse: Vec<bool> = diff(&old, &new)
        .changes
        .iter()
        .map(Change::is_worse)
        .collect();
    assert_eq!(worse, [true, true, true, false]);
}

#[test]
fn of_two_sites_that_one_replaces_one_is_changed_and_one_is_gone() {
    let (mut old, new) = changed(|e| {
        let popped = e.sites.iter_mut().find(|s| s.id.0 == "b7730f12").unwrap();
        popped.id.0 = "b8".into();
        e.hits.retain(|hit| hit.site.0 != "b7730f12");
    });
    let popped = old.sites.iter().find(|s| s.id.0 == "b7730f12").unwrap();
    let mut second = popped.clone();
    second.id.0 = "b9".into();
    old.sites.push(second);
    old.sort();
    let told = told(&old, &new);
    let count = |words: &str| told.iter().filter(|line| line.contains(words)).count();
    assert_eq!(count("changed unsafe site"), 1, "{told:#?}");
    assert_eq!(count("unsafe site gone"), 1, "{told:#?}");
}

#[test]
fn lost_evidence_is_told_by_layer_site_and_state() {
    let (old, new) = changed(|e| {
        e.hits
            .retain(|h| h.site.0 != "a1c05e7d" || h.run.0.starts_with("unit/"));
        e.sites[1].safety = None;
        e.controls.retain(|c| c.run.0 != "tsan/debug");
    });
    let told = told(&old, &new);
    let has = |words: &str| {
        assert!(
            told.iter().any(|line| line.contains(words)),
            "{words}: {told:#?}"
        );
    };
    has("tsan no longer counts: void: no planted bug vouches for the run");
    has("no longer executed by alloc, asan, tsan, memcheck, miri, loom: ring::Producer<T>::push");
    has("was exercised and is unexercised: ring::Producer<T>::push");
    has("states no reason any more");
    assert!(!diff(&old, &new).refutes());
}

#[test]
fn a_new_soundness_finding_weighs_most_and_an_allowed_one_nothing() {
    let (old, new) = changed(|e| {
        e.findings.push(finding(
            "f1",
            BugClass::DataRace,
            &["a1c05e7d"],
            &["tsan/debug"],
        ));
    });
    assert!(diff(&old, &new).refutes());
    assert_eq!(
        told(&old, &new)[1],
        "new finding f1: data-race: data-race in a slot"
    );
    assert_eq!(
        told(&new, &old)[1],
        "no longer found f1: data-race: data-race in a slot"
    );
    assert_eq!(diff(&new, &old).worse().count(), 0);
    let mut allowed = new.clone();
    allow(&mut allowed, "f1");
    assert_eq!(told(&old, &allowed), [""; 0]);
}

#[test]
fn a_mutant_that_is_not_killed_any_more_is_told() {
    let killing = |said| {
        let mut evidence = sample::supported();
        let site = evidence.sites[0].clone();
        evidence.mutants = vec![mutant("m1", &site, &[(LayerName::Asan, said)])];
        ask(&mut evidence, LayerName::Asan);
        evidence
    };
    let (old, new) = (killing(killed("it crashed")), killing(Said::Survived));
    assert_eq!(
        told(&old, &new),
        [
            "was controlled and is exercised: ring::Shared<T> (src/raw/ring.rs:16)",
            "mutant m1 was killed, now survived: off-by-one in ring::Shared<T> (src/raw/ring.rs:16)",
        ]
    );
    assert_eq!(told(&new, &old).len(), 0);
}
