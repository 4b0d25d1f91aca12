//! A spin lock that allocates nothing and can be held across `fork`.

use core::cell::Cell;
use core::ptr;

use crate::sync::{AtomicBool, AtomicUsize, Ordering, UnsafeCell, const_fn, yield_now};

/// A value for one thread at a time. Held for short, on cold paths alone.
///
/// # Invariants
///
/// 1. `value` is used only by the thread that changed `held` from false to true.
/// 2. `keeper` tells the thread that keeps the lock, and is not within `with`; else 0. A thread writes its
///    own token alone, and takes it back before it gives the lock up.
pub(crate) struct Lock<T> {
    held: AtomicBool,
    keeper: AtomicUsize,
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
                keeper: AtomicUsize::new(0),
                value: UnsafeCell::new(value),
            }
        }
    }

    /// Runs `body` with the value. `body` neither panics, nor comes back here, nor allocates, but from the
    /// inner allocator while its thread is opted out.
    pub(crate) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        let taken = self.take();
        // SAFETY: this thread holds the lock (invariant 1), until the next lines or, if it keeps it, longer.
        // It uses the value nowhere else: not within another call (above), nor where it keeps the lock.
        let result = self.value.with_mut(|value| body(unsafe { &mut *value }));
        if taken {
            self.give();
        }
        result
    }

    /// Waits for the lock and keeps it until [`Lock::release`], for `fork` alone. Other handlers of the fork
    /// may allocate meanwhile, by way of `with`.
    #[cfg(not(loom))]
    pub(crate) fn acquire(&self) {
        self.take();
        self.keeper.store(token(), Ordering::Relaxed);
    }

    /// Gives up what `acquire` took. Only who holds it may.
    #[cfg(not(loom))]
    pub(crate) fn release(&self) {
        self.keeper.store(0, Ordering::Relaxed);
        self.give();
    }

    /// Waits for the lock. False if this thread keeps it already.
    fn take(&self) -> bool {
        let mut turns = 0_u32;
        // ORDERING: Acquire pairs with the Release in `give`.
        while self
            .held
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            // Relaxed: a thread finds its own token only where it wrote that last (invariant 2).
            // Models have no forks, and threads without thread locals.
            if cfg!(not(loom)) && self.keeper.load(Ordering::Relaxed) == token() {
                return false;
            }
            turns += 1;
            if cfg!(any(loom, miri)) || turns.is_multiple_of(64) {
                yield_now();
            } else {
                core::hint::spin_loop();
            }
        }
        true
    }

    fn give(&self) {
        // ORDERING: Release pairs with the Acquire in `take`.
        self.held.store(false, Ordering::Release);
    }
}

/// A number that no other living thread has, and not 0. The only thread of a forked child has that of the
/// thread that forked.
fn token() -> usize {
    thread_local! {
        static PLACE: Cell<u8> = const { Cell::new(0) };
    }
    PLACE.with(|place| ptr::from_ref(place).addr())
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
