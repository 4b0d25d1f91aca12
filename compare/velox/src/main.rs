//! velox against what else there is, one suite for each of its parts.
//!
//! In each round every contender does the same work, in an order that rotates. The table has medians over the rounds with
//! the quartiles beside them, and ratios, which are medians of the ratios of each round.
#![forbid(unsafe_code)]

mod book;
mod itch;
mod machine;
mod measure;
mod orders;
mod report;

use report::{Report, Samples};
use std::process::ExitCode;

/// The command line.
pub struct Options {
    rounds: usize,
    /// Messages or updates for each contender and round.
    count: usize,
    seed: u64,
    /// The name of the one suite that is wanted.
    only: Option<String>,
    out: Option<String>,
}

/// A part of velox and its rivals.
struct Suite {
    name: &'static str,
    /// Runs all rounds.
    run: fn(&Options, &mut Samples),
}

const SUITES: &[Suite] = &[
    Suite {
        name: "itch",
        run: itch::run,
    },
    Suite {
        name: "book",
        run: book::run,
    },
    Suite {
        name: "orders",
        run: orders::run,
    },
];

impl Options {
    const USAGE: &str = "usage: compare-velox [--quick] [--rounds N] [--count N] [--seed N] [--only SUITE] [--out FILE]";

    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self {
            rounds: 9,
            count: 4_000_000,
            seed: 7,
            only: None,
            out: None,
        };
        while let Some(name) = args.next() {
            if name == "--quick" {
                (options.rounds, options.count) = (3, 100_000);
                continue;
            }
            let value = args.next()?;
            match name.as_str() {
                "--rounds" => options.rounds = value.parse().ok()?,
                "--count" => options.count = value.parse().ok()?,
                "--seed" => options.seed = value.parse().ok()?,
                "--only" => options.only = Some(value),
                "--out" => options.out = Some(value),
                _ => return None,
            }
        }
        let is_wanted = |suite: &Suite| options.wants(suite);
        (options.rounds > 0 && options.count > 0 && SUITES.iter().any(is_wanted)).then_some(options)
    }

    fn wants(&self, suite: &Suite) -> bool {
        self.only.as_ref().is_none_or(|only| only == suite.name)
    }
}

fn main() -> ExitCode {
    let Some(options) = Options::parse(std::env::args().skip(1)) else {
        eprintln!("{}", Options::USAGE);
        return ExitCode::from(2);
    };
    let mut samples = Samples::default();
    for suite in SUITES.iter().filter(|suite| options.wants(suite)) {
        (suite.run)(&options, &mut samples);
    }
    let report = Report::new(options.rounds, options.count, &samples);
    print!("{}", report.table());
    if let Some(path) = options.out
        && let Err(error) = std::fs::write(&path, report.data())
    {
        eprintln!("failed to write {path}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::{Options, SUITES, Samples};

    #[test]
    fn every_suite_runs_and_its_contenders_agree() {
        let arguments = ["--rounds", "1", "--count", "20000"];
        let options = Options::parse(arguments.into_iter().map(str::to_owned)).unwrap();
        let mut samples = Samples::default();
        for suite in SUITES {
            (suite.run)(&options, &mut samples);
        }
    }
}
