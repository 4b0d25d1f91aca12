//! The one module that names an atomic, a lock or a thread.
//!
//! Everything else in the crate imports them from here, so that the code which
//! loom (`--cfg loom`) and shuttle (`--cfg shuttle`) explore is the code that ships.

#[cfg(not(any(loom, shuttle)))]
mod imp {
    pub(crate) use core::hint::spin_loop;
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, fence};
    pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard};
    pub(crate) use std::thread;
}

#[cfg(loom)]
mod imp {
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, fence};
    pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};
    pub(crate) use loom::thread;
}

#[cfg(all(shuttle, not(loom)))]
mod imp {
    pub(crate) use shuttle::hint::spin_loop;
    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, fence};
    pub(crate) use shuttle::sync::{Arc, Condvar, Mutex, MutexGuard};
    pub(crate) use shuttle::thread;
}

#[cfg(loom)]
mod once {
    use super::{AtomicU32, Ordering};

    /// loom has none. This one has the orderings of that of the standard library, for loom to see.
    #[derive(Debug)]
    pub(crate) struct OnceLock<T> {
        value: std::sync::OnceLock<T>,
        is_set: AtomicU32,
    }

    impl<T> OnceLock<T> {
        pub(crate) fn new() -> Self {
            Self {
                value: std::sync::OnceLock::new(),
                is_set: AtomicU32::new(0),
            }
        }

        pub(crate) fn set(&self, value: T) -> Result<(), T> {
            self.value.set(value)?;
            // ORDERING: Release pairs with the Acquire in `get`: who sees that it is set sees what was made before.
            self.is_set.store(1, Ordering::Release);
            Ok(())
        }

        pub(crate) fn get(&self) -> Option<&T> {
            // ORDERING: Acquire pairs with the Release in `set`.
            let is_set = self.is_set.load(Ordering::Acquire) != 0;
            self.value.get().filter(|_| is_set)
        }
    }
}

pub(crate) use core::sync::atomic::Ordering;
pub(crate) use imp::*;
#[cfg(loom)]
pub(crate) use once::OnceLock;
#[cfg(not(loom))]
pub(crate) use std::sync::OnceLock;

use std::sync::PoisonError;

/// A sequentially consistent fence between an access by a locked instruction, or a load, and a load.
///
/// On x86-64 the processor keeps these in order by itself: a compare-exchange, even one that fails,
/// empties the store buffer, and loads are not reordered with each other. There it only holds the
/// compiler back; the full fence would take longer than what it stands between. Loom and Miri, which
/// do not know x86, check with the full fence, as every other processor has it. crossbeam-epoch
/// relies on the same (`Local::pin`).
#[inline(always)]
pub(crate) fn fence_after_exchange_or_load() {
    #[cfg(all(target_arch = "x86_64", not(any(loom, shuttle, miri))))]
    core::sync::atomic::compiler_fence(Ordering::SeqCst);
    // ORDERING: SeqCst: orders what is before it and what is after it against the same fence of
    // other threads; the callers say what for.
    #[cfg(not(all(target_arch = "x86_64", not(any(loom, shuttle, miri)))))]
    fence(Ordering::SeqCst);
}

/// That many words, all 0. The system gives large ones page by page, as they are first touched.
pub(crate) fn zeroed(words: usize) -> Box<[AtomicU64]> {
    #[cfg(not(any(loom, shuttle)))]
    if let Ok(words) = <[AtomicU64] as zerocopy::FromZeros>::new_box_zeroed_with_elems(words) {
        return words;
    }
    (0..words).map(|_| AtomicU64::new(0)).collect()
}

/// Locks. Nothing in this crate leaves what it locks half changed when it panics.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
