//! Waiting, and telling.

use std::time::Duration;

use super::call::Callback;
use super::{Deferred, Event, Kind, Loop, USUAL};
use crate::BackendKind;
use crate::error::Error;
use crate::interest::Ready;
use crate::queue::{Active, Queue};
use crate::token::Token;

/// Why [`Loop::run`] came back.
///
/// ```
/// assert_eq!(evloop::Loop::new()?.run()?, evloop::Ended::NothingLeft);
/// # Ok::<(), evloop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// No registration is left, and no call is deferred.
    NothingLeft,
    /// Somebody called [`Loop::stop`] or [`Loop::stop_now`].
    Stopped,
}

/// What the loop has been asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stop {
    #[default]
    No,
    /// After what is active.
    Soon,
    /// After the callback that runs.
    Now,
}

/// How long to wait where nothing is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    None,
    UntilSomething,
}

impl Loop {
    /// Waits and calls, until no registration is left or it is stopped.
    ///
    /// A registration that rests, such as an idle timer, counts: the loop waits for other threads then.
    ///
    /// # Errors
    /// Waiting failed. It may be called again.
    ///
    /// # Panics
    /// If a callback panics. Its registration is removed; the loop can go on.
    ///
    /// ```
    /// use evloop::{Ended, Loop, Timer};
    /// use std::time::Duration;
    ///
    /// let mut events = Loop::new()?;
    /// events.add_timer(Timer::once(Duration::from_millis(1)), |_, _| {});
    /// assert_eq!(events.run()?, Ended::NothingLeft);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn run(&mut self) -> Result<Ended, Error> {
        loop {
            if self.stop != Stop::No {
                self.stop = Stop::No;
                return Ok(Ended::Stopped);
            }
            if self.is_empty() && self.deferred.is_empty() && !self.remote.is_awake() {
                return Ok(Ended::NothingLeft);
            }
            self.turn(Patience::UntilSomething)?;
        }
    }

    /// Waits until something happens, and tells it.
    ///
    /// # Errors
    /// Waiting failed.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    ///
    /// ```
    /// use evloop::{Loop, Timer};
    /// use std::time::Duration;
    ///
    /// let mut events = Loop::new()?;
    /// events.add_timer(Timer::once(Duration::from_millis(1)), |_, _| {});
    /// events.run_once()?;
    /// assert!(events.is_empty());
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn run_once(&mut self) -> Result<(), Error> {
        let told = self.stats.callbacks;
        self.was_woken = !self.deferred.is_empty();
        loop {
            self.turn(Patience::UntilSomething)?;
            // A timer far away, or a signal, may end the wait with nothing to tell.
            let is_idle = self.stats.callbacks == told && self.stop == Stop::No;
            if !is_idle || self.was_woken {
                return Ok(());
            }
        }
    }

    /// Tells what has happened, without waiting.
    ///
    /// # Errors
    /// Asking the system failed.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    ///
    /// ```
    /// evloop::Loop::new()?.poll()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn poll(&mut self) -> Result<(), Error> {
        self.turn(Patience::None)
    }

    /// Has [`run`](Self::run) come back once all that is active has been told.
    ///
    /// ```
    /// use evloop::{Ended, Loop};
    ///
    /// let mut events = Loop::new()?;
    /// events.stop();
    /// assert_eq!(events.run()?, Ended::Stopped);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn stop(&mut self) {
        if self.stop == Stop::No {
            self.stop = Stop::Soon;
        }
    }

    /// Has [`run`](Self::run) come back when the callback returns that runs. What is active stays so, and is told when
    /// the loop goes on.
    ///
    /// ```
    /// use evloop::{Ended, Loop};
    ///
    /// let mut events = Loop::new()?;
    /// events.stop_now();
    /// assert_eq!(events.run()?, Ended::Stopped);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn stop_now(&mut self) {
        self.stop = Stop::Now;
    }

    /// Tells the kernel of what has changed; the loop does so itself before it waits.
    pub(super) fn flush(&mut self) {
        let Self {
            descriptors,
            backend,
            stats,
            ..
        } = self;
        let mut refused = Vec::new();
        stats.changes += descriptors.flush(backend, |token| refused.push(token));
        self.stats.refusals += refused.len() as u64;
        for token in refused {
            self.make_active(token, Ready::ERROR);
        }
    }

    pub(super) fn turn(&mut self, patience: Patience) -> Result<(), Error> {
        if self.descriptors.is_changed() {
            self.flush();
        }
        if self.is_haunted {
            self.chase_ghosts();
        }
        self.wait(patience)?;
        self.hear_timers();
        if self.remote.is_awake() {
            self.hear_calls();
        }
        self.dispatch();
        self.call_deferred();
        Ok(())
    }

    /// A new instance of the backend knows of nothing but what is watched. Where none can be made, the loop tries again
    /// before each wait; until then a ghost costs time, and reaches nobody.
    fn chase_ghosts(&mut self) {
        drop(self.switch_backend(self.backend()));
    }

    fn wait(&mut self, patience: Patience) -> Result<(), Error> {
        let is_quiet = self.queues.iter().all(Queue::is_empty);
        let is_active = patience == Patience::None
            || !is_quiet
            || !self.deferred.is_empty()
            || self.remote.is_awake()
            || self.descriptors.is_some_always_ready();
        let timeout = if is_active {
            Some(Duration::ZERO)
        } else {
            self.until_next_timer()
        };
        self.stats.waits += 1;
        // Then what the kernel says goes into the queue as it is.
        let is_plain = is_quiet && self.unusual == 0 && self.descriptors.are_told_by_tokens();
        let heard = if is_plain {
            &mut self.queues[usize::from(USUAL)]
        } else {
            &mut self.heard
        };
        let waited = self.backend.wait(timeout, heard);
        self.is_now_over.set(true);
        self.are_marked &= !is_plain;
        self.removed_before = is_plain.then_some(self.removed);
        if !is_plain {
            self.hear();
        }
        waited.map_err(|error| self.failed(error))
    }

    #[cold]
    fn failed(&self, source: std::io::Error) -> Error {
        let is_simulated = self.backend() == BackendKind::Simulation;
        if is_simulated && source.kind() == std::io::ErrorKind::WouldBlock {
            Error::WouldWaitForever
        } else {
            Error::Wait(source)
        }
    }

    /// From the time that it is now, not from the one that callbacks see.
    fn until_next_timer(&self) -> Option<Duration> {
        let next = Duration::from_micros(self.wheel.next()?);
        self.look_at_the_clock();
        Some(next.saturating_sub(self.now()))
    }

    pub(super) fn look_at_the_clock(&self) {
        self.now_ns.set(self.backend.clock_ns(self.begun));
        self.is_now_over.set(false);
    }

    /// Puts what the kernel said into the queues, one by one: some have another priority than the usual one, watch what
    /// others watch too, are always ready, or wait to be told already and are told it with that.
    fn hear(&mut self) {
        self.mark();
        let descriptors = std::mem::take(&mut self.descriptors);
        while let Some(Active { token, ready }) = self.heard.pop() {
            if self.make_active(token, ready) || token == Token::WAKER {
                continue;
            }
            let members = descriptors.members(token);
            for member in members {
                self.make_active(member.token, ready);
            }
            if members.is_empty() {
                self.see_ghost();
            }
        }
        self.heard.compact();
        descriptors.for_each_always_ready(|token, ready| _ = self.make_active(token, ready));
        self.descriptors = descriptors;
    }

    /// Marks those who are in a queue, so that what happens to them again is told there.
    pub(super) fn mark(&mut self) {
        if std::mem::replace(&mut self.are_marked, true) {
            return;
        }
        for queue in &mut self.queues {
            queue.retell(|active| {
                if let Some(registration) = self.registrations.get_mut(active.token) {
                    registration.waiting.ready |= active.ready;
                    registration.waiting.is_queued = true;
                }
                Ready::NONE
            });
        }
    }

    /// The kernel goes on telling of a file that was closed while it was watched, and is open elsewhere.
    fn see_ghost(&mut self) {
        self.stats.ghosts += 1;
        self.is_haunted = true;
    }

    fn hear_calls(&mut self) {
        self.was_woken = true;
        let mut calls = std::mem::take(&mut self.calls);
        self.remote.take(&mut calls);
        let calls_of_ours = calls.drain(..).map(|call| -> Deferred { call });
        self.deferred.extend(calls_of_ours);
        self.calls = calls;
    }

    fn hear_timers(&mut self) {
        if self.wheel.is_empty() {
            return;
        }
        let now_us = self.now_ns() / 1000;
        let Self { wheel, due, .. } = self;
        wheel.advance(now_us, |slot| due.push(slot));
        if !due.is_empty() {
            self.hear_due(now_us);
        }
    }

    fn hear_due(&mut self, now_us: u64) {
        let mut due = std::mem::take(&mut self.due);
        for slot in due.drain(..) {
            let Some(token) = self.registrations.token_at(slot) else {
                continue;
            };
            if let Some(registration) = self.registrations.get_mut(token)
                && let Kind::Timer { every_us, .. } = registration.kind
            {
                registration.told |= Ready::TIMER;
                if let Some(every) = every_us {
                    // A period of nothing would be due again before anything else is heard.
                    self.wheel.arm(slot, now_us + every.max(1));
                }
            }
            self.make_active(token, Ready::TIMER);
        }
        self.due = due;
    }

    /// Calls who is active: the most urgent, as many as there are when it begins.
    #[inline(never)]
    fn dispatch(&mut self) {
        let Some(urgent) = self.queues.iter().position(|queue| !queue.is_empty()) else {
            return;
        };
        for _ in 0..self.queues[urgent].len() {
            let Some(active) = self.queues[urgent].pop() else {
                break;
            };
            self.tell(active);
            if self.stop == Stop::Now {
                break;
            }
        }
        self.queues[urgent].compact();
    }

    #[inline]
    fn tell(&mut self, Active { token, ready }: Active) {
        let Some(registration) = self.registrations.get_mut(token) else {
            return self.miss(token);
        };
        // What it was queued for may be over: another callback changed its interest, or armed it again.
        let waiting = std::mem::take(&mut registration.waiting);
        let ready = (ready | waiting.ready) & registration.told;
        if ready.is_empty() {
            return;
        }
        let Some(callback) = registration.callback.take() else {
            // It runs, and waits itself: it is told when it has returned.
            registration.waiting.ready = ready;
            return;
        };
        if ready.contains(Ready::TIMER) {
            self.call_due(callback, Event { token, ready });
        } else {
            self.call(callback, Event { token, ready });
        }
    }

    /// A timer, which is over then unless it stays or is armed again.
    #[inline(never)]
    fn call_due(&mut self, callback: Callback, event: Event) {
        self.call(callback, event);
        let registration = self.registrations.get(event.token);
        let kind = registration.map(|it| it.kind);
        if matches!(kind, Some(Kind::Timer { stays: false, .. }))
            && !self.wheel.is_armed(event.token.slot())
        {
            self.remove(event.token);
        }
    }

    #[inline(always)]
    fn call(&mut self, mut callback: Callback, event: Event) {
        let token = event.token;
        self.stats.callbacks += 1;
        let mut running = Running {
            events: self,
            token,
            has_returned: false,
        };
        callback.call(running.events, event);
        running.has_returned = true;
        drop(running);
        let Some(registration) = self.registrations.get_mut(token) else {
            return;
        };
        // It was taken from there; to look costs less than to drop what is not.
        if registration.callback.is_some() {
            return;
        }
        registration.callback = Some(callback);
        if !registration.waiting.ready.is_empty() {
            self.make_active(token, Ready::NONE);
        }
    }

    /// Nobody has what was about to be told.
    #[cold]
    fn miss(&mut self, token: Token) {
        if token == Token::WAKER {
            return;
        }
        if self.removed_before == Some(self.removed) {
            // Nobody who was there when the loop waited is gone.
            self.see_ghost();
        } else {
            self.stats.stale += 1;
        }
    }

    /// Those there are now: what they defer comes after the next wait.
    fn call_deferred(&mut self) {
        for _ in 0..self.deferred.len() {
            if self.stop == Stop::Now {
                break;
            }
            if let Some(call) = self.deferred.pop_front() {
                call(self);
            }
        }
    }
}

/// Removes the registration whose callback panics.
struct Running<'a> {
    events: &'a mut Loop,
    token: Token,
    has_returned: bool,
}

impl Drop for Running<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.has_returned {
            self.events.remove(self.token);
        }
    }
}
