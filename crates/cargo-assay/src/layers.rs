//! `cargo assay layers`: what can run on this machine.

use std::fmt::Write as _;

use anyhow::Result;
use assay_evidence::{LayerName, LayerStatus, exit_code};

use crate::console::Console;

pub(crate) fn run(console: &Console) -> Result<u8> {
    let mut text = String::new();
    for layer in assay_engine::layers()? {
        let name = label(layer.name);
        match (&layer.status, &layer.tool) {
            (LayerStatus::Ran, Some(tool)) => writeln!(text, "{name:<10} ready    {tool}")?,
            (LayerStatus::Ran, None) => writeln!(text, "{name:<10} ready")?,
            (LayerStatus::NotRun { reason } | LayerStatus::NotApplicable { reason }, _) => {
                writeln!(text, "{name:<10} not here {reason}")?;
            }
        }
        for note in &layer.notes {
            writeln!(text, "{:<10} note: {note}", "")?;
        }
        let classes: Vec<_> = layer
            .name
            .classes()
            .iter()
            .map(|class| class.as_str())
            .collect();
        writeln!(text, "{:<10} sees: {}", "", classes.join(", "))?;
    }
    console.result(&text)?;
    Ok(exit_code::SUPPORTED)
}

fn label(layer: LayerName) -> &'static str {
    match layer {
        LayerName::Asan => "asan+lsan",
        other => other.as_str(),
    }
}
