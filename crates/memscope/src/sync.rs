//! The one module that names an atomic, a lock or a way to wait.
//!
//! Everything else in the crate imports them from here, so that the code which loom explores
//! (`--cfg loom`) is the code that ships.

#[cfg(not(loom))]
mod imp {
    pub(crate) use core::sync::atomic::AtomicU8;
    #[cfg(feature = "enabled")]
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};
    #[cfg(feature = "enabled")]
    pub(crate) use std::sync::OnceLock;
    pub(crate) use std::sync::{Mutex, MutexGuard};
}

#[cfg(loom)]
mod imp {
    #[cfg(test)]
    pub(crate) use loom::sync::Arc;
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64};
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

pub(crate) use core::sync::atomic::Ordering;
pub(crate) use imp::*;

/// Declares a function `const`, except under loom, whose cells are not made in a const context.
#[cfg(feature = "enabled")]
macro_rules! const_fn {
    ($(#[$attribute:meta])* $visibility:vis const fn $($rest:tt)*) => {
        #[cfg(not(loom))]
        $(#[$attribute])*
        $visibility const fn $($rest)*
        #[cfg(loom)]
        $(#[$attribute])*
        $visibility fn $($rest)*
    };
}
#[cfg(feature = "enabled")]
pub(crate) use const_fn;

/// The content of a lock, whoever panicked while holding it: what this crate keeps under locks is
/// changed by single stores.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(feature = "enabled")]
pub(crate) use counter::OwnedCounter;

#[cfg(feature = "enabled")]
mod counter {
    use super::{AtomicU64, Ordering};

    /// A counter that one thread at a time adds to, and that any thread reads.
    ///
    /// Adding is a load and a store, not an exchange: the owner is alone.
    #[derive(Debug, Default)]
    pub(crate) struct OwnedCounter(AtomicU64);

    impl OwnedCounter {
        /// Adds; only the owner calls this. Readers may see it late.
        #[inline]
        pub(crate) fn add(&self, amount: u64) -> u64 {
            let sum = self.get().wrapping_add(amount);
            self.0.store(sum, Ordering::Relaxed);
            sum
        }

        /// Adds, and shows with it everything that the owner did before.
        #[inline]
        pub(crate) fn add_and_publish(&self, amount: u64) {
            let sum = self.get().wrapping_add(amount);
            // ORDERING: Release; the partner is `get_published`. Who sees this sum sees what came before it.
            self.0.store(sum, Ordering::Release);
        }

        /// Sets; only the owner calls this.
        #[inline]
        pub(crate) fn set(&self, value: u64) {
            self.0.store(value, Ordering::Relaxed);
        }

        /// The value, exact for the owner.
        #[inline]
        pub(crate) fn get(&self) -> u64 {
            self.0.load(Ordering::Relaxed)
        }

        /// The value, and with it what its owner did before adding the last of it.
        pub(crate) fn get_published(&self) -> u64 {
            // ORDERING: Acquire; the partner is `add_and_publish`.
            self.0.load(Ordering::Acquire)
        }
    }
}
