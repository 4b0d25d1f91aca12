//! Renders an evidence file: `cargo run -p assay-evidence --example render -- html evidence.json`.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;

use assay_evidence::{Evidence, render};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [format, path] = &arguments[..] else {
        return fail("usage: render terminal|markdown|json|html|sarif EVIDENCE");
    };
    let evidence = match std::fs::read_to_string(path) {
        Ok(text) => Evidence::from_json(&text).map_err(|e| e.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let evidence = match evidence {
        Ok(evidence) => evidence,
        Err(error) => return fail(&format!("{path}: {error}")),
    };
    let text = match format.as_str() {
        "terminal" => render::terminal(&evidence, render::Layout::default()),
        "markdown" => render::markdown(&evidence),
        "json" => render::json(&evidence),
        "html" => render::html(&evidence),
        "sarif" => render::sarif(&evidence),
        _ => return fail("unknown format"),
    };
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(message: &str) -> ExitCode {
    // Nothing can be done where even this fails.
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}
