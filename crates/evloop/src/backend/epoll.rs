//! Linux' epoll, told level by level.

use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use super::Watch;
use crate::descriptors::Happened;
use crate::interest::Ready;
use crate::raw::borrow;

/// Events of one wait; more wait for the next one.
const BATCH: usize = 256;

pub(crate) struct Epoll {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
}

impl Epoll {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(BATCH),
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

    pub(crate) fn wait(
        &mut self,
        timeout: Option<Duration>,
        happened: &mut Vec<Happened>,
    ) -> io::Result<()> {
        self.events.clear();
        let timeout = timeout.map(timespec);
        epoll::wait(
            &self.epoll,
            spare_capacity(&mut self.events),
            timeout.as_ref(),
        )?;
        happened.extend(self.events.iter().map(heard));
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
    let number = u64::from(watch.fd.cast_unsigned()) | u64::from(watch.generation) << 32;
    let flags = epoll::EventFlags::from_bits_retain(watch.interest.to_poll());
    (epoll::EventData::new_u64(number), flags)
}

#[inline]
fn heard(event: &epoll::Event) -> Happened {
    // The fields of a packed structure are copied.
    let (data, flags) = (event.data.u64(), event.flags);
    Happened {
        fd: (data as u32).cast_signed(),
        generation: (data >> 32) as u32,
        ready: Ready::from_poll(flags.bits()),
    }
}
