//! Who allocates in a program, and what never comes back: any program, as it is.
//!
//! The program runs with a library before its allocator ([`run`]), which leaves a record for each process
//! ([`record`]); names and lines are looked up afterwards ([`symbols`]). Or it runs under Valgrind ([`memcheck`]). The
//! report has the same form.

mod memcheck;
mod program;
mod record;
mod report;
mod suppress;
mod symbols;

use std::ffi::OsString;
use std::path::PathBuf;

pub use report::{
    Ending, FaultKind, LeakKind, Sample, Totals, TrackedFault, TrackedFrame, TrackedLeak,
    TrackedProcess, Tracking,
};

use crate::Error;
use suppress::Suppressions;

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct TrackOptions {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// The library that is loaded before the program's allocator; it is looked for where there is none.
    pub library: Option<PathBuf>,
    /// Files of what is not to be told.
    pub suppressions: Vec<PathBuf>,
    /// Return addresses that are kept of a stack, at most 24.
    pub depth: u8,
    /// Under Valgrind, in place of the library.
    pub valgrind: bool,
}

/// Runs a program to its end, and tells what it did not give back.
///
/// Its streams are those of the caller.
///
/// # Errors
/// [`Error::Track`] where the library is missing, the program cannot be started, a file of suppressions is wrong, or no
/// record was left.
pub fn track(options: &TrackOptions) -> Result<Tracking, Error> {
    let mut suppressions = Suppressions::read(&options.suppressions)?;
    let mut tracking = if options.valgrind {
        memcheck::run(options)?
    } else {
        let run = program::run(options)?;
        run.into_tracking()?
    };
    for process in &mut tracking.processes {
        suppressions.apply(process);
    }
    tracking.unmatched_suppressions = suppressions.unmatched();
    Ok(tracking)
}

/// What was asked for cannot be done; `message` says what to do.
fn refuse(message: impl Into<String>) -> Error {
    Error::Track {
        message: message.into(),
    }
}

/// Nothing is known of the program.
fn untracked(message: impl Into<String>) -> Error {
    Error::Untracked {
        message: message.into(),
    }
}
