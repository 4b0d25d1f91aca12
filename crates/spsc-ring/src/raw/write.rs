//! The end that writes: it owns the free slots.

use super::{Backing, Slots};
use crate::error::PushError;
use crate::header::{Header, Side};
use crate::sync::spin_loop;
use core::mem::MaybeUninit;

/// The producer's end.
///
/// # Invariants
/// 1. `tail` equals the header's tail: this end alone stores it.
/// 2. The slots `tail..limit` are free: the consumer has passed them, and this end has seen that.
/// 3. There is one write end of a backing at a time: it is made after a successful `lend` only.
#[derive(Debug)]
pub(crate) struct WriteEnd<T, R: Backing<T>> {
    slots: Slots<T>,
    tail: usize,
    limit: usize,
    backing: R,
}

impl<T, R: Backing<T>> WriteEnd<T, R> {
    /// The caller, in this folder, has just lent the header.
    pub(super) fn new(backing: R) -> Self {
        let tail = backing.header().tail();
        Self {
            slots: backing.slots(),
            tail,
            limit: tail,
            backing,
        }
    }

    #[inline]
    pub(crate) fn header(&self) -> &Header {
        self.backing.header()
    }

    /// Items in the ring; the consumer may already have taken some.
    pub(crate) fn len(&self) -> usize {
        self.tail.wrapping_sub(self.header().head())
    }

    #[inline]
    pub(crate) fn try_write(&mut self, value: T) -> Result<(), PushError<T>> {
        if self.tail == self.limit {
            let Some(limit) = fresh_limit(self.backing.header(), self.tail) else {
                return Err(PushError::Closed(value));
            };
            self.limit = limit;
            if self.tail == limit {
                return Err(PushError::Full(value));
            }
        }
        self.header().touch(self.tail, 1);
        // SAFETY: the slot of `tail` is valid while the backing lives, and free by invariant 2,
        // since `tail != limit`.
        unsafe { self.slots.at(self.tail).write(MaybeUninit::new(value)) };
        self.tail = self.tail.wrapping_add(1);
        self.backing.header().publish_tail(self.tail);
        Ok(())
    }

    /// The number of free slots, up to `want`. Asks the consumer's index only when those known to
    /// be free are fewer. A ring that the consumer has closed has none, once that is seen.
    #[inline]
    pub(super) fn reserve(&mut self, want: usize) -> usize {
        if self.limit.wrapping_sub(self.tail) < want {
            self.limit = fresh_limit(self.backing.header(), self.tail).unwrap_or(self.tail);
        }
        self.limit.wrapping_sub(self.tail).min(want)
    }

    /// `len` free slots that come after the next `skip`, in two pieces where they wrap.
    ///
    /// Never more than the reserved ones.
    #[inline]
    pub(super) fn spare(
        &mut self,
        skip: usize,
        len: usize,
    ) -> (&mut [MaybeUninit<T>], &mut [MaybeUninit<T>]) {
        assert!(skip.saturating_add(len) <= self.limit.wrapping_sub(self.tail));
        let start = self.tail.wrapping_add(skip);
        self.header().touch(start, len);
        let (front, back) = self.slots.pieces(start, len);
        // SAFETY: `tail..limit` is free by invariant 2 and the assertion keeps the slots within
        // it; nothing else reaches them while `self` is borrowed, and `self` keeps the backing.
        // Slots without content are valid as `MaybeUninit`.
        let front = unsafe { &mut *(front as *mut [MaybeUninit<T>]) };
        // SAFETY: as for `front`, from which it is apart.
        let back = unsafe { &mut *(back as *mut [MaybeUninit<T>]) };
        (front, back)
    }

    /// Publishes the next `n` slots.
    ///
    /// # Safety
    /// - At least `n` slots are reserved, and the first `n` of them are initialised.
    #[inline]
    pub(super) unsafe fn commit(&mut self, n: usize) {
        debug_assert!(n <= self.limit.wrapping_sub(self.tail));
        self.header().touch(self.tail, n);
        self.tail = self.tail.wrapping_add(n);
        self.backing.header().publish_tail(self.tail);
    }

    /// Drops the items in the next `n` slots, which stay free.
    ///
    /// # Safety
    /// - At least `n` slots are reserved, and the first `n` of them are initialised and not read
    ///   again.
    pub(super) unsafe fn discard(&mut self, n: usize) {
        debug_assert!(n <= self.limit.wrapping_sub(self.tail));
        self.header().touch(self.tail, n);
        // SAFETY: the slots are free by invariant 2, so this end has them to itself; the caller
        // answers for their content.
        unsafe { self.slots.drop_range(self.tail, n) };
    }
}

impl<T, R: Backing<T>> Drop for WriteEnd<T, R> {
    fn drop(&mut self) {
        self.header().retire(Side::Producer);
    }
}

/// The index up to which the producer, who stands at `tail`, may write; `None` when the consumer
/// wants nothing more.
///
/// A nearly full ring is looked at twice, with a moment between: taking the few slots that are
/// free would bring the producer back at once, and each look takes the cache line of its index
/// from the consumer, on whom everything waits. What is pushed here is in no hurry, it has most of
/// a ring before it.
///
/// Not a method: `&mut self` passed to a function that is not inlined would keep the end's fields
/// in memory on the path that is.
#[cold]
#[inline(never)]
fn fresh_limit(header: &Header, tail: usize) -> Option<usize> {
    if header.is_closed(Side::Consumer) {
        return None;
    }
    let limit = || header.head().wrapping_add(header.capacity());
    let first = limit();
    let free = first.wrapping_sub(tail);
    if free == 0 || free >= (header.capacity() / 4).min(NEARLY_FULL) {
        return Some(first);
    }
    (0..PAUSES).for_each(|_| spin_loop());
    Some(limit())
}

/// With fewer free slots than this, or than a quarter, a ring is nearly full.
const NEARLY_FULL: usize = 512;

/// How long the producer leaves a nearly full ring alone: some hundred nanoseconds. Measured at 8
/// bytes: 440 M items/s, 280 without.
const PAUSES: usize = 8;

#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests {
    use super::WriteEnd;
    use crate::Inline;
    use crate::raw::sealed::Backing as _;
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;

    /// The end checks what it is asked for, whoever asks: that is the border of the unsafe code.
    #[test]
    fn more_than_is_reserved_cannot_be_had() {
        let ring = Inline::<u8, 4>::with_capacity(3);
        assert!((&ring).header().lend());
        let mut end = WriteEnd::new(&ring);
        assert_eq!(end.reserve(9), 3);
        for (skip, len) in [(0, 4), (3, 1), (4, 0), (usize::MAX, 2)] {
            let spare = AssertUnwindSafe(|| _ = end.spare(skip, len));
            assert!(catch_unwind(spare).is_err(), "{skip} + {len}");
        }
        assert_eq!(end.spare(1, 2).0.len(), 2);
    }
}
