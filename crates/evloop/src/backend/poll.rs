//! POSIX' poll.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

use super::{Watch, epoll::timespec};
use crate::interest::{Interest, Ready};
use crate::queue::{Active, Queue};
use crate::raw::borrow;
use crate::token::Token;

/// What is watched, in no order; each knows its place by its number.
#[derive(Default)]
pub(crate) struct Poll {
    descriptors: Vec<PollFd<'static>>,
    watched: Vec<(RawFd, Token)>,
    /// By number, one more than its place; 0 for what is not watched.
    places: Vec<u32>,
}

impl Poll {
    pub(crate) fn set(&mut self, watch: Watch) {
        let number = usize::try_from(watch.fd).unwrap_or(0);
        if self.places.len() <= number {
            self.places.resize(number + 1, 0);
        }
        let flags = asked(watch.interest);
        let descriptor = PollFd::from_borrowed_fd(borrow(watch.fd), flags);
        let watched = (watch.fd, watch.name);
        if let Some(place) = (self.places[number] as usize).checked_sub(1) {
            self.descriptors[place] = descriptor;
            self.watched[place] = watched;
        } else {
            self.descriptors.push(descriptor);
            self.watched.push(watched);
            self.places[number] = self.watched.len() as u32;
        }
    }

    pub(crate) fn remove(&mut self, fd: RawFd) {
        let place = usize::try_from(fd)
            .ok()
            .and_then(|it| self.places.get_mut(it));
        let Some(place) = place.and_then(|it| (std::mem::take(it) as usize).checked_sub(1)) else {
            return;
        };
        self.descriptors.swap_remove(place);
        self.watched.swap_remove(place);
        if let Some((moved, _)) = self.watched.get(place) {
            self.places[*moved as usize] = place as u32 + 1;
        }
    }

    pub(crate) fn wait(&mut self, timeout: Option<Duration>, heard: &mut Queue) -> io::Result<()> {
        let timeout = timeout.map(timespec);
        let mut left = poll(&mut self.descriptors, timeout.as_ref())?;
        for (descriptor, (_, token)) in self.descriptors.iter().zip(&self.watched) {
            if left == 0 {
                break;
            }
            let ready = answered(descriptor.revents());
            if !ready.is_empty() {
                left -= 1;
                let token = *token;
                heard.push(Active { token, ready });
            }
        }
        Ok(())
    }
}

/// Flag by flag, for their numbers have one type in rustix with the C library and another without.
fn asked(interest: Interest) -> PollFlags {
    let mut flags = PollFlags::empty();
    flags.set(PollFlags::IN, interest.contains(Interest::READABLE));
    flags.set(PollFlags::OUT, interest.contains(Interest::WRITABLE));
    flags.set(PollFlags::PRI, interest.contains(Interest::PRIORITY));
    flags
}

fn answered(flags: PollFlags) -> Ready {
    let mut ready = Ready::NONE;
    for (flag, it) in [
        (PollFlags::IN, Ready::READABLE),
        (PollFlags::OUT, Ready::WRITABLE),
        (PollFlags::PRI, Ready::PRIORITY),
        (PollFlags::HUP, Ready::HANGUP),
        (PollFlags::ERR, Ready::ERROR),
        // Closed while it was watched.
        (PollFlags::NVAL, Ready::ERROR),
    ] {
        if flags.contains(flag) {
            ready |= it;
        }
    }
    ready
}
