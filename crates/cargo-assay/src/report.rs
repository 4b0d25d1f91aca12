//! `cargo assay report`: an evidence file in another form.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use assay_evidence::render::Layout;
use assay_evidence::{Evidence, exit_code, render, verdict};

use crate::args::{Format, ReportArguments};
use crate::console::Console;
use crate::failure::Usage;

pub(crate) fn run(arguments: &ReportArguments, console: &Console) -> Result<u8> {
    let evidence = read(&arguments.evidence)?;
    match &arguments.output {
        None => console.result(&rendered(&evidence, arguments.format, console.layout()))?,
        Some(path) => {
            let text = rendered(&evidence, arguments.format, Layout::default());
            std::fs::write(path, text)
                .with_context(|| format!("failed to write `{}`", path.display()))?;
        }
    }
    Ok(exit_code::of(&verdict(&evidence)))
}

/// The evidence in the asked form.
pub(crate) fn rendered(evidence: &Evidence, format: Format, layout: Layout) -> String {
    match format {
        Format::Human => render::terminal(evidence, layout),
        Format::Json => render::json(evidence),
        Format::Md => render::markdown(evidence),
        Format::Html => render::html(evidence),
        Format::Sarif => render::sarif(evidence),
    }
}

/// Reads an evidence file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Evidence> {
    let mut text = String::new();
    let outcome = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|content| text = content)
    };
    outcome.map_err(|error| Usage(format!("failed to read `{}`: {error}", path.display())))?;
    let evidence = Evidence::from_json(&text)
        .map_err(|error| Usage(format!("`{}`: {error}", path.display())))?;
    Ok(evidence)
}
