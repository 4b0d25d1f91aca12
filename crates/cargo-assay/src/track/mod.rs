//! `cargo assay track`: what any program did not give back.

mod folded;
mod text;

use anyhow::{Context as _, Result};
use assay_engine::{Ending, Tracking, track};
use assay_evidence::exit_code;

use crate::args::TrackArguments;
use crate::console::Console;

pub(crate) fn run(arguments: TrackArguments, console: &Console) -> Result<u8> {
    // The program is in the terminal's process group and hears of Ctrl-C itself; there is a report to make when it is gone.
    ctrlc::set_handler(|| {}).context("failed to listen for Ctrl-C")?;
    let tracking = track(&arguments.options())?;
    let report = if arguments.json {
        format!("{}\n", serde_json::to_string_pretty(&tracking)?)
    } else if arguments.folded {
        folded::folded(&tracking)
    } else {
        text::text(&tracking, arguments.top)
    };
    match &arguments.output {
        Some(path) => std::fs::write(path, report)
            .with_context(|| format!("failed to write `{}`", path.display()))?,
        None => console.beside(&report),
    }
    Ok(code(&tracking, arguments.fail_on_leaks))
}

fn code(tracking: &Tracking, fail_on_leaks: bool) -> u8 {
    let mut processes = tracking.processes.iter();
    let misused = processes.clone().any(|process| {
        process
            .faults
            .iter()
            .any(|fault| fault.suppressed_by.is_none())
    });
    let leaks = processes.any(|process| process.leaks.iter().any(|leak| leak.is_told()));
    match tracking.ending {
        _ if fail_on_leaks && misused => exit_code::REFUTED,
        _ if fail_on_leaks && leaks => exit_code::INCOMPLETE,
        Ending::Code(code) => code as u8,
        Ending::Signal(signal) => 128 + (signal as u8 & 127),
    }
}
