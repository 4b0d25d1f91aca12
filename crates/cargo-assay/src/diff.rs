//! `cargo assay diff`: what two audits of one package differ in.

use std::fmt::Write as _;

use anyhow::Result;
use assay_evidence::{Difference, diff, exit_code};

use crate::args::DiffArguments;
use crate::console::Console;
use crate::failure::Usage;
use crate::report;

pub(crate) fn run(arguments: &DiffArguments, console: &Console) -> Result<u8> {
    let old = report::read(&arguments.old)?;
    let new = report::read(&arguments.new)?;
    if old.subject.package != new.subject.package {
        return Err(Usage(format!(
            "`{}` is about {}, and `{}` about {}",
            arguments.old.display(),
            old.subject.package,
            arguments.new.display(),
            new.subject.package
        ))
        .into());
    }
    let difference = diff(&old, &new);
    console.result(&told(&difference)?)?;
    Ok(code(&difference))
}

fn told(difference: &Difference) -> Result<String> {
    let mut text = String::new();
    if difference.changes.is_empty() {
        text.push_str("no difference\n");
    }
    for change in &difference.changes {
        let sign = if change.is_worse() { '-' } else { '+' };
        // What audited code names itself stays on its line.
        let line = change.to_string().replace(|c: char| c.is_control(), " ");
        writeln!(text, "{sign} {line}")?;
    }
    Ok(text)
}

fn code(difference: &Difference) -> u8 {
    if difference.refutes() {
        exit_code::REFUTED
    } else if difference.worse().next().is_some() {
        exit_code::INCOMPLETE
    } else {
        exit_code::SUPPORTED
    }
}
