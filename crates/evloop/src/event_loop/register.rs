//! What callbacks are registered for.

use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::Duration;

use super::{Callback, Event, Kind, Loop, PRIORITIES, Registration, USUAL, Waiting};
use crate::SimulatedDescriptor;
use crate::descriptors::Member;
use crate::interest::{Interest, Ready};
use crate::queue::Active;
use crate::token::Token;

/// When a timer is due.
///
/// Times are kept in microseconds, rounded up; they are counted from the loop's [`now`](Loop::now).
///
/// ```
/// use evloop::Timer;
/// use std::time::Duration;
///
/// let every = Timer::every(Duration::from_millis(10));
/// assert_ne!(every, Timer::once(Duration::from_millis(10)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    after: Option<Duration>,
    every: bool,
    stays: bool,
}

impl Timer {
    /// Due once, and removed with that.
    ///
    /// ```
    /// let timer = evloop::Timer::once(std::time::Duration::from_secs(1));
    /// ```
    #[must_use]
    pub const fn once(after: Duration) -> Self {
        Self {
            after: Some(after),
            every: false,
            stays: false,
        }
    }

    /// Due again and again. What was missed while the loop was busy is not made up for.
    ///
    /// ```
    /// let timer = evloop::Timer::every(std::time::Duration::from_secs(1));
    /// ```
    #[must_use]
    pub const fn every(period: Duration) -> Self {
        Self {
            after: Some(period),
            every: true,
            stays: true,
        }
    }

    /// Due when it is [armed](Loop::arm), each time once.
    ///
    /// ```
    /// let timer = evloop::Timer::idle();
    /// ```
    #[must_use]
    pub const fn idle() -> Self {
        Self {
            after: None,
            every: false,
            stays: true,
        }
    }
}

fn microseconds(time: Duration) -> u64 {
    let below = u64::from(time.subsec_nanos().div_ceil(1000));
    let seconds = time.as_secs().min(u64::MAX / 4 / 1_000_000);
    seconds * 1_000_000 + below
}

impl Loop {
    /// Watches a source: a socket, a pipe, anything with a descriptor. The registration owns it, and gives it to the
    /// callback; a source that several registrations watch comes as an `Rc`.
    ///
    /// Level by level: the callback is called again as long as it is ready. Regular files, which epoll refuses, are
    /// always ready. The kernel is told when the loop waits next; where it refuses, the callback gets [`Ready::ERROR`].
    ///
    /// ```
    /// use evloop::{Interest, Loop};
    /// use std::io::Read;
    ///
    /// let (reader, writer) = std::io::pipe().unwrap();
    /// let mut events = Loop::new()?;
    /// let token = events.add_io(reader, Interest::READABLE, |events, reader, event| {
    ///     assert_eq!(reader.read(&mut [0]).unwrap(), 0); // The end.
    ///     events.remove(event.token);
    /// });
    /// drop(writer);
    /// events.run()?; // To the last registration.
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn add_io<S: AsFd + 'static>(
        &mut self,
        mut source: S,
        interest: Interest,
        mut callback: impl FnMut(&mut Self, &mut S, Event) + 'static,
    ) -> Token {
        let fd = source.as_fd().as_raw_fd();
        let callback = Callback::owned(move |events, event| callback(events, &mut source, event));
        self.insert_io(fd, interest, callback)
    }

    /// The same for a descriptor of the simulated kernel. The callback is told nothing of it but that it is ready.
    ///
    /// ```
    /// use evloop::{Interest, Loop, Ready, Simulation};
    ///
    /// let simulation = Simulation::new(1);
    /// let mut events = Loop::simulated(&simulation)?;
    /// let descriptor = simulation.open();
    /// events.add_simulated(descriptor, Interest::READABLE, |events, _| events.stop());
    /// simulation.set_ready(descriptor, Ready::READABLE);
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn add_simulated(
        &mut self,
        descriptor: SimulatedDescriptor,
        interest: Interest,
        callback: impl FnMut(&mut Self, Event) + 'static,
    ) -> Token {
        let fd = descriptor.number();
        self.insert_io(fd, interest, Callback::owned(callback))
    }

    /// Changes what a descriptor is watched for; with [`Interest::NONE`] the registration rests, and what was not told
    /// yet is not told. `false` if the token names no descriptor's registration.
    ///
    /// A change that is undone before the loop waits costs no system call.
    ///
    /// ```
    /// use evloop::{Interest, Loop};
    ///
    /// let (reader, writer) = std::io::pipe().unwrap();
    /// let mut events = Loop::new()?;
    /// let token = events.add_io(reader, Interest::NONE, |_, _, _| unreachable!());
    /// assert!(events.set_interest(token, Interest::READABLE));
    /// assert!(events.set_interest(token, Interest::NONE));
    /// drop(writer);
    /// events.poll()?;
    /// assert_eq!(events.stats().changes, 0);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn set_interest(&mut self, token: Token, interest: Interest) -> bool {
        let Some(registration) = self.registrations.get_mut(token) else {
            return false;
        };
        let Kind::Io { fd } = registration.kind else {
            return false;
        };
        registration.told = Ready::told_of(interest);
        self.descriptors.set_interest(fd, token, interest);
        true
    }

    /// A timer.
    ///
    /// ```
    /// use evloop::{Loop, Timer};
    /// use std::time::Duration;
    ///
    /// let mut events = Loop::new()?;
    /// events.add_timer(Timer::once(Duration::from_millis(1)), |events, _| events.stop());
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn add_timer(
        &mut self,
        timer: Timer,
        callback: impl FnMut(&mut Self, Event) + 'static,
    ) -> Token {
        let every_us = timer.after.filter(|_| timer.every).map(microseconds);
        let stays = timer.stays;
        let kind = Kind::Timer { every_us, stays };
        let token = self.insert(Callback::owned(callback), kind, Ready::ACTIVATED);
        if let Some(after) = timer.after {
            self.arm(token, after);
        }
        token
    }

    /// Arms a timer for a time from [`now`](Self::now) on, once, whatever it was armed for before. `false` if the token
    /// names no timer.
    ///
    /// Complexity: constant.
    ///
    /// ```
    /// use evloop::{Loop, Timer};
    /// use std::time::Duration;
    ///
    /// let mut events = Loop::new()?;
    /// let token = events.add_timer(Timer::idle(), |events, _| events.stop());
    /// assert!(events.arm(token, Duration::from_millis(1)));
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn arm(&mut self, token: Token, after: Duration) -> bool {
        if !self.is_timer_undue(token) {
            return false;
        }
        let now_ns = self.now_ns();
        if self.wheel.is_empty() {
            // It has not been moved meanwhile.
            self.wheel.advance(now_ns / 1000, |_| {});
        }
        let deadline = now_ns.div_ceil(1000) + microseconds(after);
        self.wheel.arm(token.slot(), deadline);
        true
    }

    /// Disarms a timer: it is not due until it is armed again. `false` if the token names no timer.
    ///
    /// ```
    /// use evloop::{Loop, Timer};
    /// use std::time::Duration;
    ///
    /// let mut events = Loop::new()?;
    /// let token = events.add_timer(Timer::once(Duration::ZERO), |_, _| unreachable!());
    /// assert!(events.disarm(token));
    /// events.poll()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn disarm(&mut self, token: Token) -> bool {
        if !self.is_timer_undue(token) {
            return false;
        }
        self.wheel.disarm(token.slot());
        true
    }

    /// Calls `call` before the loop waits next, after what is active.
    ///
    /// ```
    /// let mut events = evloop::Loop::new()?;
    /// events.defer(|events| events.stop());
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn defer(&mut self, call: impl FnOnce(&mut Self) + 'static) {
        self.deferred.push_back(Box::new(call));
    }

    /// Has a callback called with [`Ready::ACTIVATED`], as if something had happened. `false` if the token names nothing.
    ///
    /// ```
    /// use evloop::{Loop, Ready, Timer};
    ///
    /// let mut events = Loop::new()?;
    /// let token = events.add_timer(Timer::idle(), |events, event| {
    ///     assert_eq!(event.ready, Ready::ACTIVATED);
    ///     events.stop();
    /// });
    /// assert!(events.activate(token));
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn activate(&mut self, token: Token) -> bool {
        self.make_active(token, Ready::ACTIVATED)
    }

    /// Sets the priority: 0 is the most urgent, 3 the least, 1 is usual. As long as something more urgent is active,
    /// less urgent callbacks are not called. `false` if the token names nothing.
    ///
    /// # Panics
    /// If the priority is above 3.
    ///
    /// ```
    /// use evloop::{Loop, Timer};
    ///
    /// let mut events = Loop::new()?;
    /// let token = events.add_timer(Timer::idle(), |_, _| {});
    /// assert!(events.set_priority(token, 0));
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn set_priority(&mut self, token: Token, priority: u8) -> bool {
        assert!(usize::from(priority) < PRIORITIES, "priorities are 0 to 3");
        self.mark();
        let Some(registration) = self.registrations.get_mut(token) else {
            return false;
        };
        let before = std::mem::replace(&mut registration.priority, priority);
        self.unusual += usize::from(priority != USUAL);
        self.unusual -= usize::from(before != USUAL);
        if registration.waiting.is_queued && before != priority {
            // What stands in the queue from before tells nothing then.
            let ready = Ready::NONE;
            self.queues[usize::from(priority)].push(Active { token, ready });
        }
        true
    }

    /// Removes a registration: nothing reaches it any more. Its callback, with what it owns, is dropped before this
    /// returns; if it is running, when it returns. `false` if the token names nothing.
    ///
    /// ```
    /// use evloop::{Loop, Timer};
    /// use std::time::Duration;
    ///
    /// let mut events = Loop::new()?;
    /// let token = events.add_timer(Timer::once(Duration::ZERO), |_, _| unreachable!());
    /// assert!(events.remove(token));
    /// assert!(!events.remove(token));
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn remove(&mut self, token: Token) -> bool {
        let Some(registration) = self.registrations.remove(token) else {
            return false;
        };
        self.removed += 1;
        self.unusual -= usize::from(registration.priority != USUAL);
        match registration.kind {
            Kind::Io { fd } => self.descriptors.leave(fd, token),
            Kind::Timer { .. } | Kind::None => _ = self.wheel.disarm(token.slot()),
        }
        true
    }

    /// Whether the token names a registration.
    ///
    /// ```
    /// use evloop::{Loop, Timer};
    ///
    /// let mut events = Loop::new()?;
    /// let token = events.add_timer(Timer::idle(), |_, _| {});
    /// assert!(events.contains(token));
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub fn contains(&self, token: Token) -> bool {
        self.registrations.get(token).is_some()
    }

    pub(super) fn insert_io(&mut self, fd: RawFd, interest: Interest, callback: Callback) -> Token {
        let told = Ready::told_of(interest);
        let token = self.insert(callback, Kind::Io { fd }, told);
        self.descriptors.join(fd, Member { token, interest });
        token
    }

    /// Whether it is a timer; if so, what it was due for is not told any more.
    fn is_timer_undue(&mut self, token: Token) -> bool {
        let Some(registration) = self.registrations.get_mut(token) else {
            return false;
        };
        if !matches!(registration.kind, Kind::Timer { .. }) {
            return false;
        }
        registration.told = Ready::ACTIVATED;
        true
    }

    pub(super) fn insert(&mut self, callback: Callback, kind: Kind, told: Ready) -> Token {
        self.registrations.insert(Registration {
            callback: Some(callback),
            kind,
            told,
            waiting: Waiting::default(),
            priority: USUAL,
        })
    }

    /// Puts a registration into its queue, with what happened. `false` if the token names nothing.
    pub(super) fn make_active(&mut self, token: Token, ready: Ready) -> bool {
        let Some(registration) = self.registrations.get_mut(token) else {
            return false;
        };
        let waiting = &mut registration.waiting;
        waiting.ready |= ready;
        if !std::mem::replace(&mut waiting.is_queued, true) {
            let ready = Ready::NONE;
            self.queues[usize::from(registration.priority)].push(Active { token, ready });
        }
        true
    }
}
