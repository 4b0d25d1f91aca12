//! Linux' io_uring: one poll for each descriptor, put in again when it has been answered, so that it is told level by level.
//! Putting in and waiting are one system call.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use super::Watch;
use crate::interest::Ready;
use crate::queue::{Active, Queue};
use crate::raw::Ring;

#[derive(Clone, Copy)]
struct Watched {
    watch: Watch,
    /// Of the poll that the kernel has; it tells answers to earlier ones apart.
    armed: Option<u32>,
}

pub(crate) struct Uring {
    ring: Ring,
    /// By number.
    watched: Vec<Option<Watched>>,
    /// Watched, and unknown to the kernel.
    unarmed: Vec<RawFd>,
    polls: u32,
}

impl Uring {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            ring: Ring::new()?,
            watched: Vec::new(),
            unarmed: Vec::new(),
            polls: 0,
        })
    }

    /// Watches a descriptor, or watches it for something else.
    pub(crate) fn set(&mut self, watch: Watch) -> io::Result<()> {
        self.remove(watch.fd)?;
        let number = usize::try_from(watch.fd).unwrap_or(0);
        if self.watched.len() <= number {
            self.watched.resize(number + 1, None);
        }
        self.watched[number] = Some(Watched { watch, armed: None });
        self.unarmed.push(watch.fd);
        Ok(())
    }

    pub(crate) fn remove(&mut self, fd: RawFd) -> io::Result<()> {
        let watched = usize::try_from(fd)
            .ok()
            .and_then(|it| self.watched.get_mut(it));
        let Some(poll) = watched.and_then(Option::take).and_then(|it| it.armed) else {
            return Ok(());
        };
        self.ring.cancel(name(fd, poll))
    }

    pub(crate) fn wait(&mut self, timeout: Option<Duration>, heard: &mut Queue) -> io::Result<()> {
        while let Some(fd) = self.unarmed.pop() {
            self.arm(fd)?;
        }
        self.ring.wait(timeout)?;
        let Self {
            ring,
            watched,
            unarmed,
            ..
        } = self;
        ring.answers(|name, answer| {
            let (fd, poll) = ((name as u32).cast_signed(), (name >> 32) as u32);
            let number = usize::try_from(fd).unwrap_or(usize::MAX);
            let Some(Some(it)) = watched.get_mut(number) else {
                return;
            };
            if it.armed != Some(poll) {
                return;
            }
            it.armed = None;
            unarmed.push(fd);
            heard.push(Active {
                token: it.watch.name,
                // A negative answer is an error's number.
                ready: u32::try_from(answer).map_or(Ready::ERROR, Ready::from_poll),
            });
        });
        Ok(())
    }

    fn arm(&mut self, fd: RawFd) -> io::Result<()> {
        let number = usize::try_from(fd).unwrap_or(usize::MAX);
        let Some(Some(it)) = self.watched.get_mut(number) else {
            return Ok(());
        };
        if it.armed.is_some() {
            return Ok(());
        }
        self.polls = self.polls.wrapping_add(1);
        it.armed = Some(self.polls);
        self.ring
            .poll(fd, it.watch.interest.to_poll(), name(fd, self.polls))
    }
}

fn name(fd: RawFd, poll: u32) -> u64 {
    u64::from(fd.cast_unsigned()) | u64::from(poll) << 32
}
