//! `cargo assay explain`: one finding, in full.

use anyhow::Result;
use assay_evidence::{Evidence, Finding, render};

use crate::args::ExplainArguments;
use crate::console::Console;
use crate::failure::Usage;
use crate::report;

pub(crate) fn run(arguments: &ExplainArguments, console: &Console) -> Result<u8> {
    let evidence = report::read(&arguments.evidence)?;
    let finding = choose(&evidence, &arguments.finding)?;
    console.result(&render::explain(&evidence, finding, console.layout()))?;
    Ok(assay_evidence::exit_code::SUPPORTED)
}

/// The one finding whose id starts with `prefix`.
fn choose<'a>(evidence: &'a Evidence, prefix: &str) -> Result<&'a Finding, Usage> {
    let matching = |f: &&Finding| f.id.starts_with(prefix);
    let found: Vec<_> = evidence.findings.iter().filter(matching).collect();
    match found[..] {
        [finding] => Ok(finding),
        [] if evidence.findings.is_empty() => {
            Err(Usage("this evidence has no findings".to_owned()))
        }
        [] => Err(Usage(format!(
            "no finding starts with `{prefix}`; there are: {}",
            listed(evidence.findings.iter())
        ))),
        _ => Err(Usage(format!(
            "`{prefix}` fits several findings: {}",
            listed(found.into_iter())
        ))),
    }
}

fn listed<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let ids: Vec<_> = findings
        .map(|f| format!("{} ({})", f.id, f.class))
        .collect();
    ids.join(", ")
}
