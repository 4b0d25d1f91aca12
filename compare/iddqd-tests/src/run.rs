//! Runs the tests and reads what libtest prints.

use crate::exclusions::Exclusions;
use crate::package::Package;
use crate::refused;
use anyhow::{Result, ensure};
use std::collections::BTreeMap;
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

/// Every test, program and example whose name contains the filter. What the tests print is shown if one fails
/// that is not excluded.
pub fn all(
    package: &Package,
    exclusions: &Exclusions,
    filter: Option<&str>,
) -> Result<Vec<Outcome>> {
    let mut outcomes = tests(package, exclusions, "integration", filter)?;
    outcomes.extend(refused::all(package)?);
    for name in package.examples()? {
        outcomes.push(example(package, &name)?);
    }
    outcomes.retain(|it| filter.is_none_or(|filter| it.test.contains(filter)));
    Ok(outcomes)
}

/// All tests of a program. Those that have no result because another one has ended the process run
/// again, each in a process of its own.
fn tests(
    package: &Package,
    exclusions: &Exclusions,
    program: &str,
    filter: Option<&str>,
) -> Result<Vec<Outcome>> {
    let list = libtest(package, program, &["--list"], filter)?;
    let names: Vec<&str> = list
        .lines()
        .filter_map(|it| it.strip_suffix(": test"))
        .collect();
    ensure!(
        !names.is_empty() || filter.is_some(),
        "the tests of {program} did not build"
    );
    let text = libtest(package, program, &[], filter)?;
    let mut outcomes: BTreeMap<&str, Verdict> = text.lines().filter_map(outcome).collect();
    let surprise = |(name, verdict): (&&str, &Verdict)| {
        *verdict == Verdict::Failed && exclusions.reason(&format!("{program}::{name}")).is_none()
    };
    if outcomes.iter().any(surprise) {
        println!("{text}");
    }
    let mut verdicts = Vec::new();
    for name in names {
        let verdict = match outcomes.remove(name) {
            Some(verdict) => verdict,
            None => alone(package, program, name)?,
        };
        let test = format!("{program}::{name}");
        verdicts.push(Outcome { test, verdict });
    }
    Ok(verdicts)
}

fn alone(package: &Package, program: &str, name: &str) -> Result<Verdict> {
    let text = libtest(package, program, &["--exact"], Some(name))?;
    let verdict = text.lines().find_map(outcome);
    let Some((_, verdict)) = verdict else {
        println!("{program}::{name} ends the process:\n{text}");
        return Ok(Verdict::Failed);
    };
    Ok(verdict)
}

/// What the test program prints.
fn libtest(
    package: &Package,
    program: &str,
    options: &[&str],
    filter: Option<&str>,
) -> Result<String> {
    let mut command = package.cargo("test");
    command.args(["--quiet", "--test", program, "--", "--format=pretty"]);
    command.args(options).args(filter);
    let output = command.stderr(Stdio::inherit()).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads `test NAME ... ok` and `test NAME - should panic ... FAILED`.
fn outcome(line: &str) -> Option<(&str, Verdict)> {
    let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    match verdict {
        "ok" => Some((name, Verdict::Passed)),
        "FAILED" => Some((name, Verdict::Failed)),
        _ => None,
    }
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
