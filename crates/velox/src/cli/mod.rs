//! Arguments, and what each command does.

mod args;
mod bench;
mod checked;
mod config;
mod exit;
mod generate;
mod metrics;
mod report;
mod run;
mod source;
mod tui;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::{Bench, Cli, Command};
pub(crate) use exit::Failure;

/// Runs the command of the arguments.
pub(crate) fn main() -> ExitCode {
    let arguments = match config::expand(std::env::args_os().collect()) {
        Ok(arguments) => arguments,
        Err(failure) => return failure.tell(),
    };
    let done = match Cli::parse_from(arguments).command {
        Command::Run(run) => run::run(&run),
        Command::Replay(replay) => run::run(&replay.into_run()),
        Command::Gen(generate) => generate::generate(&generate),
        Command::Bench(Bench::Floor(floor)) => bench::floor(&floor),
        Command::Bench(Bench::Clock(clock)) => bench::clock(&clock),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

/// Writes a line of the result. A reader that has gone is no failure of ours.
pub(crate) fn print(line: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(|error| Failure::Io("standard output".into(), error)),
    }
}
