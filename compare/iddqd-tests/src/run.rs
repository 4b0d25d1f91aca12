//! Runs the tests and reads what libtest prints.

use crate::package::Package;
use crate::refused;
use anyhow::{Result, ensure};
use std::process::Stdio;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed,
}

pub struct Outcome {
    /// The program and the test in it.
    pub test: String,
    pub verdict: Verdict,
}

/// Every test, program and example whose name contains the filter.
pub fn all(package: &Package, filter: Option<&str>) -> Result<Vec<Outcome>> {
    let mut outcomes = tests(package, "integration", filter)?;
    outcomes.extend(refused::all(package)?);
    for name in package.examples()? {
        outcomes.push(example(package, &name)?);
    }
    outcomes.retain(|it| filter.is_none_or(|filter| it.test.contains(filter)));
    Ok(outcomes)
}

fn tests(package: &Package, program: &str, filter: Option<&str>) -> Result<Vec<Outcome>> {
    let mut command = package.cargo("test");
    command.args(["--test", program]);
    command.arg("--").args(filter);
    let output = command.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter_map(|line| line.strip_prefix("test "));
    let outcomes: Vec<Outcome> = lines.filter_map(|line| outcome(program, line)).collect();
    let finished = text.contains("test result: ");
    ensure!(
        finished,
        "the tests of {program} did not build, or ended too soon:\n{text}"
    );
    if !output.status.success() {
        println!("{text}");
    }
    Ok(outcomes)
}

/// Reads `name ... ok` and `name - should panic ... FAILED`.
fn outcome(program: &str, line: &str) -> Option<Outcome> {
    let (name, verdict) = line.split_once(" ... ")?;
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    let verdict = match verdict {
        "ok" => Verdict::Passed,
        _ => Verdict::Failed,
    };
    Some(Outcome {
        test: format!("{program}::{name}"),
        verdict,
    })
}

fn example(package: &Package, name: &str) -> Result<Outcome> {
    let mut command = package.cargo("run");
    command
        .args(["--quiet", "--example", name])
        .stdout(Stdio::null());
    let verdict = if command.status()?.success() {
        Verdict::Passed
    } else {
        Verdict::Failed
    };
    Ok(Outcome {
        test: format!("example::{name}"),
        verdict,
    })
}
