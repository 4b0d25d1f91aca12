//! Builds and executes the exercise under one mode of a layer.
//!
//! A test binary runs whole at first. Where it dies, hangs or breaks off, the tests without a result
//! run again, each in a process of its own: the others still run, and the guilty one has a name.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::hits::{self, HitsFile};
use crate::layers::{Heard, Layer, Mode, Runner, Workbench};
use crate::parse::miri;
use crate::process::{Bounds, Call, Ended, Log};

mod build;
mod exercise;
mod isolate;
mod overdue;
mod own;
mod target;
mod valgrind;

pub(crate) use build::{NotBuilt, What};
pub(crate) use exercise::{Exercised, Fate};
pub(crate) use overdue::Overdue;
pub(crate) use target::{Target, TargetKind, harnessless, sources_mention};

/// A copy of the workspace that cargo builds alone.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    /// The copy's own folder.
    pub(crate) root: PathBuf,
    /// The folder of the driver's manifest.
    pub(crate) driver_dir: PathBuf,
    /// The driver's manifest.
    pub(crate) driver_manifest: PathBuf,
    /// Folders of packages that the driver does not depend on.
    pub(crate) idle: Vec<PathBuf>,
    /// Arguments that every cargo command needs here.
    pub(crate) cargo_args: Vec<String>,
    /// Variables that every cargo command needs here.
    pub(crate) env: Vec<(String, String)>,
    /// Where layers put their target folders.
    pub(crate) target_root: PathBuf,
}

/// What a process is asked: whether it notices a mutant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// The mutant that is switched on; none: what happens without.
    pub(crate) mutant: Option<u32>,
}

/// One mode of one layer at work in one tree.
pub(crate) struct Rig<'a> {
    pub(crate) bench: &'a Workbench<'a>,
    pub(crate) layer: &'a dyn Layer,
    pub(crate) mode: &'a Mode,
    pub(crate) tree: &'a Tree,
    /// Where the probe counts; none: nothing is counted.
    pub(crate) hits: Option<&'a HitsFile>,
    pub(crate) log: Log,
    /// When the run as a whole is over.
    pub(crate) deadline: Instant,
    /// Processes that executed a counter, under Miri.
    pub(crate) interpreted: BTreeMap<usize, u64>,
    /// The control's target, where one is placed.
    pub(crate) control: Option<String>,
    /// The copy that it works in, where that is not the one with counters.
    pub(crate) copy: &'static str,
    /// What is asked of each process, where that is not the tests' own result.
    pub(crate) question: Option<Question>,
    /// Tests that are known not to end.
    pub(crate) overdue: Overdue,
    /// Numbers the files that processes write.
    sequence: u32,
}

impl<'a> Rig<'a> {
    pub(crate) fn new(
        bench: &'a Workbench<'a>,
        layer: &'a dyn Layer,
        mode: &'a Mode,
        tree: &'a Tree,
        log: Log,
    ) -> Self {
        let run = bench.limits.run.saturating_mul(mode.patience);
        Self {
            bench,
            layer,
            mode,
            tree,
            hits: None,
            log,
            deadline: Instant::now() + run,
            interpreted: BTreeMap::new(),
            control: None,
            copy: "",
            question: None,
            overdue: Overdue::default(),
            sequence: 0,
        }
    }

    /// Starts the clock of the run anew; a build is not part of it.
    pub(crate) fn start_clock(&mut self) {
        let run = self.bench.limits.run.saturating_mul(self.mode.patience);
        self.deadline = Instant::now() + run;
    }

    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// The limit of one test.
    pub(crate) fn test_limit(&self) -> Duration {
        self.bench.limits.test.saturating_mul(self.mode.patience)
    }

    /// The target folder of the mode.
    pub(crate) fn target_dir(&self) -> PathBuf {
        // Cargo names what it builds by paths relative to the workspace: two copies in one folder would
        // be one package to it, and the older build would pass for the newer.
        self.tree.target_root.join(self.copy).join(self.mode.folder)
    }

    /// Runs a program of the exercise. A process alone may be silent up to its limit; a batch may run
    /// on as long as a test ends now and then.
    pub(crate) fn launch(&mut self, target: &Target, arguments: &[&str], alone: bool) -> Heard {
        self.launch_within(target, arguments, alone, self.test_limit())
    }

    /// The same within another limit than that of a test.
    fn launch_within(
        &mut self,
        target: &Target,
        arguments: &[&str],
        alone: bool,
        limit: Duration,
    ) -> Heard {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let bounds = Bounds {
            time: if alone { limit.min(left) } else { left },
            idle: (!alone).then_some(limit),
            memory: self
                .mode
                .bound_memory
                .then_some(self.bench.limits.memory_bytes),
        };
        let xml = self.report_file();
        let mut argv = self.wrapper(target, xml.as_deref());
        argv.extend(target.argv.iter().cloned());
        argv.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let mut call = Call::new(argv, &target.cwd, bounds);
        call.env = self.run_env(target, alone);
        call.env.extend(self.following_env(target, xml.as_deref()));
        let output = call.run(self.bench.cancel, &mut self.log);
        for counter in miri::hits(&output.stderr) {
            *self.interpreted.entry(counter).or_default() += 1;
        }
        let xml = xml
            .map(|path| self.take_reports(target, &path))
            .unwrap_or_default();
        let built = (target.kind == TargetKind::Command).then(|| {
            let folder = self.target_dir();
            // Reports name files without links.
            folder.canonicalize().unwrap_or(folder)
        });
        Heard { output, xml, built }
    }

    fn run_env(&self, target: &Target, alone: bool) -> Vec<(String, String)> {
        let mut env = self.mode.run_env.clone();
        env.extend(target.env.iter().cloned());
        if let Some(hits) = self.hits {
            let path = hits.path().to_string_lossy().into_owned();
            env.push((hits::VARIABLE.to_owned(), path));
            if matches!(self.mode.runner, Runner::Valgrind(_)) {
                env.push((hits::UNDER.to_owned(), valgrind::PRELOADED.to_owned()));
            }
        }
        let mutant = self.question.as_ref().and_then(|question| question.mutant);
        env.extend(mutant.map(|number| ("ASSAY_MUTANT".to_owned(), number.to_string())));
        // A backtrace costs as much as a test; only a test that is looked at alone needs it.
        let is_needed = alone && self.question.is_none();
        let backtrace = if is_needed { "1" } else { "0" };
        env.push(("RUST_BACKTRACE".to_owned(), backtrace.to_owned()));
        env
    }
}

/// Whether a child was ended by a limit of time.
pub(crate) fn timed_out(ended: &Ended) -> bool {
    matches!(ended, Ended::TimedOut | Ended::Stalled)
}
