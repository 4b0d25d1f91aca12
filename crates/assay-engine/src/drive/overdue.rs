//! Tests that did not end, and what later runs give them.
//!
//! The run that first meets such a test pays for it three times: the batch waits until it is silent for the limit, the
//! test has the limit alone, and the original has it once more. Later runs know better. They leave the test out of
//! their batch and give it one process with a part of the limit, so that a layer that sees the cause still reports it
//! and its counters still count; what ends by that limit is recorded as cut, with the run that tells of the hang.
//! Doctests keep their limits: the harness does not say which of them is running.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Exercised, Fate, Rig, Target, TargetKind, timed_out};

/// The part of a test's limit that a test gets which did not end before.
const PART: u32 = 4;

/// A process needs some time before its test starts, more so under an interpreter.
const LEAST: Duration = Duration::from_secs(5);

/// Tests by target and name, each with the run in which it did not end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overdue(BTreeMap<String, String>);

impl Overdue {
    /// Adds the tests of a run.
    pub(crate) fn add<'a>(&mut self, tests: impl IntoIterator<Item = &'a String>, run: &str) {
        for test in tests {
            let known = self.0.entry(test.clone());
            known.or_insert_with(|| run.to_owned());
        }
    }

    /// Both sets.
    pub(crate) fn with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for (test, run) in &other.0 {
            both.add([test], run);
        }
        both
    }

    /// The tests of a target and their runs; the empty name is the target as a whole.
    fn of(&self, target: &Target) -> Vec<(String, String)> {
        if target.kind == TargetKind::Doc {
            return Vec::new();
        }
        let own = |(name, run): (&String, &String)| {
            let test = match name.strip_prefix(&target.label)? {
                "" => "",
                rest => rest.strip_prefix("::")?,
            };
            Some((test.to_owned(), run.clone()))
        };
        self.0.iter().filter_map(own).collect()
    }
}

impl Rig<'_> {
    /// Tests of a target that its batch leaves out.
    pub(super) fn left_out(&self, target: &Target) -> Vec<String> {
        let own = self.overdue.of(target).into_iter();
        own.map(|(test, _)| test)
            .filter(|test| !test.is_empty())
            .collect()
    }

    /// Gives the tests of a target that did not end before a part of their limit. Whether the target itself is one.
    pub(super) fn overdue_ones(
        &mut self,
        target: &Target,
        by_name: bool,
        repeat: u32,
        done: &mut Exercised,
    ) -> bool {
        let own = self.overdue.of(target);
        let is_whole = !by_name && own.iter().any(|(test, _)| test.is_empty());
        // Once is enough for what is not expected to end.
        let now = own.into_iter().filter(|_| repeat == 0);
        for (test, run) in now.filter(|(test, _)| by_name != test.is_empty()) {
            if done.interrupted || self.is_over() {
                break;
            }
            self.once_more(target, &test, &run, done);
        }
        is_whole
    }

    fn once_more(&mut self, target: &Target, test: &str, run: &str, done: &mut Exercised) {
        let limit = (self.bench.limits.test / PART)
            .max(LEAST)
            .min(self.test_limit());
        let heard = self.alone_within(target, test, limit);
        let name = if test.is_empty() {
            target.label.clone()
        } else {
            format!("{}::{test}", target.label)
        };
        if timed_out(&heard.output.ended) && self.reports(&heard).is_empty() {
            let why = format!("ended after {} s: it did not end in {run}", limit.as_secs());
            done.overdue.insert(name.clone());
            done.cases.insert(name, Fate::Cut(why));
        } else {
            self.judge(target, &name, test, &heard, 0, done);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(label: &str, harness: bool) -> Target {
        Target {
            label: label.to_owned(),
            kind: TargetKind::Test,
            argv: Vec::new(),
            env: Vec::new(),
            cwd: std::path::PathBuf::new(),
            harness,
            pick: Vec::new(),
        }
    }

    #[test]
    fn a_test_belongs_to_its_target_and_keeps_the_run_that_met_it_first() {
        let names = ["lib::a::waits", "library::b", "program"].map(str::to_owned);
        let mut overdue = Overdue::default();
        overdue.add(&names, "unit/debug");
        overdue.add(&names, "unit/release");
        let of = |label, harness| overdue.of(&target(label, harness));
        let first = "unit/debug".to_owned();
        assert_eq!(of("lib", true), [("a::waits".to_owned(), first.clone())]);
        assert_eq!(of("program", false), [(String::new(), first)]);
        assert_eq!(of("pro", true), []);
    }
}
