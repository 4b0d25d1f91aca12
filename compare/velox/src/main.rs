//! velox against what else there is, and against what this machine can do: one suite for each of its parts.
//!
//! In each round every contender does the same work, in an order that rotates. The table has medians over the rounds with
//! the quartiles beside them, and ratios, which are medians of the ratios of each round. Below it are the goals, each with
//! what this run measured.
#![forbid(unsafe_code)]

mod book;
mod flow;
mod goals;
mod itch;
mod latency;
mod orders;
mod rate;
mod telemetry;

use compare_harness::{Report, Run, Samples, counting, versions};
use std::process::ExitCode;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

/// The command line.
pub struct Options {
    rounds: usize,
    /// Messages, updates or transactions for each contender and round.
    count: usize,
    /// How long each rate is held.
    hold: Duration,
    seed: u64,
    /// The name of the one suite that is wanted.
    only: Option<String>,
    out: Option<String>,
    /// A file of Markdown whose table of goals is to be replaced.
    readme: Option<String>,
}

/// A part of velox and its rivals.
struct Suite {
    name: &'static str,
    /// Runs all rounds; what it could not run, and why.
    run: fn(&Options, &mut Samples) -> Vec<String>,
}

const SUITES: [Suite; 6] = [
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
    Suite {
        name: "telemetry",
        run: telemetry::run,
    },
    Suite {
        name: "rate",
        run: rate::run,
    },
    Suite {
        name: "latency",
        run: latency::run,
    },
];

impl Options {
    const USAGE: &str = "usage: compare-velox [--quick] [--rounds N] [--count N] [--hold MS] [--seed N] [--only SUITE] \
                         [--readme FILE] [--out FILE]";

    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self {
            rounds: 9,
            count: 4_000_000,
            hold: Duration::from_secs(1),
            seed: 7,
            only: None,
            out: None,
            readme: None,
        };
        while let Some(name) = args.next() {
            if name == "--quick" {
                (options.rounds, options.count) = (3, 100_000);
                options.hold = Duration::from_millis(50);
                continue;
            }
            let value = args.next()?;
            match name.as_str() {
                "--rounds" => options.rounds = value.parse().ok()?,
                "--count" => options.count = value.parse().ok()?,
                "--hold" => options.hold = Duration::from_millis(value.parse().ok()?),
                "--seed" => options.seed = value.parse().ok()?,
                "--only" => options.only = Some(value),
                "--readme" => options.readme = Some(value),
                "--out" => options.out = Some(value),
                _ => return None,
            }
        }
        let is_wanted = |suite: &Suite| options.wants(suite);
        let is_some = options.rounds > 0 && options.count > 0 && !options.hold.is_zero();
        (is_some && SUITES.iter().any(is_wanted)).then_some(options)
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
    let mut not_run = Vec::new();
    for suite in SUITES.iter().filter(|suite| options.wants(suite)) {
        not_run.extend((suite.run)(&options, &mut samples));
    }
    let rivals = ["hftbacktest", "itch5", "itchy", "lobster", "orderbook-rs"];
    let run = Run::new("compare-velox", options.rounds, versions(&rivals));
    let goals = goals::of(&samples);
    let report = Report::new(run, Some(options.count), &samples, goals, not_run);
    print!("{}", report.table());
    if let Err(error) = report.write(options.out.as_deref(), options.readme.as_deref()) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::{Options, SUITES, Samples, goals};

    #[test]
    fn every_suite_runs_and_its_contenders_agree() {
        let arguments = ["--rounds", "1", "--count", "20000", "--hold", "5"];
        let options = Options::parse(arguments.into_iter().map(str::to_owned)).unwrap();
        let mut samples = Samples::default();
        for suite in SUITES {
            let not_run = (suite.run)(&options, &mut samples);
            not_run.iter().for_each(|it| println!("not run: {it}"));
        }
        // Every goal finds its figures; whether it is met is not for a test to say.
        let goals = goals::of(&samples);
        let missing = goals.iter().filter(|it| it.is_not_run());
        let missing: Vec<_> = missing.map(|it| it.line()).collect();
        assert!(missing.is_empty() || cores() < 2, "{missing:?}");
    }

    fn cores() -> usize {
        std::thread::available_parallelism().map_or(1, usize::from)
    }
}
