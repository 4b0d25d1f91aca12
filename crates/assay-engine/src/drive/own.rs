//! Targets with a harness of the package's own.
//!
//! cargo-nextest documents what such a harness answers to be run by it
//! (<https://nexte.st/docs/design/custom-test-harnesses/>): `--list --format terse` prints its tests as libtest does,
//! the same with `--ignored` those that are ignored, and `NAME --nocapture --exact` runs one. A target that answers
//! has its tests run one at a time, each with a name, a limit and a fate of its own. One that does not is one test,
//! its process. The question starts the program once, as cargo-nextest does.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Exercised, Fate, Rig, Target, TargetKind};
use crate::parse::libtest;

/// The part of a test's limit in which a target has to answer.
const PART: u32 = 4;

/// A program needs some time to start.
const LEAST: Duration = Duration::from_secs(5);

/// The tests that a harness of the package's own knows.
#[derive(Clone, Debug)]
pub(crate) struct OwnTests {
    /// What is run.
    pub(crate) names: Vec<String>,
    ignored: Vec<String>,
}

impl Rig<'_> {
    /// The tests of a target without libtest; none where it is one test.
    pub(crate) fn own_tests(&mut self, target: &Target) -> Option<OwnTests> {
        let is_test = matches!(target.kind, TargetKind::Unit | TargetKind::Test);
        if target.harness || !is_test {
            return None;
        }
        let names = self.answer(target, &["--list", "--format", "terse"])?;
        let ignored = self.answer(target, &["--list", "--format", "terse", "--ignored"])?;
        let is_ignored: BTreeSet<&String> = ignored.iter().collect();
        let names: Vec<String> = names
            .into_iter()
            .filter(|name| !is_ignored.contains(name))
            .collect();
        // A program without tests to run says the most when it runs whole.
        (!names.is_empty()).then_some(OwnTests { names, ignored })
    }

    fn answer(&mut self, target: &Target, question: &[&str]) -> Option<Vec<String>> {
        let limit = (self.test_limit() / PART).max(LEAST);
        let output = self.ask_unwatched(target, question, limit);
        let is_answer = output.succeeded();
        libtest::listed_strictly(&output.stdout).filter(|_| is_answer)
    }

    /// Runs the tests of such a target, each in a process of its own.
    pub(super) fn one_by_one(
        &mut self,
        target: &Target,
        own: &OwnTests,
        repeat: u32,
        done: &mut Exercised,
    ) {
        for test in &own.ignored {
            let name = format!("{}::{test}", target.label);
            done.cases.insert(name, Fate::Ignored);
        }
        let mut left = own.names.clone();
        let left_out = self.left_out(target);
        left.retain(|name| !left_out.contains(name));
        self.isolate(target, &left, repeat, done);
    }
}
