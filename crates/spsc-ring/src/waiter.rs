//! How a thread waits for an attempt to succeed.

use crate::raw::WakerCell;
use crate::sync;
#[cfg(feature = "std")]
use alloc::{sync::Arc, task::Wake};
use core::ops::ControlFlow::{self, Break};
#[cfg(feature = "std")]
use core::task::Waker;

/// What a thread does while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wait {
    /// Tries again and again.
    Spin,
    /// Tries again after the scheduler has run other threads.
    #[cfg(feature = "std")]
    Yield,
    /// Tries a few times, then sleeps until the other side has done something.
    #[cfg(feature = "std")]
    Park,
}

impl Wait {
    pub(crate) fn sleeps(self) -> bool {
        match self {
            Self::Spin => false,
            #[cfg(feature = "std")]
            Self::Yield => false,
            #[cfg(feature = "std")]
            Self::Park => true,
        }
    }
}

/// Attempts before a thread sleeps: about a microsecond, the order of what sleeping costs. None
/// under the checkers, which have nothing to learn from them.
#[cfg(feature = "std")]
const SPINS: u32 = if cfg!(any(loom, shuttle, miri)) {
    0
} else {
    64
};

/// Works on `handle`, then notifies who waits at `cell`; also when the work panics, since what it
/// did before that counts.
pub(crate) fn notify_after<H, O>(
    handle: &mut H,
    cell: fn(&H) -> &WakerCell,
    work: impl FnOnce(&mut H) -> O,
) -> O {
    struct Notify<'a, H>(&'a mut H, fn(&H) -> &WakerCell);
    impl<H> Drop for Notify<'_, H> {
        fn drop(&mut self) {
            (self.1)(self.0).notify();
        }
    }
    let notify = Notify(handle, cell);
    work(&mut *notify.0)
}

/// Waits for one handle. Keeps the waker of the thread that waited last.
#[derive(Debug)]
pub(crate) struct Waiter {
    wait: Wait,
    #[cfg(feature = "std")]
    waker: Option<(sync::thread::ThreadId, Waker)>,
}

impl Waiter {
    pub(crate) fn new(wait: Wait) -> Self {
        Self {
            wait,
            #[cfg(feature = "std")]
            waker: None,
        }
    }

    pub(crate) fn wait(&self) -> Wait {
        self.wait
    }

    /// Repeats the attempt on `handle` until it breaks. `cell` is where the other side looks for
    /// who waits.
    #[inline]
    pub(crate) fn wait_for<H, O>(
        &mut self,
        handle: &mut H,
        #[cfg_attr(
            not(feature = "std"),
            expect(unused_variables, reason = "only a sleeper needs it")
        )]
        cell: impl Fn(&H) -> &WakerCell,
        mut attempt: impl FnMut(&mut H) -> ControlFlow<O>,
    ) -> O {
        loop {
            if let Break(out) = attempt(handle) {
                return out;
            }
            match self.wait {
                Wait::Spin => sync::spin_loop(),
                #[cfg(feature = "std")]
                Wait::Yield => sync::thread::yield_now(),
                #[cfg(feature = "std")]
                Wait::Park => return self.park_until(handle, cell, attempt),
            }
        }
    }

    #[cfg(feature = "std")]
    #[cold]
    fn park_until<H, O>(
        &mut self,
        handle: &mut H,
        cell: impl Fn(&H) -> &WakerCell,
        mut attempt: impl FnMut(&mut H) -> ControlFlow<O>,
    ) -> O {
        for _ in 0..SPINS {
            sync::spin_loop();
            if let Break(out) = attempt(handle) {
                return out;
            }
        }
        loop {
            // A sleeper announces itself first, then looks once more, then sleeps.
            cell(handle).register(self.waker());
            if let Break(out) = attempt(handle) {
                return out;
            }
            sync::thread::park();
        }
    }

    /// The waker of this thread, made anew only when the handle has changed threads.
    #[cfg(feature = "std")]
    fn waker(&mut self) -> &Waker {
        let thread = sync::thread::current();
        let id = thread.id();
        if self.waker.as_ref().is_none_or(|(owner, _)| *owner != id) {
            self.waker = None;
        }
        &self
            .waker
            .get_or_insert_with(|| (id, Waker::from(Arc::new(Unpark(thread)))))
            .1
    }
}

#[cfg(feature = "std")]
struct Unpark(sync::thread::Thread);

#[cfg(feature = "std")]
impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
