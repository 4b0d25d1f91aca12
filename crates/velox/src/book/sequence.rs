//! A sequence count over atomics: one writer, readers that repeat what an update disturbed.
//!
//! After H.-J. Boehm, "Can seqlocks get along with programming language memory models?" (2012).
//! What is protected is atomics, so that a reader who comes in between reads numbers that do not
//! fit together, and throws them away; there is no data race.

use crate::sync::{AtomicU64, Ordering, fence, spin_loop};

/// Odd while an update goes on.
#[derive(Debug)]
pub(crate) struct Sequence(AtomicU64);

impl Sequence {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// The count, for a writer that keeps no copy.
    #[inline]
    pub(crate) fn count(&self) -> u64 {
        // ORDERING: Relaxed: the writer alone stores it.
        self.0.load(Ordering::Relaxed)
    }

    /// Opens an update. `count` is the writer's own copy, which `end` counts up.
    #[inline]
    pub(crate) fn begin(&self, count: u64) {
        self.0.store(count + 1, Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire fence in `try_read`: who sees a store of this update
        // sees the odd count too.
        fence(Ordering::Release);
    }

    /// Ends an update.
    #[inline]
    pub(crate) fn end(&self, count: &mut u64) {
        *count += 2;
        // ORDERING: Release pairs with the Acquire in `try_read`: who sees the even count sees the whole
        // update.
        self.0.store(*count, Ordering::Release);
    }

    /// Runs `look` until no update went on meanwhile, and gives what it then gave.
    #[inline]
    pub(crate) fn read<R>(&self, mut look: impl FnMut() -> R) -> R {
        loop {
            if let Some(seen) = self.try_read(&mut look) {
                return seen;
            }
            spin_loop();
        }
    }

    /// Runs `look`, and gives what it gave if no update went on meanwhile.
    #[inline]
    pub(crate) fn try_read<R>(&self, look: impl FnOnce() -> R) -> Option<R> {
        // ORDERING: Acquire pairs with the Release in `end`.
        let before = self.0.load(Ordering::Acquire);
        if !before.is_multiple_of(2) {
            return None;
        }
        let seen = look();
        // ORDERING: Acquire pairs with the Release fence in `begin`.
        fence(Ordering::Acquire);
        (self.0.load(Ordering::Relaxed) == before).then_some(seen)
    }
}
