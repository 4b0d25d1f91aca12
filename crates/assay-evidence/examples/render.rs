//! Renders an evidence file: `cargo run -p assay-evidence --example render -- html evidence.json`.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;

use assay_evidence::{Evidence, render};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            writeln!(std::io::stderr(), "{message}").expect("stderr takes it");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [format, path] = &arguments[..] else {
        return Err("usage: render terminal|markdown|json|html|sarif EVIDENCE".into());
    };
    let text = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
    let evidence = Evidence::from_json(&text).map_err(|e| format!("{path}: {e}"))?;
    let report = match format.as_str() {
        "terminal" => render::terminal(&evidence, render::Layout::default()),
        "markdown" => render::markdown(&evidence),
        "json" => render::json(&evidence),
        "html" => render::html(&evidence),
        "sarif" => render::sarif(&evidence),
        other => return Err(format!("unknown format {other}")),
    };
    std::io::stdout()
        .write_all(report.as_bytes())
        .map_err(|e| e.to_string())
}
