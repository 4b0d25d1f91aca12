//! The one module that names an atomic, a lock or a cell.
#![expect(unsafe_code, reason = "a value that one thread at a time reaches")]

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

/// A value that one thread at a time works on. Who finds another inside waits for it, under a lock, or does without.
#[derive(Debug)]
pub(crate) struct Gate<T> {
    /// For those who wait, and who are told of a change.
    lock: Mutex<()>,
    left: Condvar,
    /// Those who wait to be told.
    waiting: AtomicU32,
    /// Whether somebody is inside, with the lock or without.
    is_entered: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by one thread at a time; it may be any, for what is behind a gate here belongs to no thread
// but to whom is inside.
unsafe impl<T> Sync for Gate<T> {}

/// The value, as long as one is inside.
#[derive(Debug)]
pub(crate) struct Entered<'a, T> {
    gate: &'a Gate<T>,
    guard: Option<MutexGuard<'a, ()>>,
}

impl<T> Gate<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            lock: Mutex::new(()),
            left: Condvar::new(),
            waiting: AtomicU32::new(0),
            is_entered: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Goes in: with the lock if `locks`, and else only if nobody is inside. A thread that is inside itself must not ask.
    #[inline]
    pub(crate) fn enter(&self, locks: bool) -> Option<Entered<'_, T>> {
        if locks {
            return Some(self.wait_to_enter(true));
        }
        // ORDERING: Acquire pairs with the Release in `leave`.
        let is_free = !self.is_entered.swap(true, Ordering::Acquire);
        is_free.then_some(Entered {
            gate: self,
            guard: None,
        })
    }

    /// Goes in when nobody else is inside.
    #[inline]
    pub(crate) fn wait_to_enter(&self, locks: bool) -> Entered<'_, T> {
        let guard = locks.then(|| lock(&self.lock));
        self.take();
        Entered { gate: self, guard }
    }

    fn take(&self) {
        // ORDERING: Acquire pairs with the Release in `leave`. Who is inside without the lock stays there shortly.
        while self.is_entered.swap(true, Ordering::Acquire) {
            std::thread::yield_now();
        }
    }

    fn leave(&self) {
        // ORDERING: Release pairs with the Acquire of who comes next.
        self.is_entered.store(false, Ordering::Release);
    }

    /// Tells those who wait inside to look again.
    pub(crate) fn notify(&self) {
        // Relaxed is enough: who waits for what was changed inside said so inside, before. A condition variable of the
        // standard library makes a system call even for nobody.
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.left.notify_all();
        }
    }
}

impl<T> Entered<'_, T> {
    /// Leaves until somebody calls [`Gate::notify`], and goes in again. Without a lock it comes back at once.
    pub(crate) fn wait(&mut self) {
        if let Some(guard) = self.guard.take() {
            self.gate.waiting.fetch_add(1, Ordering::Relaxed);
            self.gate.leave();
            let guard = self.gate.left.wait(guard);
            self.gate.waiting.fetch_sub(1, Ordering::Relaxed);
            self.guard = Some(guard.unwrap_or_else(std::sync::PoisonError::into_inner));
            self.gate.take();
        }
    }
}

impl<T> Drop for Entered<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.gate.leave();
    }
}

impl<T> Deref for Entered<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: whoever has this is inside alone.
        unsafe { &*self.gate.value.get() }
    }
}

impl<T> DerefMut for Entered<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and this is borrowed for as long.
        unsafe { &mut *self.gate.value.get() }
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;

    #[test]
    fn threads_go_in_one_at_a_time_with_the_lock_and_without() {
        let gate = Gate::new(0_u32);
        let count = |locks| {
            let mut entered = 0;
            while entered < 1000 {
                if let Some(mut value) = gate.enter(locks) {
                    *value += 1;
                    entered += 1;
                }
            }
        };
        std::thread::scope(|threads| {
            for locks in [true, false, true, false] {
                threads.spawn(move || count(locks));
            }
        });
        assert_eq!(*gate.wait_to_enter(false), 4000);
    }

    #[test]
    fn who_finds_another_inside_does_without_or_waits_to_be_told() {
        let gate = Gate::new(false);
        let mut inside = gate.wait_to_enter(true);
        assert!(gate.enter(false).is_none());
        std::thread::scope(|threads| {
            threads.spawn(|| {
                *gate.wait_to_enter(true) = true;
                gate.notify();
            });
            while !*inside {
                inside.wait();
            }
        });
    }
}
