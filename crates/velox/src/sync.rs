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

pub(crate) use core::sync::atomic::Ordering;
pub(crate) use imp::*;

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
