//! `cargo assay audit`: the whole of it, and the files it leaves.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use assay_engine::Cancel;
use assay_evidence::render::Layout;
use assay_evidence::{Evidence, exit_code, verdict};

use crate::args::{AuditArguments, Format};
use crate::console::Console;
use crate::report::rendered;

/// The reports that every audit writes.
const FILES: &[(&str, Format)] = &[
    ("evidence.json", Format::Json),
    ("report.md", Format::Md),
    ("report.html", Format::Html),
    ("report.sarif", Format::Sarif),
];

pub(crate) fn run(arguments: AuditArguments, console: &mut Console) -> Result<u8> {
    let format = arguments.format;
    let options = arguments.options();
    let cancel = Cancel::default();
    stop_at_signals(&cancel)?;
    let audit = assay_engine::audit(&options, &cancel, console)?;
    write_reports(&audit.evidence, &audit.folder)?;
    let mut text = rendered(&audit.evidence, format, console.layout());
    if format == Format::Human {
        list_reports(&mut text, &audit.folder)?;
    }
    console.result(&text)?;
    Ok(exit_code::of(&verdict(&audit.evidence)))
}

/// Says where the reports lie.
pub(crate) fn list_reports(text: &mut String, folder: &Path) -> Result<()> {
    text.push_str("\nReports:\n");
    for (name, _) in FILES {
        let path = folder.join(name);
        writeln!(text, "  {}", shown(&path).display())?;
    }
    Ok(())
}

/// The first signal asks the engine to keep what it has and stop; the second ends the program.
pub(crate) fn stop_at_signals(cancel: &Cancel) -> Result<()> {
    let cancel = cancel.clone();
    ctrlc::set_handler(move || {
        if cancel.is_requested() {
            std::process::exit(i32::from(exit_code::INCOMPLETE));
        }
        cancel.request();
    })
    .context("failed to listen for Ctrl-C")
}

/// Each file is written beside its place and then moved, so that a full disk leaves the old one whole.
pub(crate) fn write_reports(evidence: &Evidence, folder: &Path) -> Result<()> {
    for (name, format) in FILES {
        let path = folder.join(name);
        let partial = folder.join(format!("{name}.partial"));
        std::fs::write(&partial, rendered(evidence, *format, Layout::default()))
            .and_then(|()| std::fs::rename(&partial, &path))
            .with_context(|| format!("failed to write `{}`", path.display()))?;
    }
    Ok(())
}

/// The path relative to the current folder where it lies below it.
fn shown(path: &Path) -> &Path {
    let relative = std::env::current_dir().ok();
    relative
        .and_then(|here| path.strip_prefix(here).ok())
        .unwrap_or(path)
}
