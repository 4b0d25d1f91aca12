//! Waiting, and telling.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use super::{Deferred, Event, Kind, Loop, Registration};
use crate::BackendKind;
use crate::descriptors::Member;
use crate::error::Error;
use crate::interest::Ready;
use crate::queue::{Active, Queue};

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
        self.flush();
        if self.is_haunted {
            self.chase_ghosts()?;
        }
        self.wait(patience)?;
        self.hear();
        self.dispatch();
        self.call_deferred();
        Ok(())
    }

    /// A new instance of the backend knows of nothing but what is watched.
    fn chase_ghosts(&mut self) -> Result<(), Error> {
        self.switch_backend(self.backend())
    }

    fn wait(&mut self, patience: Patience) -> Result<(), Error> {
        let is_active = patience == Patience::None
            || self.queues.iter().any(|queue| !queue.is_empty())
            || !self.deferred.is_empty()
            || self.remote.is_awake()
            || self.descriptors.is_some_always_ready();
        let timeout = if is_active {
            Some(Duration::ZERO)
        } else {
            self.until_next_timer()
        };
        self.happened.clear();
        self.stats.waits += 1;
        let waited = self.backend.wait(timeout, &mut self.happened);
        self.look_at_the_clock();
        waited.map_err(|source| {
            let is_simulated = self.backend() == BackendKind::Simulation;
            if is_simulated && source.kind() == std::io::ErrorKind::WouldBlock {
                Error::WouldWaitForever
            } else {
                Error::Wait(source)
            }
        })
    }

    /// From the time that it is now, not from the one that callbacks see.
    fn until_next_timer(&mut self) -> Option<Duration> {
        let next = Duration::from_micros(self.wheel.next()?);
        self.look_at_the_clock();
        Some(next.saturating_sub(self.now))
    }

    pub(super) fn look_at_the_clock(&mut self) {
        let time = self.backend.simulated_time();
        self.now = time.unwrap_or_else(|| self.begun.elapsed());
    }

    /// Puts what happened into the queues.
    fn hear(&mut self) {
        if self.queues.iter().all(Queue::is_empty) {
            self.hear_anew();
        } else {
            self.hear_more();
        }
        self.hear_timers();
        if self.remote.is_awake() {
            self.was_woken = true;
            let mut calls = std::mem::take(&mut self.calls);
            self.remote.take(&mut calls);
            let calls_of_ours = calls.drain(..).map(|call| -> Deferred { call });
            self.deferred.extend(calls_of_ours);
            self.calls = calls;
        }
    }

    /// Nobody is in a queue, and the kernel tells of each descriptor once: registrations need not be looked at.
    fn hear_anew(&mut self) {
        let Self {
            descriptors,
            queues,
            happened,
            remote,
            stats,
            ..
        } = self;
        let mut tell = |member: Member, ready: Ready| {
            let token = member.token;
            queues[usize::from(member.priority)].push(Active { token, ready });
        };
        for it in happened {
            if !remote.is_meant(*it) && !descriptors.for_each_member(*it, &mut tell) {
                stats.ghosts += 1;
                self.is_haunted = true;
            }
        }
        descriptors.for_each_always_ready(tell);
        self.are_marked = self.queues.iter().all(Queue::is_empty);
    }

    /// Some wait to be told already: what happens to them again is told with that.
    fn hear_more(&mut self) {
        self.mark();
        let happened = std::mem::take(&mut self.happened);
        let descriptors = std::mem::take(&mut self.descriptors);
        let mut tell = |member: Member, ready: Ready| _ = self.make_active(member.token, ready);
        let mut ghosts = 0;
        for it in &happened {
            if !descriptors.for_each_member(*it, &mut tell) {
                ghosts += 1;
            }
        }
        descriptors.for_each_always_ready(tell);
        let wakes = happened.iter().filter(|it| self.remote.is_meant(**it));
        ghosts -= wakes.count() as u64;
        self.stats.ghosts += ghosts;
        self.is_haunted |= ghosts > 0;
        self.descriptors = descriptors;
        self.happened = happened;
    }

    /// Marks those who are in a queue, so that what happens to them again is told there.
    fn mark(&mut self) {
        if std::mem::replace(&mut self.are_marked, true) {
            return;
        }
        for queue in &mut self.queues {
            for active in queue.iter_mut() {
                if let Some(registration) = self.registrations.get_mut(active.token) {
                    registration.pending |= std::mem::take(&mut active.ready);
                    registration.is_queued = true;
                }
            }
        }
    }

    fn hear_timers(&mut self) {
        let now = u64::try_from(self.now.as_micros()).unwrap_or(u64::MAX);
        let mut due = std::mem::take(&mut self.due);
        self.wheel.advance(now, |slot| due.push(slot));
        for slot in due.drain(..) {
            let Some(token) = self.registrations.token_at(slot) else {
                continue;
            };
            if let Some(registration) = self.registrations.get_mut(token)
                && let Kind::Timer {
                    every_us, is_due, ..
                } = &mut registration.kind
            {
                *is_due = true;
                if let Some(every) = *every_us {
                    // A period of nothing would be due again before anything else is heard.
                    self.wheel.arm(slot, now + every.max(1));
                }
            }
            self.make_active(token, Ready::TIMER);
        }
        self.due = due;
    }

    /// Calls who is active: the most urgent, as many as there are when it begins.
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

    fn tell(&mut self, active: Active) {
        let token = active.token;
        let Some(registration) = self.registrations.get_mut(token) else {
            self.stats.stale += 1;
            return;
        };
        registration.is_queued = false;
        let mut ready = active.ready | std::mem::take(&mut registration.pending);
        // What it was queued for may be over: another callback changed its interest, or armed it again.
        let mut is_once = false;
        match &mut registration.kind {
            Kind::Io { told, .. } => ready = ready & *told,
            Kind::Timer { is_due, stays, .. } => {
                if !std::mem::take(is_due) {
                    ready = ready.without(Ready::TIMER);
                }
                is_once = !*stays;
            }
        }
        if ready.is_empty() {
            return;
        }
        let Some(mut callback) = registration.callback.take() else {
            // It runs, and waits itself: it is told when it has returned.
            registration.keep(ready);
            return;
        };
        let is_over = is_once && ready.contains(Ready::TIMER);
        self.stats.callbacks += 1;
        let event = Event { token, ready };
        let result = catch_unwind(AssertUnwindSafe(|| callback.call(self, event)));
        if (is_over && !self.wheel.is_armed(token.slot())) || result.is_err() {
            self.remove(token);
        }
        if let Some(registration) = self.registrations.get_mut(token) {
            registration.callback = Some(callback);
            let meanwhile = registration.pending;
            if !meanwhile.is_empty() {
                self.make_active(token, meanwhile);
            }
        } else {
            drop(callback);
        }
        if let Err(panic) = result {
            resume_unwind(panic);
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

impl Registration {
    /// What is to be told later.
    fn keep(&mut self, ready: Ready) {
        self.pending |= ready;
        if let Kind::Timer { is_due, .. } = &mut self.kind {
            *is_due = ready.contains(Ready::TIMER);
        }
    }
}
