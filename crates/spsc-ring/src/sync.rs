//! The one module that names an atomic, an `UnsafeCell` or a thread.
//!
//! Everything else in the crate imports them from here, so that the code which
//! loom (`--cfg loom`) and shuttle (`--cfg shuttle`) explore is the code that ships.

#[cfg(not(any(loom, shuttle)))]
mod imp {
    #[cfg(feature = "alloc")]
    pub(crate) use alloc::sync::Arc;
    pub(crate) use core::hint::spin_loop;
    pub(crate) use core::sync::atomic::{AtomicU8, AtomicUsize, fence};
    #[cfg(feature = "std")]
    pub(crate) use std::thread;
}

#[cfg(loom)]
mod imp {
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::Arc;
    pub(crate) use loom::sync::atomic::{AtomicU8, AtomicUsize, fence};
    #[cfg(feature = "std")]
    pub(crate) use loom::thread;
}

#[cfg(all(shuttle, not(loom)))]
mod imp {
    pub(crate) use shuttle::hint::spin_loop;
    #[cfg(feature = "alloc")]
    pub(crate) use shuttle::sync::Arc;
    pub(crate) use shuttle::sync::atomic::{AtomicU8, AtomicUsize, fence};
    #[cfg(feature = "std")]
    pub(crate) use shuttle::thread;
}

pub(crate) use core::sync::atomic::Ordering;
pub(crate) use imp::*;

use core::mem::MaybeUninit;

/// Declares a function `const`, except under loom, whose cells are not made in a const context.
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
pub(crate) use const_fn;

/// A cell whose content is reached by a closure, which is the interface that loom can watch.
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(
    #[cfg(not(loom))] core::cell::UnsafeCell<T>,
    #[cfg(loom)] loom::cell::UnsafeCell<T>,
);

impl<T> UnsafeCell<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            #[cfg(not(loom))]
            return Self(core::cell::UnsafeCell::new(value));
            #[cfg(loom)]
            return Self(loom::cell::UnsafeCell::new(value));
        }
    }

    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        #[cfg(not(loom))]
        return f(self.0.get());
        #[cfg(loom)]
        return self.0.with_mut(f);
    }
}

/// `N` slots in place. Batches are slices over them, so they are plain cells under every checker;
/// [`Track`] tells loom which of them are accessed.
#[repr(transparent)]
#[derive(Debug)]
pub(crate) struct InlineSlots<T, const N: usize>(core::cell::UnsafeCell<[MaybeUninit<T>; N]>);

impl<T, const N: usize> InlineSlots<T, N> {
    pub(crate) const fn uninit() -> Self {
        Self(core::cell::UnsafeCell::new(
            [const { MaybeUninit::uninit() }; N],
        ))
    }

    pub(crate) const fn base(&self) -> *mut MaybeUninit<T> {
        self.0.get().cast()
    }
}

/// Reports slot accesses to loom; nothing in other builds.
#[derive(Debug)]
pub(crate) struct Track {
    #[cfg(loom)]
    cells: Box<[loom::cell::UnsafeCell<()>]>,
}

impl Track {
    const_fn! {
        pub(crate) const fn new(slots: usize) -> Self {
            #[cfg(not(loom))]
            let _ = slots;
            Self {
                #[cfg(loom)]
                cells: (0..slots).map(|_| loom::cell::UnsafeCell::new(())).collect(),
            }
        }
    }

    /// Says that the caller has the `len` slots from `start` on to itself at this moment.
    #[inline]
    pub(crate) fn touch(&self, start: usize, len: usize) {
        #[cfg(not(loom))]
        let _ = (start, len);
        #[cfg(loom)]
        for step in 0..len {
            self.cells[start.wrapping_add(step) % self.cells.len()].with_mut(|_| ());
        }
    }
}
