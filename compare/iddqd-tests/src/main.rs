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

/// A group of tests: how their names begin, how many there are, and what they are.
struct Group(&'static str, usize, &'static str);

const GROUPS: [Group; 3] = [
    Group("integration::", 199, "integration tests pass"),
    Group(
        "refused::",
        24,
        "programs that must not compile are refused, for the same errors",
    ),
    Group("example::", 4, "examples run"),
];

const USAGE: &str = "usage: compare-iddqd-tests [--against iddqd|idmap|FOLDER] [FILTER]";

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut against = Some("idmap".to_owned());
    if arguments.next_if(|it| it == "--against").is_some() {
        against = arguments.next();
    }
    let filter = arguments.next();
    let (Some(against), None) = (against, arguments.next()) else {
        eprintln!("{USAGE}");
        return Ok(ExitCode::from(2));
    };
    let subject = match against.as_str() {
        "iddqd" => Subject::iddqd(),
        "idmap" => Subject::idmap(None)?,
        _ => Subject::idmap(Some(against))?,
    };
    let package = Package::lay_out(&subject)?;
    let exclusions = Exclusions::of(&subject);
    let outcomes = run::all(&package, &exclusions, filter.as_deref())?;
    let as_listed = as_listed(&outcomes, &exclusions);
    let all_there = all_there(&outcomes, &subject, filter.is_some());
    Ok(if as_listed && all_there {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints what failed; the result says whether it is what the list of exclusions has.
fn as_listed(outcomes: &[Outcome], exclusions: &Exclusions) -> bool {
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
    surprises == 0
}

/// Prints how many of each group passed; the result says whether none of them is missing.
fn all_there(outcomes: &[Outcome], subject: &Subject, filtered: bool) -> bool {
    for feature in subject.lacks() {
        println!(
            "{} has no feature {feature}; its tests are missing",
            subject.name
        );
    }
    let mut complete = true;
    for Group(name, count, what) in GROUPS {
        let of_group: Vec<_> = outcomes
            .iter()
            .filter(|it| it.test.starts_with(name))
            .collect();
        let passed = of_group.iter().filter(|it| it.verdict == Verdict::Passed);
        println!("{}: {} of {count} {what}", subject.name, passed.count());
        complete &= of_group.len() == count;
    }
    complete || filtered
}
