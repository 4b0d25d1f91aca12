//! What tells of descriptors.

mod epoll;
mod poll;
pub(crate) mod simulation;
mod uring;

use std::fmt;
use std::io;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use crate::interest::Interest;
use crate::queue::Queue;
use crate::token::Token;
use simulation::Simulated;

/// What a loop waits with.
///
/// ```
/// use evloop::{BackendKind, Loop};
///
/// let events = Loop::with_backend(BackendKind::Poll)?;
/// assert_eq!(events.backend(), BackendKind::Poll);
/// # Ok::<(), evloop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackendKind {
    /// Linux' epoll: a wait costs what is ready. It waits in whole milliseconds, so that timers are up to one late.
    #[default]
    Epoll,
    /// POSIX' poll: a wait costs what is watched.
    Poll,
    /// Linux' io_uring, 5.11 or later, where it is allowed: changes and waiting are one system call.
    /// What is removed stays open for the other end until the loop waits next.
    Uring,
    /// A simulated kernel and clock: [`Simulation`](crate::Simulation).
    Simulation,
}

impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Epoll => "epoll",
            Self::Poll => "poll",
            Self::Uring => "io_uring",
            Self::Simulation => "simulation",
        })
    }
}

/// What a backend is to tell of a descriptor, and the name to tell it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watch {
    pub(crate) fd: RawFd,
    pub(crate) name: Token,
    pub(crate) interest: Interest,
}

/// A choice among a few, and not a trait object: what is called for each event is known where it is called.
pub(crate) enum Backend {
    Epoll(epoll::Epoll),
    Poll(poll::Poll),
    Uring(Box<uring::Uring>),
    Simulation(Simulated),
}

impl Backend {
    /// # Errors
    /// The system has no descriptor left for it; a simulation has to be there already.
    pub(crate) fn new(kind: BackendKind) -> io::Result<Self> {
        match kind {
            BackendKind::Epoll => epoll::Epoll::new().map(Self::Epoll),
            BackendKind::Poll => Ok(Self::Poll(poll::Poll::default())),
            BackendKind::Uring => uring::Uring::new().map(Box::new).map(Self::Uring),
            BackendKind::Simulation => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub(crate) const fn kind(&self) -> BackendKind {
        match self {
            Self::Epoll(_) => BackendKind::Epoll,
            Self::Poll(_) => BackendKind::Poll,
            Self::Uring(_) => BackendKind::Uring,
            Self::Simulation(_) => BackendKind::Simulation,
        }
    }

    /// # Errors
    /// `PermissionDenied` for what is always ready; else the system's refusal.
    pub(crate) fn add(&mut self, watch: Watch) -> io::Result<()> {
        match self {
            Self::Epoll(it) => it.add(watch),
            Self::Poll(it) => {
                it.set(watch);
                Ok(())
            }
            Self::Uring(it) => it.set(watch),
            Self::Simulation(it) => it.add(watch),
        }
    }

    /// # Errors
    /// The descriptor is not watched.
    pub(crate) fn modify(&mut self, watch: Watch) -> io::Result<()> {
        match self {
            Self::Epoll(it) => it.modify(watch),
            Self::Poll(it) => {
                it.set(watch);
                Ok(())
            }
            Self::Uring(it) => it.set(watch),
            Self::Simulation(it) => it.modify(watch),
        }
    }

    /// # Errors
    /// The descriptor is not watched.
    pub(crate) fn remove(&mut self, fd: RawFd) -> io::Result<()> {
        match self {
            Self::Epoll(it) => it.remove(fd),
            Self::Poll(it) => {
                it.remove(fd);
                Ok(())
            }
            Self::Uring(it) => it.remove(fd),
            Self::Simulation(it) => it.remove(fd),
        }
    }

    /// Waits up to `timeout`, or for good, until something happens, and adds that; a signal may end it early.
    ///
    /// # Errors
    /// The system's; in a simulation `WouldBlock` where nothing can ever happen.
    pub(crate) fn wait(&mut self, timeout: Option<Duration>, heard: &mut Queue) -> io::Result<()> {
        let result = match self {
            Self::Epoll(it) => it.wait(timeout, heard),
            Self::Poll(it) => it.wait(timeout, heard),
            Self::Uring(it) => it.wait(timeout, heard),
            Self::Simulation(it) => it.wait(timeout, heard),
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            result => result,
        }
    }

    /// The clock of the simulated kernel, or the system's since then.
    pub(crate) fn clock_ns(&self, begun: Instant) -> u64 {
        let time = match self {
            Self::Simulation(it) => it.time(),
            Self::Epoll(_) | Self::Poll(_) | Self::Uring(_) => begun.elapsed(),
        };
        time.as_secs() * 1_000_000_000 + u64::from(time.subsec_nanos())
    }
}
