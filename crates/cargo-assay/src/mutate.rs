//! `cargo assay mutate`: whether the tests can fail.

use std::fmt::Write as _;

use anyhow::Result;
use assay_engine::Cancel;
use assay_evidence::{Evidence, Mutant, Reason, exit_code, verdict};

use crate::args::{Format, MutateArguments};
use crate::audit::{list_reports, stop_at_signals, write_reports};
use crate::console::Console;
use crate::report::rendered;

pub(crate) fn run(arguments: MutateArguments, console: &mut Console) -> Result<u8> {
    let format = arguments.format;
    let list = arguments.list;
    let options = arguments.options();
    let cancel = Cancel::default();
    stop_at_signals(&cancel)?;
    if list {
        let mutants = assay_engine::list_mutants(&options.audit, &cancel)?;
        console.result(&listed(&mutants, format)?)?;
        return Ok(exit_code::SUPPORTED);
    }
    let mutated = assay_engine::mutate(&options, &cancel, console)?;
    let evidence = &mutated.evidence;
    write_reports(evidence, &mutated.folder)?;
    let mut text = match format {
        Format::Human => assay_evidence::render::mutation(evidence, console.layout()),
        other => rendered(evidence, other, console.layout()),
    };
    if format == Format::Human {
        list_reports(&mut text, &mutated.folder)?;
    }
    console.result(&text)?;
    Ok(code(evidence))
}

fn listed(mutants: &[Mutant], format: Format) -> Result<String> {
    if format == Format::Json {
        return Ok(serde_json::to_string_pretty(mutants)? + "\n");
    }
    let mut text = String::new();
    for mutant in mutants {
        let span = &mutant.span;
        let place = format!("{}:{}", span.file, span.line);
        let to = match mutant.replacement.as_str() {
            "" => "taken out".to_owned(),
            text => format!("-> {text}"),
        };
        let (id, operator, original) = (&mutant.id, mutant.operator, &mutant.original);
        writeln!(text, "{id}  {place:<24} {operator:<20} {original} {to}")?;
    }
    writeln!(text, "{} mutants", mutants.len())?;
    Ok(text)
}

/// Whether every mutant that builds was noticed or is listed, and the list says nothing false.
fn code(evidence: &Evidence) -> u8 {
    let open = evidence.mutants.iter().any(|m| evidence.fate(m).is_open());
    let missing = verdict(evidence).missing;
    if open || missing.iter().any(Reason::is_of_equivalents) {
        exit_code::INCOMPLETE
    } else {
        exit_code::SUPPORTED
    }
}
