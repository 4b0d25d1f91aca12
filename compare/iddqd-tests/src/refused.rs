//! The programs that must not compile: `tests/ui/*/*.rs`, each beside what rustc says about it.
//!
//! iddqd compares all that rustc prints, which has paths of its own workspace in it. Here each
//! error has the same title and stands in the same line.

use crate::package::Package;
use crate::run::{Outcome, Verdict};
use anyhow::{Context, Result};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use std::collections::BTreeMap;
use std::fs;
use std::io::BufReader;
use std::process::Stdio;

/// An error's title and line.
type Refusal = (String, usize);

/// Compiles each program, in a folder where cargo takes it for a program of the package.
pub fn all(package: &Package) -> Result<Vec<Outcome>> {
    let mut wanted: BTreeMap<String, Vec<Refusal>> = BTreeMap::new();
    let bins = package.folder().join("src/bin");
    fs::create_dir_all(&bins)?;
    for group in package.folder().join("tests/ui").read_dir_utf8()? {
        for entry in group?.path().read_dir_utf8()? {
            let program = entry?.into_path();
            let expected = program.with_extension("stderr");
            if program.extension() != Some("rs") {
                continue;
            }
            let name = program.file_stem().context("a file has a name")?;
            let expected = fs::read_to_string(&expected)?;
            wanted.insert(name.to_owned(), refusals(&expected));
            fs::copy(&program, bins.join(format!("{name}.rs")))?;
        }
    }
    let mut found = compile(package)?;
    fs::remove_dir_all(&bins)?;
    let outcome = |(name, wanted): (String, Vec<Refusal>)| {
        let found = found.remove(&name).unwrap_or_default();
        let verdict = if found == wanted {
            Verdict::Passed
        } else {
            println!("{name}: rustc says {found:?} instead of {wanted:?}");
            Verdict::Failed
        };
        Outcome {
            test: format!("refused::{name}"),
            verdict,
        }
    };
    Ok(wanted.into_iter().map(outcome).collect())
}

/// Reads a title and the place below it: `error[E0308]: mismatched types`, `  --> file:63:33`.
fn refusals(text: &str) -> Vec<Refusal> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("error") {
            let place = lines
                .next()
                .and_then(|it| it.rsplit(':').nth(1)?.parse().ok());
            found.push((line.to_owned(), place.unwrap_or(0)));
        }
    }
    found
}

/// What rustc says about each program.
fn compile(package: &Package) -> Result<BTreeMap<String, Vec<Refusal>>> {
    let mut command = package.cargo("check");
    command.args(["--bins", "--keep-going", "--message-format=json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let output = child.stdout.take().context("the output is a pipe")?;
    let mut found: BTreeMap<String, Vec<Refusal>> = BTreeMap::new();
    for message in Message::parse_stream(BufReader::new(output)) {
        if let Message::CompilerMessage(it) = message? {
            found
                .entry(it.target.name)
                .or_default()
                .extend(refusal(&it.message));
        }
    }
    child.wait()?;
    Ok(found)
}

fn refusal(diagnostic: &Diagnostic) -> Option<Refusal> {
    let span = diagnostic.spans.iter().find(|it| it.is_primary)?;
    let code = diagnostic.code.as_ref().map(|it| format!("[{}]", it.code));
    let is_error = diagnostic.level == DiagnosticLevel::Error;
    let title = format!("error{}: {}", code.unwrap_or_default(), diagnostic.message);
    is_error.then_some((title, span.line_start))
}
