//! A spin lock that allocates nothing and can be held across `fork`.

use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicBool, Ordering};

/// A value for one thread at a time.
///
/// # Invariants
///
/// 1. `value` is used only by the thread that changed `held` from false to true.
pub(super) struct Lock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: a thread gets at the value by `&mut` only, one at a time (invariant 1): as with moving it
// from thread to thread, which `T: Send` allows.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub(super) const fn new(value: T) -> Self {
        Self {
            held: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Runs `body` with the value. `body` must not panic and must not come back here.
    pub(super) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        self.acquire();
        // SAFETY: this thread holds the lock (invariant 1), until the line after the next.
        let result = body(unsafe { &mut *self.value.get() });
        self.release();
        result
    }

    /// Waits for the lock and keeps it until [`Lock::release`], for `fork` alone.
    pub(super) fn acquire(&self) {
        // ORDERING: Acquire pairs with the Release in `release`.
        while self
            .held
            .compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            std::thread::yield_now();
        }
    }

    /// Gives the lock up. Only who holds it may.
    pub(super) fn release(&self) {
        // ORDERING: Release pairs with the Acquire in `acquire`.
        self.held.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::Lock;
    use std::thread;

    #[test]
    fn threads_take_turns() {
        static SUM: Lock<u64> = Lock::new(0);
        let each = if cfg!(miri) { 20 } else { 10_000 };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..each).for_each(|_| SUM.with(|sum| *sum += 1)));
            }
        });
        assert_eq!(SUM.with(|sum| *sum), 4 * each);
    }
}
