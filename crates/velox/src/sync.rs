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
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, fence};
    pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
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
