//! Keeping a thread on one processor.

use core::fmt;

/// Why a thread was not kept on a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinError {
    /// The system refused: there is no such processor, or the process may not use it.
    Refused(usize),
    /// Not done on this system.
    Unsupported,
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(cpu) => write!(
                f,
                "the system does not let a thread stay on processor {cpu}"
            ),
            Self::Unsupported => f.write_str("threads are not kept on processors on this system"),
        }
    }
}

impl core::error::Error for PinError {}

/// Keeps the calling thread on a processor.
///
/// # Errors
/// [`PinError::Refused`] if the system refuses, [`PinError::Unsupported`] anywhere but on Linux.
///
/// ```
/// if let Some(&cpu) = velox::affinity::processors().first() {
///     assert!(velox::affinity::pin(cpu).is_ok());
/// }
/// assert!(velox::affinity::pin(1_000_000).is_err());
/// ```
pub fn pin(cpu: usize) -> Result<(), PinError> {
    imp::pin(cpu)
}

/// The processors that the calling thread may run on; none where that isn't known.
#[must_use]
pub fn processors() -> Vec<usize> {
    imp::processors()
}

#[cfg(all(target_os = "linux", not(any(miri, loom, shuttle))))]
mod imp {
    use super::PinError;
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    pub(super) fn pin(cpu: usize) -> Result<(), PinError> {
        if cpu >= CpuSet::MAX_CPU {
            return Err(PinError::Refused(cpu));
        }
        let mut set = CpuSet::new();
        set.set(cpu);
        sched_setaffinity(None, &set).map_err(|_| PinError::Refused(cpu))
    }

    pub(super) fn processors() -> Vec<usize> {
        sched_getaffinity(None).map_or_else(
            |_| Vec::new(),
            |set| {
                (0..CpuSet::MAX_CPU)
                    .filter(|cpu| set.is_set(*cpu))
                    .collect()
            },
        )
    }
}

#[cfg(not(all(target_os = "linux", not(any(miri, loom, shuttle)))))]
mod imp {
    use super::PinError;

    pub(super) fn pin(_: usize) -> Result<(), PinError> {
        Err(PinError::Unsupported)
    }

    pub(super) fn processors() -> Vec<usize> {
        Vec::new()
    }
}
