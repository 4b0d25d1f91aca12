//! What can go wrong, in words that say what to do.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error(
        "this is not a terminal: start it in one, or without one by `--size 80x24` and `--screenshot` or `--html`"
    )]
    NotATerminal,
    #[error("failed to use the terminal that this was started in: {0}")]
    Host(#[source] io::Error),
    #[error(transparent)]
    Size(#[from] termgrid::SizeError),
    #[error("failed to open a pseudo-terminal: {0}; /dev/pts may be missing or full")]
    Pty(#[source] pty_process::Error),
    #[error(
        "failed to start `{command}`: {source}; give another command behind `--`, or another shell in SHELL"
    )]
    Start { command: String, source: io::Error },
    #[error(transparent)]
    Loop(#[from] evloop::Error),
    #[error("failed to write {}: {source}", .path.display())]
    Picture { path: PathBuf, source: io::Error },
}

impl Error {
    /// Those of `env` and `nohup`.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Start { source, .. } if source.kind() == io::ErrorKind::NotFound => 127,
            Self::Start { .. } => 126,
            _ => 125,
        }
    }
}
