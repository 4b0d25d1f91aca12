//! A run as the evidence and the cache keep it.

use std::collections::BTreeMap;
use std::time::Duration;

use assay_evidence::{
    CommandLine, Control, Hit, Outcome, Run, RunId, SiteId, TestCase, TestCounts, TestStatus,
};
use serde::{Deserialize, Serialize};

use super::run::{Times, outcome_of};
use crate::drive::{Exercised, Fate, Rig};
use crate::hits::HitsFile;
use crate::parse::RawFinding;

/// Everything that one run left, before its reports are attributed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) run: Run,
    pub(crate) hits: Vec<Hit>,
    pub(crate) controls: Vec<Control>,
    pub(crate) reports: Vec<Reported>,
    /// Tests that a limit of time ended.
    pub(crate) overdue: Vec<String>,
}

/// A report with the repeat that made it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reported {
    pub(crate) repeat: u32,
    pub(crate) finding: RawFinding,
    pub(crate) reproduce: CommandLine,
}

/// The record of a run that executed nothing.
pub(super) fn unbuilt(
    rig: &Rig<'_>,
    id: &RunId,
    outcome: Outcome,
    log: &str,
    build: Duration,
) -> Record {
    let times = Times {
        build,
        run: Duration::ZERO,
    };
    let mut record = of(
        rig,
        id,
        Exercised::default(),
        Vec::new(),
        Vec::new(),
        log,
        &times,
    );
    record.run.outcome = outcome;
    record.run.repeats = 0;
    record
}

/// The record of a run.
pub(super) fn of(
    rig: &Rig<'_>,
    id: &RunId,
    done: Exercised,
    hits: Vec<Hit>,
    controls: Vec<Control>,
    log: &str,
    times: &Times,
) -> Record {
    let folder = rig
        .bench
        .logs
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let run = Run {
        id: id.clone(),
        layer: rig.layer.name(),
        mode: rig.mode.name.to_owned(),
        command: rig.by_hand(),
        outcome: outcome_of(&done),
        tests: counts(&done),
        cases: cases(&done),
        seed: rig.mode.seed,
        repeats: done.repeats,
        build_ms: millis(times.build),
        run_ms: millis(times.run),
        log_sha256: rig.log.sha256(),
        log: format!("{folder}/{log}"),
        cached: false,
    };
    let overdue = done.overdue.iter().cloned().collect();
    let reports = done
        .findings
        .into_iter()
        .map(|(repeat, finding)| Reported {
            reproduce: reproduce(rig, &finding),
            repeat,
            finding,
        })
        .collect();
    Record {
        run,
        hits,
        controls,
        reports,
        overdue,
    }
}

/// Hits by site: a site can have several counters.
pub(super) fn hits(rig: &Rig<'_>, file: &HitsFile, id: &RunId) -> Vec<Hit> {
    let mut by_site: BTreeMap<&SiteId, u64> = BTreeMap::new();
    let counted = file.read().into_iter().enumerate();
    let interpreted = rig
        .interpreted
        .iter()
        .map(|(counter, count)| (*counter, *count));
    for (counter, count) in counted.chain(interpreted) {
        if let Some(site) = rig.bench.counters.get(counter).filter(|_| count > 0) {
            let sum = by_site.entry(site).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    by_site
        .into_iter()
        .map(|(site, count)| Hit {
            site: site.clone(),
            run: id.clone(),
            count,
        })
        .collect()
}

fn counts(done: &Exercised) -> TestCounts {
    let mut counts = TestCounts {
        filtered: done.filtered,
        ..TestCounts::default()
    };
    for fate in done.cases.values() {
        let count = match fate {
            Fate::Passed => &mut counts.passed,
            Fate::Ignored => &mut counts.ignored,
            Fate::Failed(_) => &mut counts.failed,
            // The probe's own faults say nothing about the crate, like the layer's limits.
            Fate::Cut(_) | Fate::ProbeFailure(_) => &mut counts.cut,
            Fate::TimedOut(_) => &mut counts.timed_out,
        };
        *count += 1;
    }
    counts
}

fn cases(done: &Exercised) -> Vec<TestCase> {
    done.cases
        .iter()
        .filter_map(|(name, fate)| {
            let (status, detail) = match fate {
                Fate::Passed => return None,
                Fate::Ignored => (TestStatus::Ignored, None),
                Fate::Failed(why) => (TestStatus::Failed, Some(why)),
                Fate::Cut(why) => (TestStatus::Cut, Some(why)),
                Fate::TimedOut(why) => (TestStatus::TimedOut, Some(why)),
                Fate::ProbeFailure(why) => (TestStatus::ProbeFailure, Some(why)),
            };
            Some(TestCase {
                name: name.clone(),
                status,
                detail: detail.cloned(),
            })
        })
        .collect()
}

/// The command that shows a finding again: the run's own, with the test picked where it has a name.
fn reproduce(rig: &Rig<'_>, finding: &RawFinding) -> CommandLine {
    let mut command = rig.by_hand();
    let Some((label, test)) = finding
        .test
        .as_deref()
        .and_then(|name| name.split_once("::"))
    else {
        return command;
    };
    if label == "doc" {
        command.argv.push("--doc".to_owned());
        return command;
    }
    let is_bin = rig.bench.driver.targets.iter().any(|target| {
        target.name == label && target.kind.contains(&cargo_metadata::TargetKind::Bin)
    });
    let pick: &[&str] = match label {
        "lib" => &["--lib"],
        _ if is_bin => &["--bin", label],
        _ => &["--test", label],
    };
    command
        .argv
        .extend(pick.iter().map(|&word| word.to_owned()));
    command
        .argv
        .extend(["--", test, "--exact"].map(str::to_owned));
    command
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
