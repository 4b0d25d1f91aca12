//! How a thread sleeps until another has something for it.

use super::options::Wait;
use crate::sync::{AtomicBool, Mutex, Ordering, fence, spin_loop, thread};

/// Attempts before a thread sleeps: about a microsecond, the order of what sleeping costs. None under the checkers,
/// which have nothing to learn from them.
const ATTEMPTS: u32 = if cfg!(any(loom, shuttle, miri)) {
    0
} else {
    64
};

/// A sleep overshoots by about this much, so who has to be in time wakes that much earlier and yields instead.
const OVERSHOOT_NS: u64 = 60_000;

/// What wakes one thread.
#[derive(Debug)]
pub(crate) struct Bell {
    asleep: AtomicBool,
    sleeper: Mutex<Option<thread::Thread>>,
}

impl Bell {
    pub(crate) fn new() -> Self {
        Self {
            asleep: AtomicBool::new(false),
            sleeper: Mutex::new(None),
        }
    }

    /// Wakes the thread if it sleeps or is about to. To be called after the change that it may wait for.
    #[inline]
    pub(crate) fn ring(&self) {
        // ORDERING: the SeqCst fence pairs with that in `announce`: either the sleeper sees the change in its last
        // attempt, or its announcement is seen here.
        fence(Ordering::SeqCst);
        // ORDERING: Relaxed: the fence orders it.
        if self.asleep.load(Ordering::Relaxed) {
            self.wake();
        }
    }

    #[cold]
    fn wake(&self) {
        // ORDERING: Relaxed: the handle is behind a lock, and waking orders what the sleeper sees.
        self.asleep.store(false, Ordering::Relaxed);
        if let Ok(sleeper) = self.sleeper.lock()
            && let Some(thread) = sleeper.as_ref()
        {
            thread.unpark();
        }
    }

    /// Says that the calling thread will sleep, unless an attempt after this succeeds.
    fn announce(&self) {
        self.asleep.store(true, Ordering::Relaxed);
        // ORDERING: the SeqCst fence pairs with that in `ring`.
        fence(Ordering::SeqCst);
    }

    fn retract(&self) {
        self.asleep.store(false, Ordering::Relaxed);
    }

    /// Makes the calling thread the one that it wakes.
    fn adopt(&self) {
        if let Ok(mut sleeper) = self.sleeper.lock() {
            *sleeper = Some(thread::current());
        }
    }
}

/// How one thread passes its time between attempts.
#[derive(Debug)]
pub(crate) struct Idler<'a> {
    wait: Wait,
    bell: &'a Bell,
    attempts: u32,
    announced: bool,
}

impl<'a> Idler<'a> {
    /// For the calling thread.
    pub(crate) fn new(wait: Wait, bell: &'a Bell) -> Self {
        bell.adopt();
        Self {
            wait,
            bell,
            attempts: 0,
            announced: false,
        }
    }

    /// The attempt succeeded.
    #[inline]
    pub(crate) fn moved(&mut self) {
        self.attempts = 0;
        if self.announced {
            self.announced = false;
            self.bell.retract();
        }
    }

    /// The attempt failed: passes time, at most until about `until_ns` after now, then returns for the next one.
    #[inline]
    pub(crate) fn idle(&mut self, until_ns: Option<u64>) {
        match self.wait {
            Wait::Spin => spin_loop(),
            Wait::Yield => thread::yield_now(),
            Wait::Park => self.park(until_ns),
        }
    }

    fn park(&mut self, until_ns: Option<u64>) {
        if self.attempts < ATTEMPTS {
            self.attempts += 1;
            return spin_loop();
        }
        if until_ns.is_some_and(|ns| ns <= OVERSHOOT_NS) {
            return thread::yield_now();
        }
        // A sleeper announces itself first, then makes one more attempt, then sleeps.
        if !self.announced {
            self.announced = true;
            return self.bell.announce();
        }
        sleep(until_ns.map(|ns| ns - OVERSHOOT_NS));
        self.announced = false;
        self.bell.retract();
    }
}

#[cfg(not(any(loom, shuttle)))]
fn sleep(limit_ns: Option<u64>) {
    match limit_ns {
        Some(ns) => thread::park_timeout(core::time::Duration::from_nanos(ns)),
        None => thread::park(),
    }
}

/// The checkers have no time: a limit may be over at once.
#[cfg(any(loom, shuttle))]
fn sleep(limit_ns: Option<u64>) {
    match limit_ns {
        Some(_) => thread::yield_now(),
        None => thread::park(),
    }
}
