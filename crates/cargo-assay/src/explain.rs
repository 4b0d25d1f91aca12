//! `cargo assay explain`: one finding, in full.

use std::path::{Path, PathBuf};

use anyhow::Result;
use assay_evidence::{Evidence, Finding, render};

use crate::args::ExplainArguments;
use crate::console::Console;
use crate::failure::Usage;
use crate::report;

pub(crate) fn run(arguments: &ExplainArguments, console: &Console) -> Result<u8> {
    let path = match &arguments.evidence {
        Some(path) => path.clone(),
        None => newest(Path::new("target/assay"))?,
    };
    let evidence = report::read(&path)?;
    let finding = choose(&evidence, &arguments.finding)?;
    console.result(&render::explain(&evidence, finding, console.layout()))?;
    Ok(assay_evidence::exit_code::SUPPORTED)
}

/// The evidence of the audit that ended last.
fn newest(folder: &Path) -> Result<PathBuf, Usage> {
    let none = || {
        let place = folder.display();
        Usage(format!(
            "no evidence lies below `{place}`; name a file with --evidence"
        ))
    };
    let packages = std::fs::read_dir(folder).map_err(|_| none())?;
    let files = packages
        .flatten()
        .map(|package| package.path().join("evidence.json"));
    let dated = files.filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file)));
    dated.max().map(|(_, file)| file).ok_or_else(none)
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
