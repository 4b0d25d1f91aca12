//! Collects every reason that keeps a crate from SUPPORTED.

use std::collections::{BTreeMap, HashSet};

use super::layers::{LayerVerdict, executed};
use super::{Reason, Requirement, SiteState, SiteVerdict, Standing, refutes};
use crate::{
    BugClass, Completion, Confidence, Evidence, Exercise, Finding, LayerName, Outcome, Run, RunId,
    TestStatus,
};

/// Every reason, by kind: the audit itself, layers, runs, tests, findings, sites, the reviewed lists.
pub(super) fn missing(
    evidence: &Evidence,
    layers: &[LayerVerdict],
    sites: &[SiteVerdict],
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Completion::Interrupted { reason } = &evidence.completion {
        reasons.push(Reason::Interrupted {
            reason: reason.clone(),
        });
    }
    if evidence.subject.exercise == Exercise::Tests
        && evidence.runs.iter().all(|r| executed(r) == 0)
    {
        reasons.push(Reason::NoTests);
    }
    reasons.extend(layers.iter().filter_map(|l| layer(l, layers)));
    reasons.extend(evidence.runs.iter().filter_map(|r| run(evidence, r)));
    tests(evidence, &mut reasons);
    reasons.extend(
        evidence
            .findings
            .iter()
            .filter_map(|f| finding(evidence, f)),
    );
    site_reasons(evidence, sites, &mut reasons);
    equivalents(evidence, &mut reasons);
    allowances(evidence, &mut reasons);
    reasons
}

fn layer(verdict: &LayerVerdict, all: &[LayerVerdict]) -> Option<Reason> {
    let layer = verdict.layer;
    let other = match verdict.requirement {
        Requirement::Either { or, .. } => all.iter().find(|l| l.layer == or),
        _ => None,
    };
    let required = match verdict.requirement {
        Requirement::Required { .. } => true,
        Requirement::Either { .. } => !other.is_some_and(LayerVerdict::counts),
        Requirement::NotRequired { .. } => false,
    };
    match &verdict.standing {
        Standing::Counts => None,
        Standing::Void { run, reason } => Some(Reason::LayerVoid {
            layer,
            run: run.clone(),
            reason: reason.clone(),
        }),
        // A layer that did not run blocks even where the inventory doesn't call for it. Otherwise
        // taking away the one tool that refutes a crate would make the crate SUPPORTED.
        Standing::NotRun { reason } => Some(Reason::LayerNotRun {
            layer,
            required,
            reason: reason.clone(),
        }),
        Standing::NotApplicable { reason } => {
            let told = other.is_some_and(|o| speaks_for(o, layer));
            let reason = reason.clone();
            (required && !told).then(|| Reason::LayerNotApplicable {
                layer,
                or: other.map(|o| o.layer),
                reason,
            })
        }
    }
}

/// Whether the other one of two layers gives the reason for both: it has one of its own, or is the
/// first of two that are not applicable.
fn speaks_for(other: &LayerVerdict, layer: LayerName) -> bool {
    match other.standing {
        Standing::Counts | Standing::Void { .. } | Standing::NotRun { .. } => true,
        Standing::NotApplicable { .. } => other.layer < layer,
    }
}

fn run(evidence: &Evidence, run: &Run) -> Option<Reason> {
    let id = run.id.clone();
    match &run.outcome {
        Outcome::Passed => None,
        Outcome::Failed => {
            let told = run.tests.failed > 0 || run.tests.timed_out > 0 || is_sighted(evidence, run);
            (!told).then_some(Reason::FailedUnexplained { run: id })
        }
        Outcome::DidNotBuild { error } => Some(Reason::DidNotBuild {
            run: id,
            error: error.clone(),
        }),
        Outcome::LimitReached { limit } => Some(Reason::LimitReached {
            run: id,
            limit: limit.clone(),
        }),
        Outcome::Interrupted => Some(Reason::RunInterrupted { run: id }),
    }
}

fn is_sighted(evidence: &Evidence, run: &Run) -> bool {
    evidence
        .findings
        .iter()
        .flat_map(|f| &f.sightings)
        .any(|s| s.run == run.id)
}

/// Tests that fail or hang and that no finding of the same run and test speaks for.
fn tests(evidence: &Evidence, reasons: &mut Vec<Reason>) {
    let sightings = evidence.findings.iter().flat_map(|f| &f.sightings);
    let told: HashSet<(&RunId, &str)> = sightings
        .filter_map(|s| Some((&s.run, s.test.as_deref()?)))
        .collect();
    let gather = |status: TestStatus, count: fn(&Run) -> u32| {
        let mut tests: BTreeMap<Option<String>, Vec<RunId>> = BTreeMap::new();
        for run in &evidence.runs {
            let cases = run.cases.iter().filter(|c| c.status == status);
            let mut named = 0;
            for case in cases {
                named += 1;
                if !told.contains(&(&run.id, case.name.as_str())) {
                    tests
                        .entry(Some(case.name.clone()))
                        .or_default()
                        .push(run.id.clone());
                }
            }
            if count(run) > named {
                tests.entry(None).or_default().push(run.id.clone());
            }
        }
        tests
    };
    let failing = gather(TestStatus::Failed, |r| r.tests.failed);
    reasons.extend(
        failing
            .into_iter()
            .map(|(test, runs)| Reason::TestFails { test, runs }),
    );
    let hanging = gather(TestStatus::TimedOut, |r| r.tests.timed_out);
    reasons.extend(
        hanging
            .into_iter()
            .map(|(test, runs)| Reason::TestHangs { test, runs }),
    );
}

fn finding(evidence: &Evidence, finding: &Finding) -> Option<Reason> {
    if evidence.allowance_of(finding).is_some() || refutes(evidence, finding) {
        return None;
    }
    let (id, class) = (finding.id.clone(), finding.class);
    match &finding.confidence {
        Confidence::Inconclusive { reason } => Some(Reason::Inconclusive {
            finding: id,
            class,
            reason: reason.clone(),
        }),
        // The sites say it themselves, one reason each.
        Confidence::Firm if class == BugClass::MissingSafety && !finding.sites.is_empty() => None,
        Confidence::Firm => Some(Reason::Stands {
            finding: id,
            class,
            title: finding.title.clone(),
        }),
    }
}

fn site_reasons(evidence: &Evidence, sites: &[SiteVerdict], reasons: &mut Vec<Reason>) {
    let pairs = || evidence.sites.iter().zip(sites);
    for (site, verdict) in pairs() {
        if let SiteState::Unexercised { why } = &verdict.state {
            let (id, at) = (site.id.clone(), site.place());
            reasons.push(Reason::SiteUnexercised {
                site: id,
                at,
                why: why.clone(),
            });
        }
    }
    let reported: HashSet<_> = evidence
        .findings
        .iter()
        .filter(|f| f.class == BugClass::MissingSafety && evidence.allowance_of(f).is_none())
        .flat_map(|f| &f.sites)
        .collect();
    for (site, verdict) in pairs() {
        if !verdict.documented || reported.contains(&site.id) {
            reasons.push(Reason::SiteUndocumented {
                site: site.id.clone(),
                at: site.place(),
            });
        }
    }
}

/// An entry that names no mutant, or one that a layer noticed, says something false.
fn equivalents(evidence: &Evidence, reasons: &mut Vec<Reason>) {
    for entry in &evidence.equivalents {
        let id = entry.mutant.clone();
        let Some(mutant) = evidence.mutants.iter().find(|m| m.id == id) else {
            reasons.push(Reason::EquivalentUnmatched { mutant: id });
            continue;
        };
        if let Some(kill) = mutant.kills().next() {
            reasons.push(Reason::EquivalentKilled {
                mutant: id,
                at: format!("{} in {}", mutant.operator, mutant.place()),
                layer: kill.layer,
                told: kill.told(),
            });
        }
    }
}

/// An entry counts as used only where a finding of the file says so too.
fn allowances(evidence: &Evidence, reasons: &mut Vec<Reason>) {
    for (index, entry) in evidence.allowances.iter().enumerate() {
        let accepts = |f: &Finding| f.class == entry.class && entry.matched.contains(&f.id);
        if !evidence.findings.iter().any(accepts) {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            reasons.push(Reason::AllowanceUnmatched {
                index,
                at: entry.at.clone(),
            });
        }
    }
}
