//! For layers on top of the loop, such as interfaces of other languages: registrations that own nothing, single rounds,
//! and what becomes of a loop in the child of a fork.

use std::os::fd::{AsRawFd, BorrowedFd};

use super::call::{Call, Callback};
use super::run::{Patience, Stop};
use super::{Kind, Loop};
use crate::backend::{Backend, BackendKind};
use crate::error::Error;
use crate::interest::{Interest, Ready};
use crate::token::Token;

impl Loop {
    /// Watches a descriptor that somebody else owns, as [`add_io`](Self::add_io) does one that the loop owns.
    ///
    /// Where its owner closes it first, nothing is told, or [`Ready::ERROR`]; what has its number
    /// later is told to those alone who watch it then.
    ///
    /// ```
    /// use evloop::{Call, Interest, Loop};
    /// use std::io::Write;
    /// use std::os::fd::AsFd;
    ///
    /// let (reader, mut writer) = std::io::pipe().unwrap();
    /// let reader: &'static std::io::PipeReader = Box::leak(Box::new(reader));
    /// writer.write_all(b"x").unwrap();
    /// let mut events = Loop::new()?;
    /// let call = Call {
    ///     function: |events, event, _, _| _ = events.remove(event.token),
    ///     context: std::ptr::null_mut(),
    ///     data: 0,
    /// };
    /// events.watch(reader.as_fd(), Interest::READABLE, call);
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn watch(&mut self, fd: BorrowedFd<'static>, interest: Interest, call: Call) -> Token {
        self.insert_io(fd.as_raw_fd(), interest, Callback::Plain(call))
    }

    /// A registration that rests until it is [armed](Self::arm) or [activated](Self::activate), as one of an
    /// [idle timer](crate::Timer::idle).
    ///
    /// ```
    /// use evloop::{Call, Loop};
    /// use std::time::Duration;
    ///
    /// let mut events = Loop::new()?;
    /// let function = |events: &mut Loop, _, _, _| events.stop();
    /// let token = events.rest(Call { function, context: std::ptr::null_mut(), data: 0 });
    /// events.arm(token, Duration::from_millis(1));
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn rest(&mut self, call: Call) -> Token {
        let kind = Kind::Timer {
            every_us: None,
            stays: true,
        };
        self.insert(Callback::Plain(call), kind, Ready::ACTIVATED)
    }

    /// One round: waits if `waits` and nothing is active, then calls what is active of the highest priority, and what
    /// was deferred. A timer far away, a signal or another thread may end the wait with nothing called. Answers whether
    /// a stop was asked for, before or meanwhile, and takes that back.
    ///
    /// # Errors
    /// Waiting failed.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    ///
    /// ```
    /// let mut events = evloop::Loop::new()?;
    /// events.defer(|events| events.stop());
    /// assert!(events.turn_once(true)?);
    /// assert!(!events.turn_once(false)?);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn turn_once(&mut self, waits: bool) -> Result<bool, Error> {
        let patience = match waits {
            true => Patience::UntilSomething,
            false => Patience::None,
        };
        if self.stop == Stop::No {
            self.turn(patience)?;
        }
        Ok(std::mem::take(&mut self.stop) != Stop::No)
    }

    /// Whether callbacks wait to be called, so that the next round does not wait.
    ///
    /// ```
    /// use evloop::{Loop, Timer};
    ///
    /// let mut events = Loop::new()?;
    /// let token = events.add_timer(Timer::idle(), |_, _| {});
    /// assert!(!events.is_active());
    /// events.activate(token);
    /// assert!(events.is_active());
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.queues.iter().any(|queue| !queue.is_empty()) || !self.deferred.is_empty()
    }

    /// Looks at the clock, for [`now`](Self::now) and for timers that are armed from now on; for a loop that has not
    /// waited for a while.
    ///
    /// ```
    /// let mut events = evloop::Loop::new()?;
    /// let before = events.now();
    /// events.update_now();
    /// assert!(events.now() >= before);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn update_now(&mut self) {
        self.look_at_the_clock();
    }

    /// Makes the loop usable in the child of a fork, where it shares its backend and its waker with the parent: it gets
    /// new ones, and nothing that it does then reaches the parent's. Registrations stay. A [`Remote`](crate::Remote)
    /// from before the fork wakes the parent's loop alone.
    ///
    /// # Errors
    /// No descriptor is left for it. The loop still shares what it shared.
    ///
    /// ```
    /// let mut events = evloop::Loop::new()?;
    /// // In the child:
    /// events.after_fork()?;
    /// events.poll()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn after_fork(&mut self) -> Result<(), Error> {
        let kind = self.backend();
        if kind == BackendKind::Simulation {
            return Ok(());
        }
        let failed = |source| Error::Backend { kind, source };
        let mut backend = Backend::new(kind).map_err(failed)?;
        let remote = self.remote.renewed().map_err(Error::Waker)?;
        remote.watched_by(&mut backend).map_err(failed)?;
        self.remote = remote;
        self.backend = backend;
        self.descriptors.tell_again();
        self.is_haunted = false;
        Ok(())
    }
}
