//! The one module that names an atomic, a lock or a cell.
#![expect(
    unsafe_code,
    reason = "a value that is locked only where its user asks for it"
)]

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

pub(crate) use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// The content of a lock, whoever panicked while holding it: what is kept under locks here is changed by single calls, or the
/// panic ends the process at the C boundary.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A value that one thread at a time works on: under a lock, or without one where the caller promised that.
#[derive(Debug)]
pub(crate) struct Gate<T> {
    lock: Mutex<()>,
    left: Condvar,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by `enter` alone, whose callers are one at a time; they may be of any thread, for what is
// behind a gate belongs to no thread but to whom is inside.
unsafe impl<T> Sync for Gate<T> {}

/// The value, as long as one is inside.
#[derive(Debug)]
pub(crate) struct Entered<'a, T> {
    value: &'a mut T,
    gate: &'a Gate<T>,
    guard: Option<MutexGuard<'a, ()>>,
}

impl<T> Gate<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            lock: Mutex::new(()),
            left: Condvar::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// Enters, with the lock if `locks`.
    ///
    /// # Safety
    /// - The calling thread is not inside.
    /// - Without the lock: no other thread is.
    #[inline]
    pub(crate) unsafe fn enter(&self, locks: bool) -> Entered<'_, T> {
        let guard = locks.then(|| lock(&self.lock));
        Entered {
            // SAFETY: nobody else is inside, by the lock or by the caller's promise.
            value: unsafe { &mut *self.value.get() },
            gate: self,
            guard,
        }
    }

    /// Tells those who wait inside to look again.
    pub(crate) fn notify(&self) {
        self.left.notify_all();
    }
}

impl<T> Entered<'_, T> {
    /// Leaves until somebody calls [`Gate::notify`], and enters again. Without a lock it comes back at once.
    pub(crate) fn wait(&mut self) {
        if let Some(guard) = self.guard.take() {
            let guard = self.gate.left.wait(guard);
            self.guard = Some(guard.unwrap_or_else(std::sync::PoisonError::into_inner));
        }
    }
}

impl<T> Deref for Entered<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> DerefMut for Entered<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}
