//! `cargo assay inventory`: the sites, without running anything.

use std::fmt::Write as _;

use anyhow::Result;
use assay_engine::{Cancel, Survey};
use assay_evidence::{Built, Site, exit_code};

use crate::args::InventoryArguments;
use crate::console::Console;

pub(crate) fn run(arguments: InventoryArguments, console: &Console) -> Result<u8> {
    let (json, timing) = (arguments.json, arguments.timing);
    let options = arguments.subject.options();
    let report = assay_engine::survey(&options, &Cancel::default())?;
    let mut text = if json {
        let value = serde_json::json!({ "sites": report.sites, "atomics": report.atomics });
        let mut text = serde_json::to_string_pretty(&value)?;
        text.push('\n');
        text
    } else {
        listed(&report)?
    };
    if timing {
        let all = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        for scan in assay_engine::measure_scan(&options, &[1, all])? {
            writeln!(
                text,
                "syntax scan: {} files, {} lines, {} threads, {:.1} ms, {:.0} lines/s",
                scan.files,
                scan.lines,
                scan.threads,
                scan.elapsed.as_secs_f64() * 1e3,
                scan.lines_per_second(),
            )?;
        }
    }
    console.result(&text)?;
    Ok(exit_code::SUPPORTED)
}

fn listed(report: &Survey) -> Result<String> {
    let mut text = String::new();
    for site in &report.sites {
        writeln!(text, "{}", line(site))?;
    }
    for note in &report.notes {
        writeln!(text, "note: {note}")?;
    }
    let undocumented = report.sites.iter().filter(|site| site.safety.is_none());
    writeln!(
        text,
        "{} {}: {} unsafe sites ({} lint messages), {} built here, {} without a SAFETY text; {} atomic operations; {} lines",
        report.package,
        report.version,
        report.sites.len(),
        report.lint_messages,
        report
            .sites
            .iter()
            .filter(|site| site.built == Built::Yes)
            .count(),
        undocumented.count(),
        report.atomics.len(),
        report.lines,
    )?;
    Ok(text)
}

fn line(site: &Site) -> String {
    let place = format!("{}:{}:{}", site.span.file, site.span.line, site.span.column);
    let operations: Vec<_> = site.operations.iter().map(label).collect();
    let mut line = format!(
        "{}  {place:<32} {:<12} {}  [{}]",
        site.id,
        label(&site.kind),
        site.item,
        operations.join(", ")
    );
    if let Some(expansion) = &site.expansion {
        let count = expansion.calls.len();
        line.push_str(&format!("  {}! x{count}", expansion.macro_name));
    }
    if let Built::No { condition } = &site.built {
        line.push_str(&format!("  not built here: {condition}"));
    }
    line
}

/// The name that the JSON gives to an enumerated value.
fn label<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
