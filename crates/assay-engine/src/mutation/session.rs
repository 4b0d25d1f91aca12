//! One layer at work on mutants: its build, its tests, and what they say.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use assay_evidence::{Answer, CommandLine, LayerName, Said};
use serde::{Deserialize, Serialize};

use crate::drive::{Fate, NotBuilt, Question, Rig, Target, Tree, What, timed_out};
use crate::hits::HitsFile;
use crate::layers::{Layer, Mode, Runner, Workbench};
use crate::process::{Ended, Log};

/// A test has at least this long, whatever it takes without a mutant.
const LEAST: Duration = Duration::from_secs(5);
/// And otherwise this many times as long.
const FACTOR: u32 = 10;
/// How often a layer that depends on chance looks at one mutant.
const REPEATS: u32 = 5;

/// A layer that is built.
pub(super) struct Session<'a> {
    bench: &'a Workbench<'a>,
    layer: &'static dyn Layer,
    mode: Mode,
    copy: Copy,
    targets: Vec<Target>,
}

/// The copy that a session works in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copy {
    /// All mutants, one of which the environment switches on.
    Together,
    /// One mutant, or none, and nothing that counts: what is compared with the compiler's messages is as it was.
    Alone,
}

/// The mode in which a layer is asked: its first, without the doctests, which are built anew for each run.
pub(super) fn mode(bench: &Workbench<'_>, layer: &dyn Layer) -> Option<Mode> {
    let mut mode = layer.modes(bench).into_iter().next()?;
    mode.doctests = false;
    // Choices look odd to the lints, and cargo would say so again before every test of Miri.
    Some(mode.rustflags(&["-Awarnings"]))
}

/// A test that passes without a mutant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Test {
    /// Its target's label.
    pub(super) target: String,
    /// Its name in the target; empty for a program.
    pub(super) name: String,
    /// What it takes.
    pub(super) time: Duration,
    /// The mutants that it executes.
    pub(super) reach: BTreeSet<u32>,
}

impl Test {
    /// What people know it by.
    pub(super) fn shown(&self) -> String {
        shown(&self.target, &self.name)
    }
}

fn shown(target: &str, test: &str) -> String {
    if test.is_empty() {
        target.to_owned()
    } else {
        format!("{target}::{test}")
    }
}

/// What one execution of a test said.
#[derive(Debug)]
enum Heard {
    Passed,
    Ignored,
    Noticed(String),
    TimedOut,
    Cut(String),
    Interrupted,
}

impl<'a> Session<'a> {
    /// Builds a layer's first mode in the instrumented copy of a bench.
    pub(super) fn build(
        bench: &'a Workbench<'a>,
        layer: &'static dyn Layer,
        copy: Copy,
    ) -> Result<Self, NotBuilt> {
        let none = || NotBuilt::Error("the layer has no mode".to_owned());
        let mode = mode(bench, layer).ok_or_else(none)?;
        let mut session = Self {
            bench,
            layer,
            mode,
            copy,
            targets: Vec::new(),
        };
        let mut rig = session.rig("build");
        let targets = rig.build(What::Exercise);
        drop(rig);
        session.targets = targets?;
        Ok(session)
    }

    pub(super) fn layer(&self) -> LayerName {
        self.layer.name()
    }

    /// Whether processes start fast and count what they execute.
    pub(super) fn is_direct(&self) -> bool {
        self.mode.runner == Runner::Direct
    }

    /// The command of the layer in the user's own tree.
    pub(super) fn command(&self) -> CommandLine {
        let modes = self.layer.modes(self.bench);
        let mode = modes.first().unwrap_or(&self.mode);
        let log = Log::discard();
        Rig::new(self.bench, self.layer, mode, self.bench.original, log).by_hand()
    }

    /// The tests, target and name, in the order of targets.
    pub(super) fn tests(&self) -> Vec<(String, String)> {
        let mut rig = self.rig("list");
        let mut tests = Vec::new();
        for target in &self.targets {
            let label = || target.label.clone();
            if target.harness {
                let names = rig.list(target).unwrap_or_default();
                tests.extend(names.into_iter().map(|name| (label(), name)));
            } else if let Some(own) = rig.own_tests(target) {
                tests.extend(own.names.into_iter().map(|name| (label(), name)));
            } else {
                tests.push((label(), String::new()));
            }
        }
        tests
    }

    /// Executes a test without a mutant; none for one that the layer leaves out. An error is why the layer's
    /// answers would prove nothing.
    pub(super) fn baseline(
        &self,
        worker: &mut Worker<'_>,
        target: &str,
        name: &str,
    ) -> Result<Option<Test>, String> {
        let limit = worker.rig.test_limit();
        // Without a reset the counts of the test before would count for this one.
        worker.hits.reset().map_err(|error| error.to_string())?;
        let start = Instant::now();
        let heard = worker.ask(self.target(target)?, name, None, limit, 1);
        let time = start.elapsed();
        let shown = shown(target, name);
        match heard {
            Heard::Passed => {
                let counts = worker.hits.read().into_iter().zip(0..);
                let reached = counts.filter(|(count, _)| *count > 0);
                Ok(Some(Test {
                    target: target.to_owned(),
                    name: name.to_owned(),
                    time,
                    reach: reached.map(|(_, number)| number).collect(),
                }))
            }
            // What the layer cannot execute says nothing, with a mutant or without.
            Heard::Ignored | Heard::Cut(_) => Ok(None),
            Heard::Noticed(why) => Err(format!("`{shown}` fails without a mutant: {why}")),
            // A slow layer that does not get through a test in its time says nothing of it.
            Heard::TimedOut if !self.mode.hang_is_finding => Ok(None),
            Heard::TimedOut => Err(format!(
                "`{shown}` does not end in its time without a mutant"
            )),
            Heard::Interrupted => Err("interrupted".to_owned()),
        }
    }

    fn target(&self, label: &str) -> Result<&Target, String> {
        let mut targets = self.targets.iter();
        let found = targets.find(|target| target.label == label);
        found.ok_or_else(|| format!("cargo did not build `{label}`"))
    }

    /// Asks tests, in their order, whether they notice a mutant, until their time is over; none where it was
    /// interrupted.
    pub(super) fn ask(
        &self,
        worker: &mut Worker<'_>,
        mutant: Option<u32>,
        tests: &[&Test],
        budget: Duration,
    ) -> Option<Answer> {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let answer = |asked: usize, said| {
            Some(Answer {
                layer: self.layer(),
                tests: number(asked),
                reaching: number(tests.len()),
                said,
            })
        };
        if tests.is_empty() {
            return answer(0, Said::Unreached);
        }
        let mut cut = None;
        let mut late = None;
        let mut passed = 0;
        let mut asked = 0;
        let mut spent = Duration::ZERO;
        for test in tests {
            // What a test takes without a mutant is known, so that the same ones are asked each time.
            spent += test.time;
            if spent > budget && asked > 0 {
                break;
            }
            asked += 1;
            let limit = self.limit(worker, test);
            let mut heard = self.hear(worker, test, mutant, limit);
            let mut timed_out = None;
            if matches!(heard, Heard::TimedOut) {
                timed_out = answer(asked, self.timed_out(worker, test, limit));
                if timed_out.as_ref().is_some_and(Answer::is_kill) {
                    // A hang hangs again; a machine that was busy for a moment does not.
                    heard = self.hear(worker, test, mutant, limit.saturating_mul(2));
                }
            }
            match heard {
                Heard::Passed | Heard::Ignored => passed += 1,
                Heard::Noticed(by) => {
                    let test = Some(test.shown());
                    return answer(asked, Said::Killed { test, by });
                }
                Heard::TimedOut if timed_out.as_ref().is_some_and(Answer::is_kill) => {
                    return timed_out;
                }
                // It may be the machine that is slow: another test may know more.
                Heard::TimedOut => late = late.or(timed_out),
                Heard::Cut(reason) => cut = cut.or(Some(reason)),
                Heard::Interrupted => return None,
            }
        }
        match (late, cut) {
            (Some(late), _) => Some(Answer {
                tests: number(asked),
                ..late
            }),
            (None, Some(reason)) if passed == 0 => answer(asked, Said::Cut { reason }),
            (None, _) => answer(asked, Said::Survived),
        }
    }

    /// Executes a test with a mutant.
    fn hear(
        &self,
        worker: &mut Worker<'_>,
        test: &Test,
        mutant: Option<u32>,
        limit: Duration,
    ) -> Heard {
        let mutant = mutant.filter(|_| self.copy == Copy::Together);
        let repeats = self.mode.repeats.clamp(1, REPEATS);
        match self.target(&test.target) {
            Ok(target) => worker.ask(target, &test.name, mutant, limit, repeats),
            Err(reason) => Heard::Cut(reason),
        }
    }

    /// A test that did not end in its time, beside the time that it takes without a mutant.
    ///
    /// A copy that holds one mutant cannot do without it, so that nothing tells a hang from a machine that has become
    /// slow: the time is then taken to be as long as the limit, and the answer is no kill.
    fn timed_out(&self, worker: &mut Worker<'_>, test: &Test, limit: Duration) -> Said {
        let without = match self.copy {
            Copy::Together => self.time_now(worker, test).max(test.time),
            Copy::Alone => limit,
        };
        Said::TimedOut {
            test: test.shown(),
            limit_ms: millis(limit),
            baseline_ms: millis(without),
        }
    }

    /// What a test takes without a mutant at this moment: the machine may be busier than it was.
    fn time_now(&self, worker: &mut Worker<'_>, test: &Test) -> Duration {
        let limit = worker.rig.test_limit();
        let start = Instant::now();
        if let Ok(target) = self.target(&test.target) {
            worker.ask(target, &test.name, None, limit, 1);
        }
        start.elapsed()
    }

    /// The time that a test has: many times what it takes, and no more than the user's limit.
    fn limit(&self, worker: &Worker<'_>, test: &Test) -> Duration {
        let patience = self.mode.patience.max(1);
        let least = LEAST.saturating_mul(patience.min(6));
        let long = test.time.saturating_mul(FACTOR).max(least);
        long.min(worker.rig.test_limit())
    }

    fn rig(&self, log: &str) -> Rig<'_> {
        let name = format!("mutate-{}-{log}.log", self.layer.name());
        let log = Log::create(&self.bench.logs.join(name));
        let tree: &Tree = self.bench.instrumented;
        let mut rig = Rig::new(self.bench, self.layer, &self.mode, tree, log);
        rig.copy = match self.copy {
            Copy::Together => "mutated",
            Copy::Alone => "mutant",
        };
        rig
    }
}

/// One of several that ask at the same time.
pub(super) struct Worker<'s> {
    rig: Rig<'s>,
    hits: &'s HitsFile,
}

impl<'s> Worker<'s> {
    /// The worker of this number; its file has a counter for each mutant.
    pub(super) fn new(session: &'s Session<'_>, number: usize, hits: &'s HitsFile) -> Self {
        let mut rig = session.rig(&number.to_string());
        rig.hits = (session.copy == Copy::Together).then_some(hits);
        Self { rig, hits }
    }

    /// The file of counters for the worker of this number.
    pub(super) fn counters(logs: &Path, number: usize, mutants: usize) -> Result<HitsFile, String> {
        let path = logs.join(format!("mutants-{number}"));
        HitsFile::create(path, mutants).map_err(|error| format!("the file of counters: {error}"))
    }

    /// Executes one test, until it does not pass or has passed `repeats` times.
    fn ask(
        &mut self,
        target: &Target,
        test: &str,
        mutant: Option<u32>,
        limit: Duration,
        repeats: u32,
    ) -> Heard {
        let mut last = Heard::Ignored;
        for _ in 0..repeats {
            last = self.once(target, test, mutant, limit);
            if !matches!(last, Heard::Passed) {
                break;
            }
        }
        last
    }

    fn once(&mut self, target: &Target, test: &str, mutant: Option<u32>, limit: Duration) -> Heard {
        let rig = &mut self.rig;
        rig.question = Some(Question { mutant });
        rig.start_clock();
        let heard = rig.alone_within(target, test, limit);
        if heard.output.ended == Ended::Cancelled {
            return Heard::Interrupted;
        }
        if let Some(report) = rig.reports(&heard).first() {
            return Heard::Noticed(format!("{}: {}", report.class, report.title));
        }
        if let Some(reason) = rig.layer.cut(&heard) {
            return Heard::Cut(reason);
        }
        if timed_out(&heard.output.ended) {
            return Heard::TimedOut;
        }
        match rig.fate(test, &heard) {
            Fate::Passed => Heard::Passed,
            Fate::Ignored => Heard::Ignored,
            Fate::Failed(why) | Fate::ProbeFailure(why) => Heard::Noticed(why),
            Fate::Cut(why) => Heard::Cut(why),
            Fate::TimedOut(_) => Heard::TimedOut,
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
