//! Linux' epoll, told level by level.

use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use super::Watch;
use crate::descriptors::Happened;
use crate::interest::{Interest, Ready};
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
    let mut flags = epoll::EventFlags::empty();
    flags.set(
        epoll::EventFlags::IN | epoll::EventFlags::RDHUP,
        watch.interest.contains(Interest::READABLE),
    );
    flags.set(
        epoll::EventFlags::OUT,
        watch.interest.contains(Interest::WRITABLE),
    );
    flags.set(
        epoll::EventFlags::PRI,
        watch.interest.contains(Interest::PRIORITY),
    );
    (epoll::EventData::new_u64(number), flags)
}

#[inline]
fn heard(event: &epoll::Event) -> Happened {
    // The fields of a packed structure are copied.
    let (data, flags) = (event.data.u64(), event.flags);
    let mut ready = Ready::NONE;
    for (flag, it) in [
        (epoll::EventFlags::IN, Ready::READABLE),
        (epoll::EventFlags::OUT, Ready::WRITABLE),
        (epoll::EventFlags::PRI, Ready::PRIORITY),
        // The end of what can be read is read, as poll has it.
        (epoll::EventFlags::RDHUP, Ready::READABLE),
        (epoll::EventFlags::HUP, Ready::HANGUP),
        (epoll::EventFlags::ERR, Ready::ERROR),
    ] {
        if flags.contains(flag) {
            ready |= it;
        }
    }
    Happened {
        fd: (data as u32).cast_signed(),
        generation: (data >> 32) as u32,
        ready,
    }
}
