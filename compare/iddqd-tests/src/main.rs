//! iddqd 0.5.0's own integration tests and examples, against iddqd or against idmap in its place.
//!
//! The tests are those of the published crate, where cargo keeps it; they are copied below the
//! target folder, beside a manifest in which the name `iddqd` stands for the crate under test.
//! `excluded.txt` lists the tests that need not pass, each with its reason. The program fails if
//! another test fails, or if a listed one passes.
#![forbid(unsafe_code)]

mod exclusions;
mod package;
mod refused;
mod run;

use anyhow::Result;
use exclusions::Exclusions;
use package::{Package, Subject};
use run::{Outcome, Verdict};
use std::process::ExitCode;

/// How the names of the tests of a group begin, and what they are.
const GROUPS: [(&str, &str); 3] = [
    ("integration::", "integration tests pass"),
    (
        "refused::",
        "programs that must not compile are refused for the same errors",
    ),
    ("example::", "examples run"),
];

const USAGE: &str = "usage: compare-iddqd-tests [--against iddqd|idmap] [FILTER]";

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut subject = Subject::Idmap;
    if arguments.next_if(|it| it == "--against").is_some() {
        subject = match arguments.next().as_deref() {
            Some("iddqd") => Subject::Iddqd,
            Some("idmap") => Subject::Idmap,
            _ => return Ok(usage()),
        };
    }
    let filter = arguments.next();
    if arguments.next().is_some() {
        return Ok(usage());
    }
    let package = Package::lay_out(subject)?;
    let outcomes = run::all(&package, filter.as_deref())?;
    let exclusions = Exclusions::of(subject);
    let passed = report(&outcomes, &exclusions, subject);
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

/// Prints what happened; the result says whether it is what the list of exclusions allows.
fn report(outcomes: &[Outcome], exclusions: &Exclusions, subject: Subject) -> bool {
    let mut surprises = 0;
    for Outcome { test, verdict } in outcomes {
        match (verdict, exclusions.reason(test)) {
            (Verdict::Passed, None) => {}
            (Verdict::Passed, Some(_)) => {
                surprises += 1;
                println!("PASSED    {test}, though it is excluded");
            }
            (Verdict::Failed, None) => {
                surprises += 1;
                println!("FAILED    {test}");
            }
            (Verdict::Failed, Some(reason)) => println!("excluded  {test}: {reason}"),
        }
    }
    for (group, what) in GROUPS {
        let of_group = outcomes.iter().filter(|it| it.test.starts_with(group));
        let (passed, failed): (Vec<_>, Vec<_>) =
            of_group.partition(|it| it.verdict == Verdict::Passed);
        let count = passed.len() + failed.len();
        println!("{}: {} of {count} {what}", subject.name(), passed.len());
    }
    surprises == 0 && !outcomes.is_empty()
}
