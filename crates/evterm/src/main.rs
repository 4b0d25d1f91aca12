//! A terminal in a terminal: runs a shell, or another command, in a pseudo-terminal on `evloop`, keeps its screen in
//! `termgrid`, shows it in the terminal that it was started in, and writes pictures of it.
#![forbid(unsafe_code)]

mod child;
mod error;
mod host;
mod options;
mod palette;
mod pictures;
mod render;
mod session;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use options::Options;

/// Ends with the command's exit code, or with 128 and the signal's number, as shells do; with 125 to 127 if it was not run.
fn main() -> ExitCode {
    match session::run(Options::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // Nobody is left to tell if this fails.
            drop(writeln!(std::io::stderr(), "evterm: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
