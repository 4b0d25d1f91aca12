//! How the program ends when it could not do its work.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use velox::pipeline::{StageError, StartError};

/// The arguments or the configuration file are wrong; the number that clap uses too.
const USAGE: u8 = 2;
/// The input is malformed, and reading stopped there.
const MALFORMED: u8 = 3;
/// A file, an address or the terminal could not be used.
const IO: u8 = 4;
/// The machine does not do what was asked: a processor, a thread, a counter.
const MACHINE: u8 = 5;
/// The program is wrong: a thread panicked, or transactions are not accounted for.
const INTERNAL: u8 = 70;

/// Why the program could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something in the arguments or the configuration.
    Usage(String),
    /// What is malformed, and where.
    Malformed(PathBuf, String),
    /// What could not be used, and why.
    Io(PathBuf, io::Error),
    /// What the machine does not do.
    Machine(String),
    /// What is wrong with the program.
    Internal(String),
}

impl Failure {
    const fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => USAGE,
            Self::Malformed(..) => MALFORMED,
            Self::Io(..) => IO,
            Self::Machine(_) => MACHINE,
            Self::Internal(_) => INTERNAL,
        }
    }

    /// Tells it to who reads the errors, and gives the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        // Where nobody reads, the exit code is all there is.
        drop(writeln!(io::stderr(), "velox: {self}"));
        ExitCode::from(self.code())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) | Self::Machine(what) | Self::Internal(what) => f.write_str(what),
            Self::Malformed(path, what) => write!(f, "{}: {what}", path.display()),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::BundleMax(_) | StartError::Ring(_) => Self::Usage(error.to_string()),
            StartError::Thread(why) => Self::Machine(format!("the system gives no thread: {why}")),
            _ => Self::Machine(error.to_string()),
        }
    }
}

impl From<StageError> for Failure {
    fn from(error: StageError) -> Self {
        Self::Internal(error.to_string())
    }
}
