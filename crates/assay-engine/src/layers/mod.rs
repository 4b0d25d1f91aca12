//! The layers: what each needs, how it builds and runs, and how its reports are read.
//!
//! A layer is a file that implements [`Layer`]; building, running, isolating and attributing are the
//! same for all of them.

use std::path::{Path, PathBuf};

use assay_evidence::{
    Atomic, BugClass, Control, Exercise, Finding, Hit, LayerName, Run, Site, SiteId,
};
use cargo_metadata::{Metadata, Package, TargetKind};

use crate::cache::Cache;
use crate::drive::{Tree, sources_mention};
use crate::instrument::Columns;
use crate::parse::RawFinding;
use crate::process::{Ended, Output};
use crate::tools::Tools;
use crate::{Cancel, Limits};

mod alloc;
mod asan;
mod memcheck;
mod miri;
mod mode;
mod models;
mod record;
mod run;
mod tsan;
mod unit;

pub(crate) use mode::{Mode, Runner};
pub(crate) use record::Record;
pub(crate) use run::run_layers;

/// Everything that layers work with.
pub(crate) struct Workbench<'a> {
    pub(crate) metadata: &'a Metadata,
    pub(crate) driver: &'a Package,
    pub(crate) exercise: &'a Exercise,
    /// The user's features as arguments of cargo, for commands by hand.
    pub(crate) feature_args: Vec<String>,
    /// Flags that the user's configuration gives to the compiler.
    pub(crate) user_flags: &'a [String],
    pub(crate) original: &'a Tree,
    pub(crate) instrumented: &'a Tree,
    /// The site of each counter.
    pub(crate) counters: &'a [SiteId],
    pub(crate) sites: &'a [Site],
    pub(crate) atomics: &'a [Atomic],
    /// A path as a tool reports it, relative to the subject's root, where it lies there.
    pub(crate) map: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Columns of the source for those that tools report.
    pub(crate) columns: &'a Columns,
    pub(crate) tools: &'a Tools,
    pub(crate) limits: Limits,
    pub(crate) cancel: &'a Cancel,
    pub(crate) cache: Option<&'a Cache>,
    /// The folder of the logs; its name is the log's path in the evidence.
    pub(crate) logs: &'a Path,
    pub(crate) selected: Option<&'a [LayerName]>,
}

/// What the layers found.
#[derive(Debug, Default)]
pub(crate) struct LayerRecords {
    pub(crate) layers: Vec<assay_evidence::Layer>,
    pub(crate) runs: Vec<Run>,
    pub(crate) hits: Vec<Hit>,
    pub(crate) controls: Vec<Control>,
    pub(crate) findings: Vec<Finding>,
    /// Whether a request to stop cut it short.
    pub(crate) interrupted: bool,
}

impl LayerRecords {
    /// The records where no layer was run over the crate itself.
    pub(crate) fn unaudited() -> Self {
        let layer = |name| assay_evidence::Layer {
            name,
            status: assay_evidence::LayerStatus::NotRun {
                reason: "only mutants were asked about; `cargo assay audit` runs the layers"
                    .to_owned(),
            },
            tool: None,
            notes: Vec::new(),
        };
        Self {
            layers: LayerName::ALL.map(layer).into(),
            ..Self::default()
        }
    }
}

/// A layer of validation.
pub(crate) trait Layer: Sync {
    fn name(&self) -> LayerName;

    /// Whether it can run here.
    fn need(&self, tools: &Tools) -> Need;

    /// The tool behind it where the audited package brings it, or why there is nothing to look at.
    fn brought(&self, _bench: &Workbench<'_>) -> Result<Option<String>, String> {
        Ok(None)
    }

    /// The ways in which it builds and runs.
    fn modes(&self, bench: &Workbench<'_>) -> Vec<Mode>;

    /// The bug that it has to catch in the same run.
    fn planted(&self, mode: &Mode) -> Planted;

    /// The reports in a process's output.
    fn findings(&self, _heard: &Heard) -> Vec<RawFinding> {
        Vec::new()
    }

    /// Why the layer could not execute a program to its end, if that is what the output says.
    fn cut(&self, _heard: &Heard) -> Option<String> {
        None
    }

    /// Why a report may have its cause outside the audited code.
    fn doubt(&self, _finding: &RawFinding, _bench: &Workbench<'_>) -> Option<String> {
        None
    }

    /// Why the exercise can never build under this layer, if that is what the error says.
    fn unbuildable(&self, _error: &str) -> Option<String> {
        None
    }
}

/// Every layer, in the order of reports.
pub(crate) fn all() -> [&'static dyn Layer; 8] {
    [
        &unit::Unit,
        &alloc::Alloc,
        &asan::Asan,
        &tsan::Tsan,
        &memcheck::Memcheck,
        &miri::Miri,
        &models::Loom,
        &models::Shuttle,
    ]
}

/// Whether a layer can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Ready { tool: String, notes: Vec<String> },
    NotRun(String),
}

impl Need {
    fn ready(tool: impl Into<String>) -> Self {
        Self::Ready {
            tool: tool.into(),
            notes: Vec::new(),
        }
    }

    fn noting(mut self, note: &str) -> Self {
        if let Self::Ready { notes, .. } = &mut self {
            notes.push(note.to_owned());
        }
        self
    }

    /// Notes why reports lack something that a missing tool would give.
    fn noting_missing<T>(self, found: &Result<T, String>) -> Self {
        match found {
            Ok(_) => self,
            Err(reason) => self.noting(&format!("stacks have no lines: {reason}")),
        }
    }
}

/// A planted bug: a test target of its own, and what the layer must say of each of its tests.
#[derive(Clone, Debug)]
pub(crate) struct Planted {
    pub(crate) source: &'static str,
    pub(crate) tests: Vec<(&'static str, BugClass)>,
    /// Words that the output must have, where the class alone could come from anything.
    pub(crate) saying: Option<&'static str>,
    /// Whether the probe itself has to catch it.
    pub(crate) needs_probe: bool,
}

impl Planted {
    fn new(source: &'static str) -> Self {
        Self {
            source,
            tests: Vec::new(),
            saying: None,
            needs_probe: false,
        }
    }

    fn with(mut self, test: &'static str, class: BugClass) -> Self {
        self.tests.push((test, class));
        self
    }

    fn by_the_probe(mut self) -> Self {
        self.needs_probe = true;
        self
    }

    fn saying(mut self, words: &'static str) -> Self {
        self.saying = Some(words);
        self
    }
}

/// What a process of the exercise said.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) output: Output,
    /// The tool's own report files, one a process.
    pub(crate) xml: Vec<String>,
    /// For a command, the folder of what was built: a process without code from there says nothing of the audit's.
    pub(crate) built: Option<PathBuf>,
}

impl Heard {
    /// A part of another process's output.
    pub(crate) fn of_text(text: &str) -> Self {
        Self {
            output: Output {
                ended: Ended::Exited(101),
                stdout: String::new(),
                stderr: text.to_owned(),
            },
            xml: Vec::new(),
            built: None,
        }
    }
}

impl<'a> Workbench<'a> {
    /// Whether the driver has a library whose doctests run.
    pub(crate) fn has_doctests(&self) -> bool {
        self.driver.targets.iter().any(|target| target.doctest)
    }

    pub(crate) fn has_target_mentioning(&self, words: &[&str]) -> bool {
        !self.targets_mentioning(words).is_empty()
    }

    /// Arguments of cargo for the driver's test targets whose source has one of the words.
    pub(crate) fn targets_mentioning(&self, words: &[&str]) -> Vec<String> {
        let mut picked = Vec::new();
        for target in &self.driver.targets {
            let is = |kind: TargetKind| target.kind.contains(&kind);
            if is(TargetKind::Test) && self.mentions(target, words) {
                picked.extend(["--test".to_owned(), target.name.clone()]);
            }
            // A library names the checker where it swaps its atomics; a model is more than that.
            let models = ["loom::model", "shuttle::check"];
            if is(TargetKind::Lib) && self.mentions(target, &models) {
                picked.push("--lib".to_owned());
            }
        }
        picked
    }

    /// The driver's test targets, by whether their source has the word: those without it, and those with it.
    pub(crate) fn tests_by_mention(&self, word: &str) -> (Vec<&'a str>, Vec<&'a str>) {
        let targets = self.driver.targets.iter();
        let tests = targets.filter(|target| target.kind.contains(&TargetKind::Test));
        let judged = tests.map(|target| (target.name.as_str(), self.mentions(target, &[word])));
        let (with, without): (Vec<_>, Vec<_>) = judged.partition(|(_, mentions)| *mentions);
        let names =
            |judged: Vec<(&'a str, bool)>| judged.into_iter().map(|(name, _)| name).collect();
        (names(without), names(with))
    }

    fn mentions(&self, target: &cargo_metadata::Target, words: &[&str]) -> bool {
        let root = self.driver.manifest_path.parent();
        let root = root.map_or(Path::new(""), |path| path.as_std_path());
        sources_mention(self.instrumented, target, root, words)
    }
}

#[cfg(test)]
mod tests;
