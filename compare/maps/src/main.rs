//! idmap against other maps.
//!
//! Every contender goes through every operation once in each round, in an order that rotates; the
//! large maps take part in every third round. The table has medians over the rounds with the
//! quartiles beside them, and ratios, which are medians of the ratios of each round. Below it are
//! the goals that idmap has set itself, each with what this run measured.
#![forbid(unsafe_code)]

mod contenders;
mod goals;
mod measure;
mod records;
mod report;
mod workloads;

use compare_harness::{Samples, counting};
use report::Report;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

/// The command line.
struct Options {
    rounds: usize,
    /// Records in the larger of the two sizes.
    large: usize,
    /// Part of the names of the workloads that are wanted.
    only: String,
    out: Option<String>,
}

impl Options {
    const USAGE: &str =
        "usage: compare-maps [--quick] [--rounds N] [--large N] [--only TEXT] [--out FILE]";

    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self {
            rounds: 9,
            large: 1_000_000,
            only: String::new(),
            out: None,
        };
        while let Some(name) = args.next() {
            if name == "--quick" {
                (options.rounds, options.large) = (4, 30_000);
                continue;
            }
            let value = args.next()?;
            match name.as_str() {
                "--rounds" => options.rounds = value.parse().ok()?,
                "--large" => options.large = value.parse().ok()?,
                "--only" => options.only = value,
                "--out" => options.out = Some(value),
                _ => return None,
            }
        }
        (options.rounds > 0 && options.large > workloads::SMALL).then_some(options)
    }
}

fn main() -> ExitCode {
    let Some(options) = Options::parse(std::env::args().skip(1)) else {
        eprintln!("{}", Options::USAGE);
        return ExitCode::from(2);
    };
    let mut workloads = workloads::all(options.large);
    workloads.retain(|it| it.name().contains(&options.only));
    let mut samples = Samples::default();
    for round in 0..options.rounds {
        for workload in workloads.iter().filter(|it| it.is_in(round)) {
            eprintln!(
                "round {} of {}, {}",
                round + 1,
                options.rounds,
                workload.name()
            );
            workload.round(round, &mut samples);
        }
    }
    let goals = goals::of(&samples, options.large);
    let report = Report::new(options.rounds, &samples, goals);
    print!("{}", report.table());
    if let Some(path) = options.out
        && let Err(error) = std::fs::write(&path, report.data())
    {
        eprintln!("failed to write {path}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
