//! Starting a test program once more.

use std::process::Command;

/// This program, by way of an emulator if its processor is another one.
pub(crate) fn this_program() -> Command {
    let this = std::env::current_exe().expect("the system knows this program");
    let words = std::env::var("PHASE_ALLOC_TEST_RUNNER").unwrap_or_default();
    let mut words = words.split_whitespace();
    let Some(emulator) = words.next() else {
        return Command::new(this);
    };
    let mut command = Command::new(emulator);
    command.args(words).arg(this);
    command
}
