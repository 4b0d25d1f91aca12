//! The model checkers: loom, and shuttle.
//!
//! Both need models that the crate's authors wrote: test targets that use the checker, built with the
//! condition under which the crate swaps its atomics.

use assay_evidence::{BugClass, Exercise, LayerName, LayerStatus};
use cargo_metadata::Dependency;

use super::mode::vars;
use super::{Heard, Layer, Mode, Need, Planted, Workbench};
use crate::parse::RawFinding;
use crate::parse::model::{self, Verdict};
use crate::tools::Tools;

pub(crate) struct Loom;
pub(crate) struct Shuttle;

impl Layer for Loom {
    fn name(&self) -> LayerName {
        LayerName::Loom
    }

    fn need(&self, _: &Tools) -> Need {
        Need::ready("the version that the package depends on")
    }

    fn brought(&self, bench: &Workbench<'_>) -> Result<Option<String>, String> {
        brought("loom", LOOM_WORDS, bench).map(Some)
    }

    fn modes(&self, bench: &Workbench<'_>) -> Vec<Mode> {
        // The bound that loom's authors advise: past it, models take days.
        let seconds = (bench.limits.test.as_secs() / 2).max(1).to_string();
        let run_env = vars([
            ("LOOM_MAX_PREEMPTIONS", "3"),
            ("LOOM_MAX_DURATION", &seconds),
            ("LOOM_LOCATION", "1"),
        ]);
        vec![Mode {
            run_env,
            mentions: Some(LOOM_WORDS),
            ..mode("loom", bench)
        }]
    }

    fn planted(&self, _: &Mode) -> Planted {
        Planted::new(include_str!("../../testdata/planted/loom.rs"))
            .with("publishes_relaxed", BugClass::DataRace)
    }

    fn findings(&self, heard: &Heard) -> Vec<RawFinding> {
        found(model::loom(&heard.output.text()))
    }

    fn cut(&self, heard: &Heard) -> Option<String> {
        cut(model::loom(&heard.output.text()))
    }
}

impl Layer for Shuttle {
    fn name(&self) -> LayerName {
        LayerName::Shuttle
    }

    fn need(&self, _: &Tools) -> Need {
        Need::ready("the version that the package depends on")
    }

    fn brought(&self, bench: &Workbench<'_>) -> Result<Option<String>, String> {
        brought("shuttle", SHUTTLE_WORDS, bench).map(Some)
    }

    fn modes(&self, bench: &Workbench<'_>) -> Vec<Mode> {
        vec![Mode {
            mentions: Some(SHUTTLE_WORDS),
            run_env: vars([("SHUTTLE_RANDOM_SEED", "1")]),
            seed: Some(1),
            ..mode("shuttle", bench)
        }]
    }

    fn planted(&self, _: &Mode) -> Planted {
        Planted::new(include_str!("../../testdata/planted/shuttle.rs"))
            .with("locks_in_both_orders", BugClass::Deadlock)
    }

    fn findings(&self, heard: &Heard) -> Vec<RawFinding> {
        found(model::shuttle(&heard.output.text()))
    }

    fn cut(&self, heard: &Heard) -> Option<String> {
        cut(model::shuttle(&heard.output.text()))
    }
}

const LOOM_WORDS: &[&str] = &["loom::"];
const SHUTTLE_WORDS: &[&str] = &["shuttle::"];

fn mode(checker: &'static str, bench: &Workbench<'_>) -> Mode {
    let cfg = dependency(checker, bench)
        .map_or_else(|| checker.to_owned(), |found| cfg_of(found, checker));
    Mode {
        hang_is_finding: false,
        patience: 2,
        ..Mode::plain("model", checker)
            .cargo(&["--release"])
            .profile(
                "RELEASE",
                &[("DEBUG", "line-tables-only"), ("DEBUG_ASSERTIONS", "true")],
            )
            .rustflags(&["--cfg", &cfg])
    }
}

/// The checker's version, or why the driver has no models for it.
fn brought(checker: &str, words: &[&str], bench: &Workbench<'_>) -> Result<String, String> {
    let driver = &bench.driver.name;
    if *bench.exercise != Exercise::Tests {
        return Err(LayerStatus::NO_MODELS.to_owned());
    }
    if dependency(checker, bench).is_none() {
        return Err(format!("`{driver}` does not depend on {checker}"));
    }
    if !bench.has_target_mentioning(words) {
        return Err(format!(
            "no test target of `{driver}` has a model: none mentions `{}`",
            words[0]
        ));
    }
    let mut packages = bench.metadata.packages.iter();
    let package = packages.find(|package| package.name.as_str() == checker);
    Ok(package.map_or_else(
        || checker.to_owned(),
        |package| format!("{checker} {}", package.version),
    ))
}

fn dependency<'a>(checker: &str, bench: &'a Workbench<'_>) -> Option<&'a Dependency> {
    bench
        .driver
        .dependencies
        .iter()
        .find(|dependency| dependency.name == checker)
}

/// The condition under which the checker is a dependency, for example `loom` or `crossbeam_loom`.
fn cfg_of(dependency: &Dependency, checker: &str) -> String {
    let condition = dependency
        .target
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    condition
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .find(|word| word.contains(checker))
        .unwrap_or(checker)
        .to_owned()
}

fn found(verdict: Option<Verdict>) -> Vec<RawFinding> {
    match verdict {
        Some(Verdict::Found(finding)) => vec![finding],
        _ => Vec::new(),
    }
}

fn cut(verdict: Option<Verdict>) -> Option<String> {
    match verdict? {
        Verdict::Cut(reason) => Some(reason),
        Verdict::Found(_) => None,
    }
}
