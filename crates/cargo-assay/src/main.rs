//! `cargo assay`: finds every unsafe site of a crate, runs every validation layer that the machine can
//! run, and computes a verdict from what was executed.
#![forbid(unsafe_code)]

mod args;
mod audit;
mod console;
mod diff;
mod explain;
mod failure;
mod gate;
mod inventory;
mod layers;
mod mutate;
mod report;
mod track;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Verb, without_subcommand};
use crate::console::Console;

fn main() -> ExitCode {
    let words = without_subcommand(std::env::args_os().collect());
    let cli = Cli::parse_from(words);
    let mut console = Console::new(&cli);
    let outcome = match cli.verb {
        Verb::Audit(arguments) => audit::run(arguments, &mut console),
        Verb::Mutate(arguments) => mutate::run(arguments, &mut console),
        Verb::Inventory(arguments) => inventory::run(arguments, &console),
        Verb::Layers => layers::run(&console),
        Verb::Gate(arguments) => gate::run(&arguments, &console),
        Verb::Diff(arguments) => diff::run(&arguments, &console),
        Verb::Report(arguments) => report::run(&arguments, &console),
        Verb::Explain(arguments) => explain::run(&arguments, &console),
        Verb::Track(arguments) => track::run(arguments, &console),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            console.error(&format!("{error:#}"));
            ExitCode::from(failure::exit_code(&error))
        }
    }
}
