//! A spin lock that allocates nothing and can be held across `fork`.

use crate::sync::{AtomicBool, Ordering, UnsafeCell, const_fn, yield_now};

/// A value for one thread at a time. Held for short, on cold paths alone.
///
/// # Invariants
///
/// 1. `value` is used only by the thread that changed `held` from false to true.
pub(crate) struct Lock<T> {
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: a thread gets at the value by `&mut` only, one at a time (invariant 1): as with moving it
// from thread to thread, which `T: Send` allows.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            Self {
                held: AtomicBool::new(false),
                value: UnsafeCell::new(value),
            }
        }
    }

    /// Runs `body` with the value. `body` neither panics, nor allocates, nor comes back here.
    pub(crate) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        self.acquire();
        // SAFETY: this thread holds the lock (invariant 1), until the line after the next.
        let result = self.value.with_mut(|value| body(unsafe { &mut *value }));
        self.release();
        result
    }

    /// Waits for the lock and keeps it until [`Lock::release`], for `fork` alone.
    pub(crate) fn acquire(&self) {
        let mut turns = 0_u32;
        // ORDERING: Acquire pairs with the Release in `release`.
        while self
            .held
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            turns += 1;
            if cfg!(any(loom, miri)) || turns.is_multiple_of(64) {
                yield_now();
            } else {
                core::hint::spin_loop();
            }
        }
    }

    /// Gives the lock up. Only who holds it may.
    pub(crate) fn release(&self) {
        // ORDERING: Release pairs with the Acquire in `acquire`.
        self.held.store(false, Ordering::Release);
    }
}

#[cfg(all(test, not(loom)))]
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
