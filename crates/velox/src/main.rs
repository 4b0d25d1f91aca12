//! The program `velox`: runs a pipeline, replays a recorded day, generates one, and measures the machine.
#![forbid(unsafe_code)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
