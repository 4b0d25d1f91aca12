//! `cargo xtask`: `tidy`, `ci`, and one verb for each layer of validation.
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    reason = "a command's result goes to standard output"
)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{ci, hazards, libevent, sanitize, tidy, verbs};

#[derive(Parser)]
#[command(about = "The workspace's own checks")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Dependency edges, unsafe rooms, file lengths, docs rules, banned words
    Tidy,
    /// Everything that must hold before a change lands
    Ci,
    /// One layer of validation over the house, with bounds for a patient reader
    Layer(verbs::LayerArguments),
    /// The hazard programs of phase-alloc, often, in many configurations
    Hazards(hazards::Arguments),
    /// libevent-2.1.so.7 and libevent_core-2.1.so.7, from evloop-capi, into target/libevent
    Libevent(libevent::Arguments),
    /// C programs on the C interfaces, with sanitizers and under memcheck
    Sanitize,
    /// Write the JSON schema of the evidence file to docs/schema
    Schema,
}

fn main() -> anyhow::Result<ExitCode> {
    let root = xtask::shell::workspace_root()?;
    let passed = match Arguments::parse().verb {
        Verb::Tidy => {
            let report = tidy::check(&root)?;
            println!("{report}");
            report.is_clean()
        }
        Verb::Ci => ci::run(&root)?,
        Verb::Layer(arguments) => verbs::run(&root, &arguments)?,
        Verb::Hazards(arguments) => hazards::run(&root, &arguments)?,
        Verb::Libevent(arguments) => libevent::run(&root, &arguments)?,
        Verb::Sanitize => sanitize::run(&root)?,
        Verb::Schema => verbs::schema(&root)?,
    };
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
