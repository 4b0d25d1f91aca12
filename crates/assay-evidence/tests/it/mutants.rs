//! What mutants do to a verdict, and what becomes of them.

use assay_evidence::*;

use crate::sample::{self, ask, equivalent, killed, mutant};

/// The complete audit, each executable site of which has one mutant that AddressSanitizer noticed.
fn controlled() -> Evidence {
    let mut evidence = sample::supported();
    let sites: Vec<Site> = evidence
        .sites
        .iter()
        .filter(|s| s.probe == Probe::Counted)
        .cloned()
        .collect();
    for (number, site) in sites.iter().enumerate() {
        let said = (LayerName::Asan, killed("heap-buffer-overflow"));
        evidence
            .mutants
            .push(mutant(&format!("m{number}"), site, &[said]));
    }
    ask(&mut evidence, LayerName::Asan);
    evidence.sort();
    evidence
}

fn level(evidence: &Evidence) -> Option<Level> {
    evidence
        .validate()
        .expect("the sample keeps the invariants");
    match verdict(evidence).state {
        State::Supported { level } => Some(level),
        _ => None,
    }
}

fn timed_out(limit_ms: u64) -> Said {
    Said::TimedOut {
        test: "it::wraps_around".into(),
        limit_ms,
        baseline_ms: 100,
    }
}

#[test]
fn killed_mutants_of_every_site_make_the_crate_controlled() {
    assert_eq!(level(&controlled()), Some(Level::Controlled));
}

#[test]
fn one_mutant_that_nothing_noticed_takes_the_level_away() {
    for said in [
        Said::Survived,
        Said::Unreached,
        timed_out(499),
        Said::Cut {
            reason: "unsupported operation".into(),
        },
    ] {
        let mut weaker = controlled();
        weaker.mutants[0].answers[0].said = said.clone();
        assert_eq!(level(&weaker), Some(Level::Exercised), "{said:?}");
    }
    let mut unasked = controlled();
    unasked.mutants[0].answers.clear();
    assert_eq!(level(&unasked), Some(Level::Exercised));
}

#[test]
fn a_test_that_hangs_only_with_the_mutant_is_a_kill() {
    let mut evidence = controlled();
    evidence.mutants[0].answers[0].said = timed_out(500);
    assert_eq!(level(&evidence), Some(Level::Controlled));
    evidence.mutants[0].answers[0].layer = LayerName::Loom;
    ask(&mut evidence, LayerName::Loom);
    assert_eq!(level(&evidence), Some(Level::Exercised), "loom explores");
}

#[test]
fn a_site_without_a_viable_mutant_is_not_controlled() {
    let mut evidence = controlled();
    evidence.mutants[0].answers.clear();
    evidence.mutants[0].unviable = Some("mismatched types".into());
    assert_eq!(level(&evidence), Some(Level::Exercised));
    let silent = evidence.mutants[0].sites[0].clone();
    evidence.mutants[1].sites.push(silent);
    evidence.mutants[1].sites.sort();
    assert_eq!(
        level(&evidence),
        Some(Level::Controlled),
        "another speaks for it"
    );
}

#[test]
fn a_kill_by_a_layer_that_does_not_count_is_none() {
    let mut evidence = controlled();
    evidence.mutants[0].answers[0].layer = LayerName::Shuttle;
    ask(&mut evidence, LayerName::Shuttle);
    assert_eq!(level(&evidence), Some(Level::Exercised));
}

#[test]
fn a_reviewed_equivalent_does_not_stand_in_the_way() {
    let mut evidence = controlled();
    let mut survivor = evidence.mutants[0].clone();
    survivor.id = "quiet".into();
    survivor.answers[0].said = Said::Survived;
    evidence.mutants.push(survivor);
    evidence.sort();
    assert_eq!(level(&evidence), Some(Level::Exercised));
    evidence.equivalents.push(equivalent("quiet"));
    assert_eq!(level(&evidence), Some(Level::Controlled));
}

#[test]
fn an_entry_for_a_mutant_that_is_killed_or_not_there_blocks() {
    for (named, said) in [
        (
            "m0",
            "m0 is listed as an equivalent mutant, and was noticed: off-by-one in",
        ),
        (
            "zz",
            "zz is listed as an equivalent mutant, and there is none",
        ),
    ] {
        let mut evidence = controlled();
        evidence.equivalents.push(equivalent(named));
        let verdict = verdict(&evidence);
        assert_eq!(verdict.state, State::Incomplete);
        let reasons: Vec<String> = verdict.missing.iter().map(ToString::to_string).collect();
        assert!(reasons[0].starts_with(said), "{reasons:?}");
    }
}

/// Else the site would gain by the layer's absence.
#[test]
fn what_a_layer_that_does_not_count_noticed_is_not_held_against_a_listed_mutant() {
    let mut evidence = controlled();
    let mut listed = evidence.mutants[0].clone();
    listed.id = "listed".into();
    listed.answers[0].layer = LayerName::Shuttle;
    ask(&mut evidence, LayerName::Shuttle);
    evidence.equivalents.push(equivalent("listed"));
    evidence.mutants.push(listed);
    evidence.sort();
    let controlled = |e: &Evidence| verdict(e).counts.controlled;
    let without = sample::without(&evidence, LayerName::Shuttle);
    assert_eq!((controlled(&evidence), controlled(&without)), (3, 3));
}

#[test]
fn a_fate_says_why_a_mutant_is_open() {
    let fate = |operator: Operator, answers: &[(LayerName, Said)], ready: &[LayerName]| {
        let mut evidence = sample::supported();
        let site = evidence.sites[0].clone();
        evidence.mutants.push(Mutant {
            operator,
            ..mutant("m", &site, answers)
        });
        ready.iter().for_each(|layer| ask(&mut evidence, *layer));
        evidence.fate(&evidence.mutants[0]).as_str()
    };
    let (unit, loom) = (LayerName::Unit, LayerName::Loom);
    let weaken = Operator::WeakenOrdering;
    assert_eq!(fate(weaken, &[], &[unit]), "not seen");
    assert_eq!(fate(weaken, &[], &[unit, loom]), "not asked");
    let survived = [(loom, Said::Survived)];
    assert_eq!(fate(weaken, &survived, &[unit, loom]), "survived");
    let unreached = [(loom, Said::Unreached)];
    assert_eq!(fate(weaken, &unreached, &[loom]), "unreached");
    let miri = [(LayerName::Miri, Said::Survived)];
    let ready = [LayerName::Miri, LayerName::Memcheck];
    assert_eq!(
        fate(Operator::OffByOne, &miri, &ready),
        "survived",
        "Miri sees all that memcheck sees"
    );
    assert_eq!(
        fate(Operator::OffByOne, &miri, &[LayerName::Miri, loom]),
        "not asked"
    );
    let also = (LayerName::Miri, killed("data race"));
    let both = [also, (loom, Said::Survived)];
    assert_eq!(fate(weaken, &both, &[loom, LayerName::Miri]), "killed");
}

#[test]
fn open_mutants_are_recommended_and_so_is_mutation_where_nothing_else_is_left() {
    let next = |evidence: &Evidence| verdict(evidence).next;
    let steps = next(&sample::supported());
    assert_eq!(steps.len(), 1, "{steps:?}");
    assert_eq!(
        steps[0].command.as_deref(),
        Some("cargo assay mutate -p ring")
    );
    assert!(next(&controlled()).is_empty());
    let mut weaker = controlled();
    weaker.mutants[0].answers[0].said = Said::Survived;
    let steps = next(&weaker);
    assert!(
        steps[0]
            .text
            .starts_with("Write a test that fails with off-by-one"),
        "{steps:?}"
    );
}
