//! Tables that grow and never move: an array of pointers to chunks, each made when it is first needed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt;

use crate::sync::{AtomicPtr, Ordering, const_fn};

/// Up to `CHUNKS * LEN` values, in chunks of `LEN`. A chunk is never freed, so that what it holds is `'static`.
///
/// Chunks come from the system's allocator: the one that is being accounted for must not be asked.
///
/// # Invariants
/// 1. A pointer of `chunks` is null, or leads to `LEN` values that are initialised, aligned and never freed.
/// 2. A pointer that is not null never changes.
pub(crate) struct Directory<T: 'static, const CHUNKS: usize, const LEN: usize> {
    chunks: [AtomicPtr<T>; CHUNKS],
}

impl<T: Default + Sync, const CHUNKS: usize, const LEN: usize> Directory<T, CHUNKS, LEN> {
    const LAYOUT: Layout = {
        assert!(size_of::<T>() != 0 && LEN != 0);
        Layout::new::<[T; LEN]>()
    };

    const_fn! {
        pub(crate) const fn new() -> Self {
            #[cfg(not(loom))]
            return Self {
                chunks: [const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNKS],
            };
            #[cfg(loom)]
            return Self {
                chunks: std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut())),
            };
        }
    }

    /// The value at `index`, if its chunk has been made.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&'static T> {
        let chunk = self.chunks.get(index / LEN)?;
        // ORDERING: Acquire; the partner is the exchange of `make`, after which the chunk is initialised.
        let base = chunk.load(Ordering::Acquire);
        if base.is_null() {
            return None;
        }
        // SAFETY: not null, so that by invariant 1 it leads to `LEN` values; the remainder is below `LEN`.
        let value = unsafe { base.add(index % LEN) };
        // SAFETY: by invariant 1 initialised, aligned and never freed; no `&mut` to it is ever made; `T` is `Sync`.
        Some(unsafe { &*value })
    }

    /// The value at `index`, whose chunk is made where it is missing. `None` where the table ends, or memory does.
    pub(crate) fn get_or_make(&self, index: usize) -> Option<&'static T> {
        match self.get(index) {
            Some(value) => Some(value),
            None => self.make(index),
        }
    }

    #[cold]
    fn make(&self, index: usize) -> Option<&'static T> {
        let chunk = self.chunks.get(index / LEN)?;
        // SAFETY: the layout's size is not 0, by the assertion of `LAYOUT`.
        let base = unsafe { System.alloc(Self::LAYOUT) }.cast::<T>();
        if base.is_null() {
            return None;
        }
        for place in 0..LEN {
            // SAFETY: the allocation has room for `LEN` values.
            let value = unsafe { base.add(place) };
            // SAFETY: inside the allocation, aligned for `T` by its layout, and not shared yet.
            unsafe { value.write(T::default()) };
        }
        // ORDERING: Release on success; the partner is the load of `get`. On failure nothing is read through it here.
        let won = chunk.compare_exchange(
            std::ptr::null_mut(),
            base,
            Ordering::Release,
            Ordering::Relaxed,
        );
        if won.is_err() {
            // Another thread was first. The values of this chunk own nothing that a drop would have to free.
            // SAFETY: allocated above with this layout, and seen by nobody.
            unsafe { System.dealloc(base.cast(), Self::LAYOUT) };
        }
        self.get(index)
    }
}

impl<T: Default + Sync, const CHUNKS: usize, const LEN: usize> Default
    for Directory<T, CHUNKS, LEN>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const CHUNKS: usize, const LEN: usize> fmt::Debug for Directory<T, CHUNKS, LEN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}
