//! A pointer to the slots, which knows how an index finds its slot.

use core::fmt;
use core::mem::{self, MaybeUninit};
use core::ptr;

/// The slots of a ring, by address. Does not own them.
///
/// # Invariants
/// 1. `base` is valid for reads and writes of `mask + 1` slots, and aligned, as long as the
///    backing that made this lives.
/// 2. `mask + 1` is a power of two.
#[expect(
    unnameable_types,
    reason = "it stands in the sealed part of a public trait"
)]
pub struct Slots<T> {
    base: *mut MaybeUninit<T>,
    mask: usize,
}

// SAFETY: The pointer reaches values of `T` only. An end that is sent to another thread moves
// them there, which `T: Send` allows; which slots an end may touch is its own invariant.
unsafe impl<T: Send> Send for Slots<T> {}

// SAFETY: A shared `Slots` has no safe method that reads or writes a slot.
unsafe impl<T: Send> Sync for Slots<T> {}

impl<T> Clone for Slots<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slots<T> {}

impl<T> fmt::Debug for Slots<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots")
            .field("storage", &(self.mask + 1))
            .finish_non_exhaustive()
    }
}

impl<T> Slots<T> {
    /// The caller, in this folder, answers for the invariants.
    pub(super) const fn new(base: *mut MaybeUninit<T>, storage: usize) -> Self {
        assert!(storage.is_power_of_two());
        Self {
            base,
            mask: storage - 1,
        }
    }

    /// The slot of an index, any index.
    #[inline]
    pub(super) const fn at(self, index: usize) -> *mut MaybeUninit<T> {
        // Wrapping: it needs no promise, and the mask keeps it in bounds.
        self.base.wrapping_add(index & self.mask)
    }

    /// Asks for the slot's cache line, as a hint, so that it comes together with the index that is
    /// about to be read and not after it.
    #[inline]
    pub(super) fn prefetch(self, index: usize) {
        #[cfg(target_arch = "x86_64")]
        {
            use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: a prefetch reads nothing and cannot fault, whatever the address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(self.at(index).cast_const().cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = index;
    }

    /// The `len` slots from `start` on, in two pieces where they wrap. `len` is at most the number
    /// of slots; the pieces then are valid by invariant 1, and apart.
    #[inline]
    pub(super) fn pieces(self, start: usize, len: usize) -> (*mut [T], *mut [T]) {
        let first = len.min(self.mask + 1 - (start & self.mask));
        let front = ptr::slice_from_raw_parts_mut(self.at(start).cast(), first);
        let back = ptr::slice_from_raw_parts_mut(self.base.cast(), len - first);
        (front, back)
    }

    /// Drops the items in `len` slots from `start` on. When one panics the others are dropped
    /// while it unwinds, as `Vec` does.
    ///
    /// # Safety
    /// - The caller has these slots to itself, they are initialised, and are not read again.
    pub(super) unsafe fn drop_range(self, start: usize, len: usize) {
        if mem::needs_drop::<T>() {
            let end = start.wrapping_add(len);
            let mut rest = Rest {
                slots: self,
                next: start,
                end,
            };
            rest.run();
        }
    }
}

/// Items that `drop_range` has still to drop.
///
/// # Invariants
/// 1. The slots `next..end` meet the contract of `drop_range`.
struct Rest<T> {
    slots: Slots<T>,
    next: usize,
    end: usize,
}

impl<T> Rest<T> {
    fn run(&mut self) {
        while self.next != self.end {
            let slot = self.slots.at(self.next).cast::<T>();
            self.next = self.next.wrapping_add(1);
            // SAFETY: invariant 1; the slot left the range before its drop could panic.
            unsafe { slot.drop_in_place() };
        }
    }
}

impl<T> Drop for Rest<T> {
    fn drop(&mut self) {
        self.run();
    }
}

#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests {
    use super::Slots;
    use core::ptr;
    use std::panic::catch_unwind;

    /// A mask of another number would let indices reach slots that are not there.
    #[test]
    fn the_number_of_slots_is_a_power_of_two() {
        for storage in [0, 3, 12] {
            assert!(catch_unwind(|| Slots::<u8>::new(ptr::dangling_mut(), storage)).is_err());
        }
    }
}
