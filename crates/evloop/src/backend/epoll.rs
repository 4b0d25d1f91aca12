//! Linux' epoll, told level by level.

use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::time::Duration;

use rustix::event::{Timespec, epoll};

use super::Watch;
use crate::queue::Queue;
use crate::raw::borrow;

/// Events of one wait at least; more wait for the next one.
const BATCH: usize = 256;
/// `epoll_wait` counts milliseconds in an `int`.
const LONGEST: Duration = Duration::from_millis(i32::MAX.unsigned_abs() as u64);

pub(crate) struct Epoll {
    epoll: OwnedFd,
}

impl Epoll {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
        })
    }

    pub(crate) fn add(&self, watch: Watch) -> io::Result<()> {
        let (data, flags) = told(watch);
        Ok(epoll::add(&self.epoll, borrow(watch.fd), data, flags)?)
    }

    pub(crate) fn modify(&self, watch: Watch) -> io::Result<()> {
        let (data, flags) = told(watch);
        Ok(epoll::modify(&self.epoll, borrow(watch.fd), data, flags)?)
    }

    pub(crate) fn remove(&self, fd: RawFd) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, borrow(fd))?)
    }

    pub(crate) fn wait(&self, timeout: Option<Duration>, heard: &mut Queue) -> io::Result<()> {
        // What is longer takes a newer system call.
        let timeout = timeout.map(|it| timespec(it.min(LONGEST)));
        epoll::wait(&self.epoll, heard.room(BATCH), timeout.as_ref())?;
        Ok(())
    }
}

pub(super) fn timespec(timeout: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    }
}

fn told(watch: Watch) -> (epoll::EventData, epoll::EventFlags) {
    let flags = epoll::EventFlags::from_bits_retain(watch.interest.to_poll());
    (epoll::EventData::new_u64(watch.name.to_bits()), flags)
}
