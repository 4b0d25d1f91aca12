//! The whole exercise: every target as a batch, the rest one by one, repeated where chance plays a part.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use assay_evidence::BugClass;

use super::own::OwnTests;
use super::{Rig, Target, TargetKind, timed_out};
use crate::layers::Heard;
use crate::parse::RawFinding;
use crate::parse::libtest::{Report, Result as TestResult};
use crate::parse::panic;
use crate::process::Ended;

/// What became of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Passed,
    Ignored,
    /// It failed, and why.
    Failed(String),
    /// The layer could not execute it to its end, and why.
    Cut(String),
    TimedOut(String),
    /// It passes in the original.
    ProbeFailure(String),
}

/// What an exercise left.
#[derive(Debug, Default)]
pub(crate) struct Exercised {
    /// By target and test.
    pub(crate) cases: BTreeMap<String, Fate>,
    pub(crate) filtered: u32,
    /// Reports of the layer, each with the repeat that made it.
    pub(crate) findings: Vec<(u32, RawFinding)>,
    /// Failures that no report explains; the original has a say in them.
    pub(crate) suspects: BTreeMap<String, (Target, String, RawFinding)>,
    /// Tests that a limit of time ended.
    pub(crate) overdue: BTreeSet<String>,
    /// Repeats that were made.
    pub(crate) repeats: u32,
    pub(crate) limit: Option<String>,
    pub(crate) interrupted: bool,
}

impl Exercised {
    pub(super) fn settle(&mut self, name: String, fate: Fate) {
        match self.cases.get(&name) {
            // In one of the repeats it did not pass.
            Some(Fate::Failed(_) | Fate::TimedOut(_) | Fate::Cut(_)) if fate == Fate::Passed => {}
            _ => {
                self.cases.insert(name, fate);
            }
        }
    }
}

impl Rig<'_> {
    /// Executes the targets, as often as the mode says.
    pub(crate) fn exercise(&mut self, targets: &[Target]) -> Exercised {
        let mut done = Exercised::default();
        let own: Vec<Option<OwnTests>> = targets
            .iter()
            .map(|target| self.own_tests(target))
            .collect();
        self.start_clock();
        for repeat in 0..self.mode.repeats.max(1) {
            if repeat > 0 && self.has_had_its_time() {
                break;
            }
            for (target, own) in targets.iter().zip(&own) {
                if done.interrupted || self.bench.cancel.is_requested() {
                    done.interrupted = true;
                    return done;
                }
                if self.is_over() {
                    done.limit.get_or_insert_with(|| self.over());
                    break;
                }
                // What one process alone decides need not be asked again.
                if repeat == 0 || target.kind != TargetKind::Doc {
                    self.target(target, own.as_ref(), repeat, &mut done);
                }
            }
            if done.limit.is_some() {
                // Fewer repeats than planned are still repeats.
                if repeat > 0 {
                    done.limit = None;
                }
                break;
            }
            done.repeats = repeat + 1;
            let run = format!("{}/{}", self.layer.name(), self.mode.name);
            self.overdue.add(&done.overdue, &run);
        }
        done.repeats = done.repeats.max(1);
        done
    }

    /// Whether a run has taken as long as one that is not slow may. No repeat begins then: what the layer's patience
    /// adds is for a first time that is slow.
    fn has_had_its_time(&self) -> bool {
        let left = self.deadline.saturating_duration_since(Instant::now());
        is_enough(left, self.bench.limits.run, self.mode.patience)
    }

    pub(crate) fn over(&self) -> String {
        let seconds = self
            .bench
            .limits
            .run
            .saturating_mul(self.mode.patience)
            .as_secs();
        format!("{seconds} s for the run")
    }

    fn target(
        &mut self,
        target: &Target,
        own: Option<&OwnTests>,
        repeat: u32,
        done: &mut Exercised,
    ) {
        let by_name = target.harness || own.is_some();
        let is_overdue = self.overdue_ones(target, by_name, repeat, done);
        if let Some(own) = own {
            self.one_by_one(target, own, repeat, done);
        } else if target.harness {
            self.batch(target, repeat, done);
        } else if !is_overdue {
            let heard = self.launch(target, &[], true);
            let name = target.label.clone();
            self.judge(target, &name, "", &heard, repeat, done);
        }
    }

    fn batch(&mut self, target: &Target, repeat: u32, done: &mut Exercised) {
        let left_out = self.left_out(target);
        let mut arguments = Vec::new();
        for test in &left_out {
            arguments.extend(["--skip", test]);
        }
        // Of a name that is left out, nothing that only contains it.
        arguments.extend((!left_out.is_empty()).then_some("--exact"));
        let heard = self.launch(target, &arguments, false);
        if heard.output.ended == Ended::Cancelled {
            done.interrupted = true;
            return;
        }
        let mut report = Report::read(&heard.output.stdout);
        report.filtered = report.filtered.saturating_sub(left_out.len() as u32);
        let names: Vec<String> = report.results.keys().cloned().collect();
        let mut findings = self.reports(&heard);
        for finding in &mut findings {
            finding.test = test_of(finding, target, &names);
        }
        self.results(target, &report, repeat, done);
        let whole = report.finished && !timed_out(&heard.output.ended);
        if whole {
            let quiet = findings.is_empty();
            done.findings
                .extend(findings.into_iter().map(|finding| (repeat, finding)));
            if quiet && report.count(TestResult::Failed) == 0 {
                self.odd_end(target, &heard, repeat, done);
            }
            return;
        }
        self.broken_off(target, &heard, &report, findings, repeat, done);
    }

    /// Asks each test that has no result.
    fn broken_off(
        &mut self,
        target: &Target,
        heard: &Heard,
        report: &Report,
        mut findings: Vec<RawFinding>,
        repeat: u32,
        done: &mut Exercised,
    ) {
        if repeat > 0 && self.is_over() {
            // The run's own end is no hang; what an earlier repeat saw stands.
            done.limit = Some(self.over());
            let findings = findings.into_iter().map(|finding| (repeat, finding));
            done.findings.extend(findings);
            return;
        }
        let listed = match target.kind {
            // Doctests are processes of their own already.
            TargetKind::Doc => None,
            _ => self.list(target),
        };
        let Some(mut left) = listed else {
            let name = match &report.open {
                Some(open) => format!("{}::{open}", target.label),
                None => target.label.clone(),
            };
            self.judge(target, &name, "", heard, repeat, done);
            return;
        };
        let left_out = self.left_out(target);
        left.retain(|name| !report.results.contains_key(name) && !left_out.contains(name));
        let before = done.findings.len();
        let all_well = self.isolate(target, &left, repeat, done);
        if all_well && findings.is_empty() && done.limit.is_none() {
            self.only_together(target, heard, repeat, done);
        }
        // What a test showed alone, with its name, the batch need not say again.
        let alone: Vec<BugClass> = done.findings[before..]
            .iter()
            .map(|(_, f)| f.class)
            .collect();
        findings.retain(|finding| !alone.contains(&finding.class));
        done.findings
            .extend(findings.into_iter().map(|finding| (repeat, finding)));
    }

    /// Takes over the results that a batch printed.
    fn results(&mut self, target: &Target, report: &Report, repeat: u32, done: &mut Exercised) {
        if repeat == 0 {
            done.filtered += report.filtered;
        }
        for (test, result) in &report.results {
            let name = format!("{}::{test}", target.label);
            let output = report.output.get(test).map_or("", String::as_str);
            match result {
                TestResult::Passed => done.settle(name, Fate::Passed),
                TestResult::Ignored => done.settle(name, Fate::Ignored),
                TestResult::Failed => self.failed(target, test, &name, output, repeat, done),
            }
        }
    }

    /// A test that a batch calls failed: a doctest may have died of a report, which is in its output.
    fn failed(
        &mut self,
        target: &Target,
        test: &str,
        name: &str,
        output: &str,
        repeat: u32,
        done: &mut Exercised,
    ) {
        let heard = Heard::of_text(output);
        let mut reports = self.reports(&heard);
        let cut = self.layer.cut(&heard);
        let why = panic::panic_message(output).unwrap_or_else(|| "it failed".to_owned());
        if let Some(reason) = cut.filter(|_| reports.is_empty()) {
            done.settle(name.to_owned(), Fate::Cut(reason));
            return;
        }
        done.settle(name.to_owned(), Fate::Failed(why.clone()));
        if reports.is_empty() {
            let finding = failure(name, &why);
            done.suspects
                .insert(name.to_owned(), (target.clone(), test.to_owned(), finding));
        }
        for finding in &mut reports {
            finding.test = Some(name.to_owned());
        }
        done.findings
            .extend(reports.into_iter().map(|finding| (repeat, finding)));
    }

    /// Every test passed, and the process did not end well all the same.
    fn odd_end(&mut self, target: &Target, heard: &Heard, repeat: u32, done: &mut Exercised) {
        if heard.output.succeeded() {
            return;
        }
        if let Some(reason) = self.layer.cut(heard) {
            done.settle(target.label.clone(), Fate::Cut(reason));
            return;
        }
        let text = heard.output.text();
        let mut finding = panic::unexplained(&heard.output.ended, &text).unwrap_or_else(|| {
            let said = format!(
                "the tests passed and the process ended as {:?}",
                heard.output.ended
            );
            RawFinding::new(BugClass::TestFailure, said)
        });
        finding.test = Some(target.label.clone());
        done.findings.push((repeat, finding));
    }

    /// Everything that is reported in a process's output, the layer's own reports first.
    pub(crate) fn reports(&self, heard: &Heard) -> Vec<RawFinding> {
        let mut found = self.layer.findings(heard);
        if found.is_empty() {
            found = panic::findings(&heard.output.text());
        }
        found
    }
}

/// Whether a run with that much time left of many times its limit has used up one.
fn is_enough(left: Duration, limit: Duration, patience: u32) -> bool {
    left.saturating_add(limit) <= limit.saturating_mul(patience)
}

/// The finding of a test that fails without a report.
pub(crate) fn failure(name: &str, why: &str) -> RawFinding {
    let mut finding = RawFinding::new(
        BugClass::TestFailure,
        format!("test `{name}` failed: {why}"),
    );
    finding.test = Some(name.to_owned());
    finding
}

/// The test that a stack runs through, by the functions' names.
fn test_of(finding: &RawFinding, target: &Target, names: &[String]) -> Option<String> {
    let frames = finding.stacks.iter().flat_map(|stack| &stack.frames);
    let inside = |function: &str, name: &str| {
        function.match_indices(name).any(|(at, _)| {
            let before = function[..at].chars().next_back();
            let after = function[at + name.len()..].chars().next();
            before.is_none_or(|c| c == ':' || c == '<')
                && after.is_none_or(|c| c == ':' || c == '>')
        })
    };
    let mut found: Vec<&String> = frames
        .flat_map(|frame| {
            names
                .iter()
                .filter(move |name| inside(&frame.function, name))
        })
        .collect();
    found.sort_by_key(|name| std::cmp::Reverse(name.len()));
    found
        .first()
        .map(|name| format!("{}::{name}", target.label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_slow_by_its_layer_begins_no_repeat_after_the_limit_of_one_that_is_not() {
        let seconds = Duration::from_secs;
        assert!(!is_enough(seconds(4001), seconds(1000), 5));
        assert!(is_enough(seconds(4000), seconds(1000), 5));
        assert!(!is_enough(seconds(1), seconds(1000), 1));
        assert!(is_enough(seconds(0), seconds(1000), 1));
    }

    #[test]
    fn a_test_that_failed_in_one_repeat_has_not_passed() {
        let mut done = Exercised::default();
        let failed = Fate::Failed("once".to_owned());
        for fate in [Fate::Passed, failed.clone(), Fate::Passed] {
            done.settle("t".to_owned(), fate);
        }
        assert_eq!(done.cases["t"], failed);
    }
}
