//! The command line: which programs, in which configurations, how often.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the result of a test goes there"
)]

use super::runner::{self, Configuration, Failure};
use super::{ALL, Hazard};
use crate::subject;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

/// What the arguments ask for. Those of the usual harness are understood as far as they make sense.
struct Options {
    words: Vec<String>,
    skipped: Vec<String>,
    exact: bool,
    list: bool,
    ignored: bool,
    repeats: usize,
    thresholds: Vec<usize>,
    jobs: usize,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            words: Vec::new(),
            skipped: Vec::new(),
            exact: false,
            list: false,
            ignored: false,
            repeats: 1,
            thresholds: subject::THRESHOLDS.to_vec(),
            jobs: thread::available_parallelism().map_or(2, usize::from),
        };
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with('-') => {
                    (name.to_owned(), Some(value.to_owned()))
                }
                _ => (argument, None),
            };
            let mut value = || {
                inline
                    .clone()
                    .or_else(|| arguments.next())
                    .ok_or(format!("{name} needs a value"))
            };
            let number = |text: String| text.parse().map_err(|_| format!("`{text}` is no number"));
            match name.as_str() {
                "--repeats" => options.repeats = number(value()?)?,
                "--test-threads" => options.jobs = number(value()?)?.max(1),
                "--thresholds" => {
                    options.thresholds = value()?
                        .split(',')
                        .map(|it| number(it.to_owned()))
                        .collect::<Result<_, _>>()?;
                }
                "--skip" => options.skipped.push(value()?),
                "--format" | "--color" | "--logfile" | "-Z" => drop(value()?),
                "--exact" => options.exact = true,
                "--list" => options.list = true,
                "--ignored" => options.ignored = true,
                flag if flag.starts_with('-') => {}
                _ => options.words.push(name),
            }
        }
        Ok(options)
    }

    fn takes(&self, hazard: &Hazard) -> bool {
        let matches = |word: &String| match self.exact {
            true => hazard.name == word,
            false => hazard.name.contains(word.as_str()),
        };
        let wanted = self.words.is_empty() || self.words.iter().any(matches);
        // No program here is ignored.
        wanted && !self.skipped.iter().any(matches) && !self.ignored
    }

    /// All of them; under a tool that makes programs slow the first alone: they differ in which sizes go
    /// where, and in what is written over.
    fn configurations(&self) -> Vec<Configuration> {
        let both = |threshold: &usize| {
            let threshold = *threshold;
            subject::POISON
                .iter()
                .map(move |poison| Configuration::new(threshold, *poison))
        };
        let wanted = if runner::is_instrumented() {
            1
        } else {
            usize::MAX
        };
        self.thresholds.iter().flat_map(both).take(wanted).collect()
    }
}

/// The whole of `main`: runs one program in this process, or many in processes of their own.
pub(crate) fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|first| first == runner::RUN).is_some() {
        let name = arguments.next().unwrap_or_default();
        let Some(hazard) = ALL.iter().find(|hazard| hazard.name == name) else {
            eprintln!("there is no program `{name}`");
            return ExitCode::from(2);
        };
        (hazard.run)();
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    if options.list {
        // Miri starts no processes, so that it has one thing to run, which says so.
        let known = if cfg!(miri) { &[][..] } else { ALL };
        known
            .iter()
            .filter(|it| options.takes(it))
            .for_each(|it| println!("{}: test", it.name));
        return ExitCode::SUCCESS;
    }
    if cfg!(miri) {
        println!("not run: Miri starts no processes");
        return ExitCode::SUCCESS;
    }
    run(&options)
}

/// A program in one configuration, and how its repeats ended.
#[derive(Default)]
struct Tally {
    passed: usize,
    failures: Vec<Failure>,
}

fn run(options: &Options) -> ExitCode {
    let configurations = options.configurations();
    let hazards: Vec<_> = ALL.iter().filter(|it| options.takes(it)).collect();
    let total = hazards.len() * configurations.len() * options.repeats;
    println!(
        "\nrunning {} tests in {} configurations, {total} processes",
        hazards.len(),
        configurations.len()
    );
    let mut jobs = Vec::with_capacity(total);
    for hazard in (0..hazards.len()).rev() {
        for configuration in (0..configurations.len()).rev() {
            jobs.extend(std::iter::repeat_n(
                (hazard, configuration),
                options.repeats,
            ));
        }
    }
    let jobs = Mutex::new(jobs);
    let tallies: Mutex<BTreeMap<(usize, usize), Tally>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some((hazard, configuration)) = take(&jobs) {
                    let outcome = runner::run(hazards[hazard].name, &configurations[configuration]);
                    let mut tallies = tallies.lock().expect("no one panics with it");
                    let tally = tallies.entry((hazard, configuration)).or_default();
                    match outcome {
                        Ok(()) => tally.passed += 1,
                        Err(failure) => tally.failures.push(failure),
                    }
                    let done: Vec<_> = (0..configurations.len())
                        .map(|it| tallies.get(&(hazard, it)))
                        .collect();
                    if done.iter().all(|it| {
                        it.is_some_and(|it| it.passed + it.failures.len() == options.repeats)
                    }) {
                        print(hazards[hazard], &configurations, done.into_iter().flatten());
                    }
                }
            });
        }
    });
    let tallies = tallies.into_inner().expect("no one panics with it");
    let failed = |hazard: usize| {
        tallies
            .iter()
            .any(|(key, it)| key.0 == hazard && !it.failures.is_empty())
    };
    let failed = (0..hazards.len()).filter(|it| failed(*it)).count();
    let passed = hazards.len() - failed;
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {} filtered out\n",
        ALL.len() - hazards.len()
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(101)
    }
}

fn take<T>(jobs: &Mutex<Vec<T>>) -> Option<T> {
    jobs.lock().expect("no one panics with it").pop()
}

/// One line, and one more for each configuration that failed.
fn print<'a>(
    hazard: &Hazard,
    configurations: &[Configuration],
    tallies: impl Iterator<Item = &'a Tally>,
) {
    let tallies: Vec<_> = tallies.collect();
    let ok = tallies.iter().all(|it| it.failures.is_empty());
    println!(
        "test {} ... {}",
        hazard.name,
        if ok { "ok" } else { "FAILED" }
    );
    for (configuration, tally) in configurations.iter().zip(tallies) {
        let of = tally.passed + tally.failures.len();
        if let Some(first) = tally.failures.first() {
            println!(
                "    {configuration}: {} of {of} failed: {first}",
                tally.failures.len()
            );
        }
    }
}
