//! Prints the JSON schema of the evidence file:
//! `cargo run -p assay-evidence --example schema > docs/schema/evidence.schema.json`.
#![forbid(unsafe_code)]

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(assay_evidence::json_schema().as_bytes())
}
