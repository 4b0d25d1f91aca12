//! What can fail.

use crate::BackendKind;
use std::fmt;
use std::io;

/// An error of the system, and what was tried.
///
/// ```
/// fn is_error<T: std::error::Error + Send + Sync>() {}
/// is_error::<evloop::Error>();
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The backend could not be made, or did not take all registrations. The loop is as it was.
    Backend {
        /// Which one.
        kind: BackendKind,
        /// What the system said.
        source: io::Error,
    },
    /// The descriptor or thread that wakes the loop could not be made.
    Waker(io::Error),
    /// The system refuses to tell of the signal.
    Signal {
        /// Its number.
        signal: i32,
        /// What the system said.
        source: io::Error,
    },
    /// Waiting failed. Nothing is lost; waiting can be tried again.
    Wait(io::Error),
    /// Nothing is active, no timer is armed and no simulated descriptor can become ready: a real loop would wait for good.
    WouldWaitForever,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backend { kind, source } => write!(f, "the backend {kind} refused: {source}"),
            Self::Waker(source) => write!(f, "the loop's waker could not be made: {source}"),
            Self::Signal { signal, source } => {
                write!(f, "signal {signal} cannot be watched: {source}")
            }
            Self::Wait(source) => write!(f, "waiting for events failed: {source}"),
            Self::WouldWaitForever => {
                f.write_str("nothing that is registered can ever happen in the simulation")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Backend { source, .. }
            | Self::Waker(source)
            | Self::Signal { source, .. }
            | Self::Wait(source) => Some(source),
            Self::WouldWaitForever => None,
        }
    }
}
