//! memscope against other allocators that count, on top of other allocators, and its arenas against other arenas.
//!
//! In each round every contender does the same work, in an order that rotates. The table has medians over the rounds with
//! the quartiles beside them, and ratios, which are medians of the ratios of each round. Below it are the goals, each with
//! what this run measured. Times are processor time of the thread that works.

mod allocators;
mod arenas;
mod c;
mod goals;
mod inner;

use compare_harness::{Report, Run, Samples, counting, versions};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

const RIVALS: [&str; 14] = [
    "blink-alloc",
    "bump-scope",
    "bumpalo",
    "cap",
    "dhat",
    "mimalloc",
    "mockalloc",
    "phase-alloc",
    "rpmalloc",
    "snmalloc-rs",
    "stats_alloc",
    "tikv-jemallocator",
    "tracking-allocator",
    "typed-arena",
];

/// The command line.
pub struct Options {
    rounds: usize,
    /// The name of the one suite that is wanted.
    only: Option<String>,
    out: Option<String>,
    /// A file of Markdown whose table of goals is to be replaced.
    readme: Option<String>,
}

/// Runs all rounds; what it could not run, and why.
type Suite = fn(&Options, &mut Samples) -> Vec<String>;

const SUITES: [(&str, Suite); 4] = [
    ("allocators", allocators::run),
    ("inner", inner::run),
    ("c", c::run),
    ("arenas", arenas::run),
];

impl Options {
    const USAGE: &str =
        "usage: compare-mem [--rounds N] [--only SUITE] [--readme FILE] [--out FILE]";

    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self {
            rounds: 9,
            only: None,
            out: None,
            readme: None,
        };
        while let Some(name) = args.next() {
            let value = args.next()?;
            match name.as_str() {
                "--rounds" => options.rounds = value.parse().ok()?,
                "--only" => options.only = Some(value),
                "--readme" => options.readme = Some(value),
                "--out" => options.out = Some(value),
                _ => return None,
            }
        }
        let is_some = options.rounds > 0 && options.suites().next().is_some();
        is_some.then_some(options)
    }

    fn suites(&self) -> impl Iterator<Item = Suite> {
        let wants = |name: &str| self.only.as_ref().is_none_or(|only| only == name);
        let wanted = SUITES.iter().filter(move |(name, _)| wants(name));
        wanted.map(|(_, suite)| *suite)
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|it| it == "--count").is_some() {
        let arguments: Vec<String> = arguments.collect();
        return match arenas::counted(&arguments) {
            Some(()) => ExitCode::SUCCESS,
            None => usage(),
        };
    }
    let Some(options) = Options::parse(arguments) else {
        return usage();
    };
    let mut samples = Samples::default();
    let mut not_run = Vec::new();
    for suite in options.suites() {
        not_run.extend(suite(&options, &mut samples));
    }
    let run = Run::new("compare-mem", options.rounds, versions(&RIVALS));
    let report = Report::new(run, None, &samples, goals::of(&samples), not_run);
    print!("{}", report.table());
    if let Err(error) = report.write(options.out.as_deref(), options.readme.as_deref()) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("{}", Options::USAGE);
    ExitCode::from(2)
}
