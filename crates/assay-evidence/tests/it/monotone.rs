//! Taking a tool away never improves a verdict.

use assay_evidence::*;
use proptest::prelude::*;

use crate::sample::{self, allow, ask, equivalent, finding, killed, mutant, without};

/// A change to the complete audit; a few of them make a random audit.
#[derive(Clone, Debug)]
enum Change {
    Finding {
        class: BugClass,
        runs: Vec<usize>,
        sited: bool,
        firm: bool,
        allowed: bool,
    },
    DropHits {
        site: usize,
        layer: LayerName,
    },
    MissControl {
        run: usize,
    },
    DropControl {
        run: usize,
    },
    Outcome {
        run: usize,
        outcome: Outcome,
    },
    FailTest {
        run: usize,
    },
    Status {
        layer: LayerName,
        status: LayerStatus,
    },
    NoSites,
    NoAtomics,
    Undocumented {
        site: usize,
    },
    Mutants {
        layer: LayerName,
    },
    /// Changes what is known of one mutant.
    Mutant {
        mutant: usize,
        layer: LayerName,
        said: Option<Said>,
        listed: bool,
        every_site: bool,
    },
    Program,
}

fn change() -> impl Strategy<Value = Change> {
    use BugClass::{DataRace, Leak, MissingSafety, OutOfBounds, UninitialisedRead};
    let class = prop::sample::select(vec![
        DataRace,
        Leak,
        MissingSafety,
        OutOfBounds,
        UninitialisedRead,
    ]);
    let layer = || prop::sample::select(LayerName::ALL.to_vec());
    let outcome = prop::sample::select(vec![
        Outcome::Failed,
        Outcome::Interrupted,
        Outcome::DidNotBuild {
            error: String::new(),
        },
        Outcome::LimitReached {
            limit: String::new(),
        },
    ]);
    let status = prop::sample::select(vec![
        LayerStatus::Ran,
        LayerStatus::NotRun {
            reason: String::new(),
        },
        LayerStatus::NotApplicable {
            reason: String::new(),
        },
    ]);
    prop_oneof![
        4 => (class, prop::collection::vec(0..9_usize, 0..3), any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(class, runs, sited, firm, allowed)| Change::Finding { class, runs, sited, firm, allowed }),
        2 => (0..4_usize, layer()).prop_map(|(site, layer)| Change::DropHits { site, layer }),
        1 => (0..9_usize).prop_map(|run| Change::MissControl { run }),
        1 => (0..9_usize).prop_map(|run| Change::DropControl { run }),
        1 => (0..9_usize, outcome).prop_map(|(run, outcome)| Change::Outcome { run, outcome }),
        1 => (0..9_usize).prop_map(|run| Change::FailTest { run }),
        2 => (layer(), status).prop_map(|(layer, status)| Change::Status { layer, status }),
        2 => Just(Change::NoSites),
        2 => Just(Change::NoAtomics),
        1 => (0..4_usize).prop_map(|site| Change::Undocumented { site }),
        3 => layer().prop_map(|layer| Change::Mutants { layer }),
        3 => (0..8_usize, layer(), prop::option::of(said()), any::<bool>(), any::<bool>())
            .prop_map(|(mutant, layer, said, listed, every_site)| Change::Mutant { mutant, layer, said, listed, every_site }),
        1 => Just(Change::Program),
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let timed_out = |limit_ms| Said::TimedOut {
        test: String::new(),
        limit_ms,
        baseline_ms: 10,
    };
    prop_oneof![
        2 => Just(killed("it crashed")),
        2 => Just(Said::Survived),
        1 => Just(Said::Unreached),
        1 => prop::sample::select(vec![timed_out(11), timed_out(99)]),
    ]
}

fn apply(evidence: &mut Evidence, change: Change) {
    let e = evidence;
    match change {
        Change::Finding {
            class,
            runs,
            sited,
            firm,
            allowed,
        } => {
            let mut names: Vec<String> = runs
                .iter()
                .filter_map(|r| e.runs.get(*r))
                .map(|r| r.id.0.clone())
                .collect();
            names.dedup();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let id = format!("f{}", e.findings.len());
            let site = e.sites.first().map(|s| s.id.0.clone()).filter(|_| sited);
            let mut f = finding(
                &id,
                class,
                &site.as_deref().into_iter().collect::<Vec<_>>(),
                &names,
            );
            if !firm {
                f.confidence = Confidence::Inconclusive {
                    reason: String::new(),
                };
            }
            e.findings.push(f);
            if allowed {
                allow(e, &id);
            }
        }
        Change::DropHits { site, layer } => {
            let Some(site) = e.sites.get(site).map(|s| s.id.clone()) else {
                return;
            };
            let prefix = format!("{layer}/");
            e.hits
                .retain(|h| h.site != site || !h.run.0.starts_with(&prefix));
        }
        Change::MissControl { run } => {
            let run = &e.runs[run].id;
            for c in e.controls.iter_mut().filter(|c| c.run == *run) {
                (c.caught, c.caught_in) = (false, 0);
            }
        }
        Change::DropControl { run } => {
            let run = e.runs[run].id.clone();
            e.controls.retain(|c| c.run != run);
        }
        Change::Outcome { run, outcome } => e.runs[run].outcome = outcome,
        Change::FailTest { run } => e.runs[run].tests.failed += 1,
        Change::Status { layer, status } => {
            e.layers
                .iter_mut()
                .filter(|l| l.name == layer)
                .for_each(|l| l.status = status.clone());
        }
        Change::NoSites => {
            e.sites.clear();
            e.hits.clear();
            e.mutants.clear();
            e.findings.iter_mut().for_each(|f| f.sites.clear());
        }
        Change::NoAtomics => e.atomics.clear(),
        Change::Undocumented { site } => {
            if let Some(site) = e.sites.get_mut(site) {
                site.safety = None;
            }
        }
        Change::Mutants { layer } => mutate(e, layer),
        Change::Mutant {
            mutant,
            layer,
            said,
            listed,
            every_site,
        } => answer(e, mutant, layer, said, listed, every_site),
        Change::Program => {
            e.subject.exercise = Exercise::Bin {
                name: "demo".into(),
            }
        }
    }
}

/// Gives each site a mutant that the layer noticed.
fn mutate(e: &mut Evidence, layer: LayerName) {
    for site in &e.sites.clone() {
        let id = format!("m{}", e.mutants.len());
        e.mutants
            .push(mutant(&id, site, &[(layer, killed("it crashed"))]));
    }
    ask(e, layer);
}

/// Changes what is known of one mutant.
fn answer(
    e: &mut Evidence,
    mutant: usize,
    layer: LayerName,
    said: Option<Said>,
    listed: bool,
    every_site: bool,
) {
    let all: Vec<SiteId> = e.sites.iter().map(|s| s.id.clone()).collect();
    let Some(mutant) = e.mutants.get_mut(mutant) else {
        return;
    };
    if every_site {
        mutant.sites = all;
    }
    mutant.answers.retain(|a| a.layer != layer);
    mutant.answers.extend(said.map(|said| Answer {
        layer,
        tests: 1,
        reaching: 1,
        said,
    }));
    let id = mutant.id.clone();
    if listed && e.equivalents.iter().all(|q| q.mutant != id) {
        e.equivalents.push(equivalent(&id));
    }
    ask(e, layer);
}

/// A crate that calls for three layers only, and of which every layer ran all the same.
fn without_unsafe() -> Evidence {
    let mut evidence = sample::supported();
    evidence.atomics.clear();
    evidence.sites.clear();
    evidence.hits.clear();
    evidence
        .runs
        .push(sample::run(LayerName::Shuttle, "models"));
    evidence
        .controls
        .extend(evidence.runs.last().map(sample::control));
    evidence
        .layers
        .iter_mut()
        .for_each(|l| l.status = LayerStatus::Ran);
    evidence
}

fn audit() -> impl Strategy<Value = Evidence> {
    (any::<bool>(), prop::collection::vec(change(), 0..5)).prop_map(|(plain, changes)| {
        let mut evidence = if plain {
            without_unsafe()
        } else {
            sample::supported()
        };
        for change in changes {
            apply(&mut evidence, change);
        }
        evidence.sort();
        evidence
    })
}

/// How good a verdict is.
fn rank(state: State) -> u8 {
    match state {
        State::Refuted => 0,
        State::Incomplete => 1,
        State::Supported {
            level: Level::Exercised,
        } => 2,
        State::Supported {
            level: Level::Controlled,
        } => 3,
    }
}

fn site_rank(state: &SiteState) -> u8 {
    match state {
        SiteState::Exercised => 1,
        SiteState::Controlled { .. } => 2,
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_layer_taken_away_improves_the_verdict(evidence in audit()) {
        prop_assert!(evidence.validate().is_ok(), "{:?}", evidence.validate());
        let before = verdict(&evidence);
        for layer in LayerName::ALL {
            let poorer = without(&evidence, layer);
            prop_assert!(poorer.layers.iter().all(|l| l.name != layer || l.status != LayerStatus::Ran));
            let after = verdict(&poorer);
            match before.state {
                State::Refuted => prop_assert!(rank(after.state) <= rank(State::Incomplete)),
                state => prop_assert!(rank(after.state) <= rank(state), "{layer}: {state:?} became {:?}", after.state),
            }
            for (site, poorer) in before.sites.iter().zip(&after.sites) {
                // What refuted the site can be what was taken away; the crate is INCOMPLETE then.
                let refuted = matches!(site.state, SiteState::Refuted { .. });
                prop_assert!(refuted || site_rank(&poorer.state) <= site_rank(&site.state), "{layer}: {:?}", site.site);
            }
        }
    }

    #[test]
    fn the_order_of_the_records_does_not_matter(evidence in audit()) {
        let mut shuffled = evidence.clone();
        shuffled.hits.reverse();
        shuffled.controls.reverse();
        shuffled.findings.reverse();
        shuffled.layers.reverse();
        shuffled.sort();
        prop_assert_eq!(verdict(&shuffled), verdict(&evidence));
        prop_assert_eq!(shuffled.to_json(), evidence.to_json());
    }

    #[test]
    fn generated_evidence_survives_a_round_trip(evidence in audit()) {
        let text = render::json(&evidence);
        let read = Evidence::from_json(&text).unwrap();
        prop_assert_eq!(&read, &evidence);
        prop_assert_eq!(render::json(&read), text);
    }
}

/// The property is worth something only if the generator makes every kind of verdict.
#[test]
fn the_generator_makes_every_kind_of_verdict() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = [0_u32; 4];
    for _ in 0..512 {
        let evidence = audit().new_tree(&mut runner).unwrap().current();
        seen[usize::from(rank(verdict(&evidence).state))] += 1;
    }
    assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
}
