//! The one module that names an atomic or a lock.

pub(crate) use core::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// A lock that allocates nothing, and that a child of `fork` can open for a thread that it doesn't have.
///
/// What it guards is made of atomics: an `open` too many would spoil counts, and no memory.
#[derive(Debug)]
pub(crate) struct Lock(AtomicU32);

impl Lock {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    pub(crate) fn with<R>(&self, work: impl FnOnce() -> R) -> R {
        self.close();
        let result = work();
        self.open();
        result
    }

    /// Waits until no other thread has it.
    pub(crate) fn close(&self) {
        let mut tries = 0_u32;
        // ORDERING: Acquire; the partner is `open`: who has the lock sees what the last owner wrote.
        while self.0.swap(1, Ordering::Acquire) != 0 {
            tries += 1;
            match tries {
                0..100 => std::hint::spin_loop(),
                100..200 => std::thread::yield_now(),
                // The owner may have a lower priority than a thread that only yields.
                _ => std::thread::sleep(std::time::Duration::from_micros(50)),
            }
        }
    }

    pub(crate) fn open(&self) {
        // ORDERING: Release; the partner is `close`.
        self.0.store(0, Ordering::Release);
    }
}
