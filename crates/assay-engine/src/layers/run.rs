//! Runs every layer, and every mode of it, and gathers what they found.

use std::time::{Duration, Instant};

use assay_evidence::{BugClass, LayerName, LayerStatus, Outcome, Requirement, RunId, requirement};

use super::record::{self, Record};
use super::{Layer, LayerRecords, Mode, Need, Workbench, all};
use crate::attribute::Attributor;
use crate::content;
use crate::control::{self, Placed};
use crate::drive::{Exercised, Overdue, Rig, Target};
use crate::drive::{NotBuilt, What};
use crate::fingerprint::Fingerprint;
use crate::hits::HitsFile;
use crate::process::Log;
use crate::{Event, Events};

/// Runs the layers. On a request to stop it returns what it has.
pub(crate) fn run_layers(bench: &Workbench<'_>, events: &mut dyn Events) -> LayerRecords {
    let mut records = LayerRecords::default();
    let mut attributor = Attributor::new(bench);
    let content = content_of(bench);
    let mut hanging = Overdue::default();
    for layer in all() {
        let (mut entry, ready) = entry_of(layer, bench);
        if ready {
            let notes = run_layer(
                layer,
                bench,
                content.as_ref(),
                events,
                &mut records,
                &mut attributor,
                &mut hanging,
            );
            match notes {
                Ok(notes) => entry.notes.extend(notes),
                Err(reason) => entry.status = LayerStatus::NotRun { reason },
            }
        }
        if let LayerStatus::NotRun { reason } | LayerStatus::NotApplicable { reason } =
            &entry.status
        {
            let reason = reason.clone();
            events.event(Event::LayerSkipped {
                layer: layer.name(),
                reason,
            });
        }
        records.layers.push(entry);
    }
    spare_the_other_checker(&mut records.layers);
    records.findings = attributor.into_findings();
    records
        .hits
        .sort_by(|a, b| (&a.site, &a.run).cmp(&(&b.site, &b.run)));
    records.interrupted = bench.cancel.is_requested();
    records
}

/// Of loom and shuttle one is enough: where one ran and the package has no models for the other, that is by rule.
fn spare_the_other_checker(layers: &mut [assay_evidence::Layer]) {
    let ran = |layers: &[assay_evidence::Layer], name| {
        layers
            .iter()
            .any(|layer| layer.name == name && layer.status == LayerStatus::Ran)
    };
    for (name, other) in [
        (LayerName::Loom, LayerName::Shuttle),
        (LayerName::Shuttle, LayerName::Loom),
    ] {
        if !ran(layers, other) {
            continue;
        }
        for layer in layers.iter_mut().filter(|layer| layer.name == name) {
            // What the user left out, or what an interruption cut, could have reported something.
            let by_choice = [LayerStatus::LEFT_OUT, LayerStatus::INTERRUPTED];
            match &layer.status {
                LayerStatus::NotRun { reason } if !by_choice.contains(&reason.as_str()) => {
                    let reason = format!("{other} ran, and {reason}");
                    layer.status = LayerStatus::NotApplicable { reason };
                }
                _ => {}
            }
        }
    }
}

/// The layer's record before it runs, and whether it will.
fn entry_of(layer: &dyn Layer, bench: &Workbench<'_>) -> (assay_evidence::Layer, bool) {
    let name = layer.name();
    let entry = |status, tool, notes| assay_evidence::Layer {
        name,
        status,
        tool,
        notes,
    };
    let not_run = |reason: String| {
        (
            entry(LayerStatus::NotRun { reason }, None, Vec::new()),
            false,
        )
    };
    if bench
        .selected
        .is_some_and(|selected| !selected.contains(&name))
    {
        return not_run(LayerStatus::LEFT_OUT.to_owned());
    }
    if bench.cancel.is_requested() {
        return not_run(LayerStatus::INTERRUPTED.to_owned());
    }
    let not_applicable = |reason: String| {
        (
            entry(LayerStatus::NotApplicable { reason }, None, Vec::new()),
            false,
        )
    };
    let asked_for = bench.selected.is_some();
    let requirement = requirement(name, bench.sites, bench.atomics);
    let brought = layer.brought(bench);
    // A crate that has models gets them run, whatever its inventory calls for.
    let has_models = matches!(brought, Ok(Some(_)));
    if let (Requirement::NotRequired { why }, false) = (&requirement, asked_for || has_models) {
        return not_applicable((*why).to_owned());
    }
    match (layer.need(bench.tools), brought, requirement) {
        (Need::NotRun(reason), ..) => not_run(reason),
        (_, Err(reason), Requirement::NotRequired { .. }) => not_applicable(reason),
        // It has nothing to look at, and the crate needs one of its kind: that is no pass.
        (_, Err(reason), _) => not_run(reason),
        (Need::Ready { tool, notes }, Ok(brought), _) => {
            let tool = brought.unwrap_or(tool);
            (entry(LayerStatus::Ran, Some(tool), notes), true)
        }
    }
}

/// Runs a layer's modes. The notes of the layer, or why it could not run.
fn run_layer(
    layer: &dyn Layer,
    bench: &Workbench<'_>,
    content: Option<&Fingerprint>,
    events: &mut dyn Events,
    records: &mut LayerRecords,
    attributor: &mut Attributor<'_>,
    hanging: &mut Overdue,
) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    let mut ran = false;
    // What ends late under a slow layer hangs nowhere else by that.
    let mut late = Overdue::default();
    for mode in layer.modes(bench) {
        if bench.cancel.is_requested() {
            break;
        }
        let id = RunId(format!("{}/{}", layer.name(), mode.name));
        notes.extend(spared(bench, &mode));
        let start = Instant::now();
        let overdue = hanging.with(&late);
        let key = content
            .as_ref()
            .map(|content| key_of(layer, &mode, bench, content, &overdue));
        let record = match stored(bench, key.as_ref()) {
            Some(record) => record,
            None => {
                let record = execute(layer, &mode, &id, bench, overdue, events)?;
                if let (Some(key), Some(cache)) =
                    (&key, bench.cache.filter(|_| is_lasting(&record)))
                {
                    cache.put(key, &record);
                }
                record
            }
        };
        ran = true;
        notes.extend(fewer_repeats(&record.run, mode.repeats, bench.limits.run));
        let sites_hit = record.hits.len();
        if sites_hit == 0 && !bench.counters.is_empty() {
            notes.push(format!("`{}` executed no unsafe site", id.0));
        }
        let known = if mode.hang_is_finding {
            &mut *hanging
        } else {
            &mut late
        };
        known.add(&record.overdue, &id.0);
        let findings = attributor.add(layer, &record);
        events.event(Event::RunDone {
            run: id,
            took: start.elapsed(),
            findings,
            sites_hit,
            cached: record.run.cached,
        });
        records.runs.push(record.run);
        records.hits.extend(record.hits);
        records.controls.extend(record.controls);
    }
    if !ran {
        return Err("the audit was interrupted".to_owned());
    }
    Ok(notes)
}

/// Says that a run was not repeated as often as it was to be.
pub(super) fn fewer_repeats(
    run: &assay_evidence::Run,
    planned: u32,
    limit: Duration,
) -> Option<String> {
    let whole = matches!(run.outcome, Outcome::Passed | Outcome::Failed);
    let told = format!(
        "`{}` ran the tests {} of {planned} times: no repeat begins after {} s",
        run.id.0,
        run.repeats,
        limit.as_secs()
    );
    (whole && run.repeats < planned).then_some(told)
}

/// Says which test targets the mode leaves out.
fn spared(bench: &Workbench<'_>, mode: &Mode) -> Option<String> {
    let word = mode.spares?;
    let (_, spared) = bench.tests_by_mention(word);
    let names = spared.join("`, `");
    (!spared.is_empty())
        .then(|| format!("tests of `{names}` are not run: they have a `{word}` of their own"))
}

/// What the cache knows the copy by; none: nothing is taken from it.
fn content_of(bench: &Workbench<'_>) -> Option<Fingerprint> {
    bench.cache?;
    let tree = bench.instrumented;
    content::fingerprint(&tree.root, &tree.idle).ok()
}

/// The key of a run: the copy's content as far as the driver can read it, every flag and every tool.
fn key_of(
    layer: &dyn Layer,
    mode: &Mode,
    bench: &Workbench<'_>,
    content: &Fingerprint,
    overdue: &Overdue,
) -> Fingerprint {
    let limits = &bench.limits;
    Fingerprint::of([
        env!("CARGO_PKG_VERSION").to_owned(),
        content.to_string(),
        layer.name().to_string(),
        format!("{mode:?}"),
        format!("{:?}", bench.tools.environment()),
        format!("{:?} {:?} {}", limits.test, limits.run, limits.memory_bytes),
        format!("{:?} {:?}", bench.feature_args, bench.user_flags),
        format!("{:?} {}", bench.exercise, bench.driver.name),
        format!("{overdue:?}"),
    ])
}

fn stored(bench: &Workbench<'_>, key: Option<&Fingerprint>) -> Option<Record> {
    let mut record: Record = bench.cache?.get(key?)?;
    record.run.cached = true;
    Some(record)
}

/// Whether the same content would give the same record: what was cut short would not.
fn is_lasting(record: &Record) -> bool {
    matches!(record.run.outcome, Outcome::Passed | Outcome::Failed)
        && record.controls.iter().all(|control| control.caught)
}

/// Builds and runs one mode. An error is a reason for which the layer as a whole cannot run.
fn execute(
    layer: &dyn Layer,
    mode: &Mode,
    id: &RunId,
    bench: &Workbench<'_>,
    overdue: Overdue,
    events: &mut dyn Events,
) -> Result<Record, String> {
    let log_name = format!("{}-{}.log", layer.name(), mode.name);
    let log = Log::create(&bench.logs.join(&log_name));
    let mut rig = Rig::new(bench, layer, mode, bench.instrumented, log);
    let planted = layer.planted(mode);
    let mut placed = Placed::new(bench.instrumented, layer.name(), &planted);
    rig.control = placed.as_ref().ok().map(|placed| placed.name.clone());
    rig.overdue = overdue;

    events.event(Event::Building { run: id.clone() });
    let start = Instant::now();
    let (built, plant_error) = build(&mut rig, &mut placed);
    let build_time = start.elapsed();
    let targets = match built {
        Ok(targets) => targets,
        Err(NotBuilt::Interrupted) => {
            let outcome = Outcome::Interrupted;
            return Ok(record::unbuilt(&rig, id, outcome, &log_name, build_time));
        }
        Err(NotBuilt::Error(error)) => {
            if let Some(reason) = layer.unbuildable(&error) {
                return Err(reason);
            }
            let outcome = Outcome::DidNotBuild { error };
            return Ok(record::unbuilt(&rig, id, outcome, &log_name, build_time));
        }
    };
    events.event(Event::Running { run: id.clone() });
    let start = Instant::now();
    let (controls, exercise): (Vec<Target>, Vec<Target>) =
        targets.into_iter().partition(Target::is_control);
    let counted = HitsFile::create(bench.logs.join("hits"), bench.counters.len());
    let counted = counted.map_err(|error| format!("the file for hits: {error}"))?;
    rig.hits = Some(&counted);
    let mut done = rig.exercise(&exercise);
    let hits = record::hits(&rig, &counted, id);
    rig.hits = None;
    let controls = match plant_error {
        Some(error) => control::not_built(id, &planted, &error),
        None => control::run(&mut rig, id, &planted, &controls),
    };
    drop(placed);
    rig.confirm(bench.original, &mut done);
    let times = Times {
        build: build_time,
        run: start.elapsed(),
    };
    Ok(record::of(
        &rig, id, done, hits, controls, &log_name, &times,
    ))
}

/// How long the two halves of a run took.
pub(super) struct Times {
    pub(super) build: Duration,
    pub(super) run: Duration,
}

type Placement = Result<Placed, String>;

/// Builds with the control, and without it where it is the control that does not build.
fn build(
    rig: &mut Rig<'_>,
    placed: &mut Placement,
) -> (Result<Vec<Target>, NotBuilt>, Option<String>) {
    let first = rig.build(What::Exercise);
    let error = match (&first, &placed) {
        (_, Err(error)) => return (first, Some(error.clone())),
        (Err(NotBuilt::Error(error)), Ok(_)) => error.clone(),
        (Err(NotBuilt::Interrupted), _) => return (first, None),
        (Ok(_), Ok(placed)) => {
            let name = placed.name.clone();
            return with_control(rig, first, &name);
        }
    };
    // Without the control, the exercise has its own say.
    *placed = Err(error.clone());
    rig.control = None;
    (rig.build(What::Exercise), Some(error))
}

/// A program's build has no test targets, so the control is built beside it.
fn with_control(
    rig: &mut Rig<'_>,
    built: Result<Vec<Target>, NotBuilt>,
    name: &str,
) -> (Result<Vec<Target>, NotBuilt>, Option<String>) {
    let Ok(mut targets) = built else {
        return (built, None);
    };
    if targets.iter().any(Target::is_control) {
        return (Ok(targets), None);
    }
    match rig.build(What::Control(name)) {
        Ok(control) => {
            targets.extend(control.into_iter().filter(Target::is_control));
            (Ok(targets), None)
        }
        Err(NotBuilt::Error(error)) => (Ok(targets), Some(error)),
        Err(NotBuilt::Interrupted) => (Err(NotBuilt::Interrupted), None),
    }
}

/// How a run ended, by what it left.
pub(super) fn outcome_of(done: &Exercised) -> Outcome {
    if done.interrupted {
        return Outcome::Interrupted;
    }
    if let Some(limit) = &done.limit {
        return Outcome::LimitReached {
            limit: limit.clone(),
        };
    }
    let hygienic = |class: BugClass| class == BugClass::MissingSafety;
    if done
        .findings
        .iter()
        .all(|(_, finding)| hygienic(finding.class))
    {
        Outcome::Passed
    } else {
        Outcome::Failed
    }
}
