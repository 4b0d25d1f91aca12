//! `cargo assay gate`: thresholds over evidence.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use assay_evidence::gate::{Gate, GateFile, check};
use assay_evidence::{Evidence, Measurements, exit_code};

use crate::args::GateArguments;
use crate::console::Console;
use crate::failure::Usage;
use crate::report;

pub(crate) fn run(arguments: &GateArguments, console: &Console) -> Result<u8> {
    let gates = gates(arguments)?;
    let mut named = evidence(arguments)?;
    let mut figures = figures(arguments)?;
    let folder = arguments.gate.parent().unwrap_or(Path::new(""));
    let mut text = String::new();
    let mut is_met = true;
    for (package, gate) in &gates {
        let found = match named.remove(package) {
            Some(evidence) => Some(evidence),
            None => stored(&audited(package))?,
        };
        let Some(mut evidence) = found else {
            is_met = false;
            let place = audited(package);
            writeln!(
                text,
                "{package}: not met\n- evidence: there is none at `{}`\n  to do: make it: cargo assay audit -p {package}",
                place.display()
            )?;
            continue;
        };
        for more in figures.remove(package).unwrap_or_default() {
            evidence.add_measurements(more);
        }
        if arguments.save_baseline {
            save(package, gate, folder, evidence, &mut text)?;
        } else {
            is_met &= hold(package, gate, folder, &evidence, &mut text)?;
        }
    }
    console.result(&text)?;
    Ok(if is_met {
        exit_code::SUPPORTED
    } else {
        exit_code::INCOMPLETE
    })
}

/// Says whether a package meets its gate, and what to do if it does not.
fn hold(
    package: &str,
    gate: &Gate,
    folder: &Path,
    evidence: &Evidence,
    text: &mut String,
) -> Result<bool> {
    let baseline = match &gate.baseline {
        Some(path) => stored(&folder.join(path))?,
        None => None,
    };
    let shortfalls = check(gate, evidence, baseline.as_ref());
    if shortfalls.is_empty() {
        writeln!(text, "{package}: met")?;
        return Ok(true);
    }
    writeln!(text, "{package}: not met")?;
    for shortfall in &shortfalls {
        let lines = shortfall.to_string();
        // What audited code names itself is no control sequence.
        let lines = lines.replace(|c: char| c.is_control() && c != '\n', " ");
        writeln!(text, "- {lines}")?;
    }
    Ok(false)
}

fn save(
    package: &str,
    gate: &Gate,
    folder: &Path,
    evidence: Evidence,
    text: &mut String,
) -> Result<()> {
    let Some(path) = &gate.baseline else {
        return Err(Usage(format!(
            "the gate of {package} names no baseline; add `baseline = \"FILE\"` to it"
        ))
        .into());
    };
    let path = folder.join(path);
    let written = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&path, evidence.without_sources().to_json()));
    written.with_context(|| format!("failed to write `{}`", path.display()))?;
    writeln!(text, "{package}: stored in `{}`", path.display())?;
    Ok(())
}

/// The gates that were asked for.
fn gates(arguments: &GateArguments) -> Result<BTreeMap<String, Gate>> {
    let path = &arguments.gate;
    let wrong = |message: String| Usage(format!("gate file `{}`: {message}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let file: GateFile =
        toml_edit::de::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let mut gates = file.gate;
    if let Some(package) = &arguments.package {
        gates.retain(|name, _| name == package);
        if gates.is_empty() {
            return Err(wrong(format!("it has no gate for `{package}`")).into());
        }
    }
    if gates.is_empty() {
        return Err(wrong("it has no gate: add `[gate.PACKAGE]`".to_owned()).into());
    }
    Ok(gates)
}

/// The evidence files that were named, by package.
fn evidence(arguments: &GateArguments) -> Result<BTreeMap<String, Evidence>> {
    let read = |path: &PathBuf| {
        let evidence = report::read(path)?;
        Ok((evidence.subject.package.clone(), evidence))
    };
    arguments.evidence.iter().map(read).collect()
}

/// The files of figures that were named, by package.
fn figures(arguments: &GateArguments) -> Result<BTreeMap<String, Vec<Measurements>>> {
    let mut figures: BTreeMap<String, Vec<Measurements>> = BTreeMap::new();
    for path in &arguments.figures {
        let wrong = |message: String| Usage(format!("`{}`: {message}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let more = Measurements::from_json(&text).map_err(|error| wrong(error.to_string()))?;
        figures.entry(more.package.clone()).or_default().push(more);
    }
    Ok(figures)
}

fn audited(package: &str) -> PathBuf {
    Path::new("target/assay")
        .join(package)
        .join("evidence.json")
}

/// Evidence where there is a file of it.
fn stored(path: &Path) -> Result<Option<Evidence>> {
    path.exists().then(|| report::read(path)).transpose()
}
