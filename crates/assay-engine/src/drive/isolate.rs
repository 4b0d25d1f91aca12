//! One process a test, and the original's say in what fails.

use std::time::Duration;

use assay_evidence::BugClass;

use super::build::What;
use super::exercise::failure;
use super::{Exercised, Fate, Rig, Target, Tree, timed_out};
use crate::layers::Heard;
use crate::parse::RawFinding;
use crate::parse::libtest::{self, Report, Result as TestResult};
use crate::parse::panic;
use crate::process::{Bounds, Call, Ended, Log, Output};

impl Rig<'_> {
    /// The tests of a target, or none where it does not list them.
    pub(crate) fn list(&mut self, target: &Target) -> Option<Vec<String>> {
        let question = ["--list", "--format", "terse"];
        let output = self.ask_unwatched(target, &question, self.test_limit());
        output.succeeded().then(|| libtest::listed(&output.stdout))
    }

    /// Runs a target for what it says of itself, which needs neither the wrapper nor the counters.
    pub(super) fn ask_unwatched(
        &mut self,
        target: &Target,
        arguments: &[&str],
        limit: Duration,
    ) -> Output {
        let mut argv = target.argv.clone();
        argv.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let bounds = Bounds {
            time: limit,
            idle: None,
            memory: None,
        };
        let mut call = Call::new(argv, &target.cwd, bounds);
        call.env.clone_from(&target.env);
        call.env.extend(self.mode.run_env.iter().cloned());
        call.run(self.bench.cancel, &mut self.log)
    }

    /// Runs tests alone: their batch ended early, or there is none. Whether all of them did well.
    pub(super) fn isolate(
        &mut self,
        target: &Target,
        left: &[String],
        repeat: u32,
        done: &mut Exercised,
    ) -> bool {
        let mut all_well = true;
        for test in left {
            let name = format!("{}::{test}", target.label);
            if self.is_over() {
                let reason = format!("not started: {} were over", self.over());
                // What an earlier repeat saw stands.
                done.cases.entry(name).or_insert(Fate::Cut(reason));
                done.limit = Some(self.over());
                continue;
            }
            let heard = self.alone(target, test);
            all_well &= self.judge(target, &name, test, &heard, repeat, done);
            if done.interrupted {
                break;
            }
        }
        all_well
    }

    /// Runs one test in a process of its own.
    pub(crate) fn alone(&mut self, target: &Target, test: &str) -> Heard {
        self.alone_within(target, test, self.test_limit())
    }

    pub(crate) fn alone_within(&mut self, target: &Target, test: &str, limit: Duration) -> Heard {
        if test.is_empty() {
            return self.launch_within(target, &[], true, limit);
        }
        let arguments = [test, "--exact", "--nocapture", "--test-threads=1"];
        // A harness of the package's own need not know more than the first three.
        let known = if target.harness { 4 } else { 3 };
        self.launch_within(target, &arguments[..known], true, limit)
    }

    /// Judges a process that ran one test. Whether it did well.
    pub(super) fn judge(
        &mut self,
        target: &Target,
        name: &str,
        test: &str,
        heard: &Heard,
        repeat: u32,
        done: &mut Exercised,
    ) -> bool {
        if heard.output.ended == Ended::Cancelled {
            done.interrupted = true;
            return true;
        }
        let mut reports = self.reports(heard);
        if !reports.is_empty() {
            done.cases
                .insert(name.to_owned(), Fate::Failed(reports[0].title.clone()));
            for finding in &mut reports {
                finding.test = Some(name.to_owned());
            }
            done.findings
                .extend(reports.into_iter().map(|finding| (repeat, finding)));
            return false;
        }
        if repeat > 0 && timed_out(&heard.output.ended) && self.is_over() {
            // The run's own end is no hang; what an earlier repeat saw stands.
            done.limit = Some(self.over());
            return true;
        }
        let fate = self.fate(test, heard);
        if timed_out(&heard.output.ended) {
            done.overdue.insert(name.to_owned());
        }
        let well = matches!(fate, Fate::Passed | Fate::Ignored | Fate::Cut(_));
        if let Some(finding) = self.suspicion(name, &fate, heard) {
            done.suspects
                .insert(name.to_owned(), (target.clone(), test.to_owned(), finding));
        }
        done.settle(name.to_owned(), fate);
        well
    }

    /// What became of the test of a process that reports nothing.
    pub(crate) fn fate(&self, test: &str, heard: &Heard) -> Fate {
        let output = &heard.output;
        if let Some(reason) = self.layer.cut(heard) {
            return Fate::Cut(reason);
        }
        if timed_out(&output.ended) {
            let limit = format!(
                "{} s under {}",
                self.test_limit().as_secs(),
                self.layer.name()
            );
            return if self.mode.hang_is_finding {
                Fate::TimedOut(limit)
            } else {
                Fate::Cut(format!("over its limit of {limit}"))
            };
        }
        if let Ended::NotStarted(why) = &output.ended {
            return Fate::Cut(why.clone());
        }
        if output.succeeded() {
            let report = Report::read(&output.stdout);
            return if report
                .results
                .values()
                .any(|result| *result == TestResult::Ignored)
            {
                Fate::Ignored
            } else if !test.is_empty() && report.finished && report.results.is_empty() {
                Fate::Cut("its name selects no test".to_owned())
            } else {
                Fate::Passed
            };
        }
        let text = output.text();
        if self.is_our_limit(&text, &output.ended) {
            return Fate::Cut("over its limit of memory".to_owned());
        }
        let why = panic::panic_message(&text).unwrap_or_else(|| ending(&output.ended));
        Fate::Failed(why)
    }

    /// A failed allocation under a limit of ours says nothing about the crate.
    fn is_our_limit(&self, text: &str, ended: &Ended) -> bool {
        let failed = text.contains("memory allocation of ") && text.contains(" bytes failed");
        failed && matches!(ended, Ended::Signalled(6))
    }

    fn suspicion(&self, name: &str, fate: &Fate, heard: &Heard) -> Option<RawFinding> {
        let mut finding = match fate {
            Fate::TimedOut(limit) => RawFinding::new(
                BugClass::Hang,
                format!("test `{name}` did not end within {limit}"),
            ),
            Fate::Failed(why) => {
                let text = heard.output.text();
                match panic::unexplained(&heard.output.ended, &text) {
                    Some(finding) if finding.class != BugClass::TestFailure => finding,
                    _ => failure(name, why),
                }
            }
            _ => return None,
        };
        finding.test = Some(name.to_owned());
        Some(finding)
    }

    /// A batch died, and each of its tests does well alone.
    pub(super) fn only_together(
        &self,
        target: &Target,
        batch: &Heard,
        repeat: u32,
        done: &mut Exercised,
    ) {
        if done.interrupted || self.layer.cut(batch).is_some() {
            return;
        }
        let ended = &batch.output.ended;
        let text = batch.output.text();
        let mut finding = if timed_out(ended) {
            if !self.mode.hang_is_finding {
                return;
            }
            let title = format!(
                "the tests of `{}` hang together and not alone",
                target.label
            );
            RawFinding::new(BugClass::Hang, title)
        } else {
            panic::unexplained(ended, &text).unwrap_or_else(|| {
                let title = format!(
                    "the tests of `{}` end early together and not alone: {}",
                    target.label,
                    ending(ended)
                );
                RawFinding::new(BugClass::TestFailure, title)
            })
        };
        finding.test = Some(target.label.clone());
        done.findings.push((repeat, finding));
    }

    /// Asks the original about every failure that no report explains: what passes there is the probe's
    /// fault. The original is built only when there is something to ask.
    pub(crate) fn confirm(&mut self, original: &Tree, done: &mut Exercised) {
        if done.suspects.is_empty() || done.interrupted {
            return;
        }
        let suspects = std::mem::take(&mut done.suspects);
        let log = std::mem::replace(&mut self.log, Log::discard());
        let mut rig = Rig::new(self.bench, self.layer, self.mode, original, log);
        rig.copy = "original";
        let built = rig.build(What::Exercise).unwrap_or_default();
        rig.start_clock();
        for (name, (target, test, finding)) in suspects {
            let same = built
                .iter()
                .find(|one| one.label == target.label && one.kind == target.kind);
            let passes = same.is_some_and(|one| rig.passes(one, &test));
            if passes && !self.bench.cancel.is_requested() {
                let why = finding.title.clone();
                done.cases.insert(name, Fate::ProbeFailure(why));
            } else {
                done.findings.push((0, finding));
            }
        }
        self.log = rig.log;
    }

    fn passes(&mut self, target: &Target, test: &str) -> bool {
        if self.is_over() {
            return false;
        }
        let doctest = target.pick.iter().any(|word| word == "--doc");
        if !doctest {
            return self.alone(target, test).output.succeeded();
        }
        // A doctest cannot be picked by its name, which has blanks.
        let report = Report::read(&self.launch(target, &[], false).output.stdout);
        report.results.get(test) == Some(&TestResult::Passed)
    }
}

fn ending(ended: &Ended) -> String {
    match ended {
        Ended::Exited(code) => format!("exit code {code}"),
        Ended::Signalled(signal) => format!("ended by {}", panic::signal_name(*signal)),
        Ended::TimedOut | Ended::Stalled => "over its time".to_owned(),
        Ended::Cancelled => "interrupted".to_owned(),
        Ended::NotStarted(why) => why.clone(),
    }
}
