//! Free slots that the producer writes in place, and publishes together.

use super::{Backing, WriteEnd};
use core::fmt;
use core::mem::MaybeUninit;

/// Free slots, lent by [`Producer::grant`](crate::Producer::grant).
///
/// Values are added in order and become visible to the consumer with [`commit`](Self::commit).
/// A grant that is dropped drops the values added to it, one that is leaked leaks them; the
/// consumer sees neither.
///
/// # Invariants
/// 1. `len` slots are reserved at `end`.
/// 2. The first `filled <= len` of them hold a value.
pub struct WriteGrant<'a, T, R: Backing<T>> {
    end: &'a mut WriteEnd<T, R>,
    len: usize,
    filled: usize,
}

impl<'a, T, R: Backing<T>> WriteGrant<'a, T, R> {
    #[inline]
    pub(crate) fn new(end: &'a mut WriteEnd<T, R>, max: usize) -> Self {
        let len = end.reserve(max);
        Self {
            end,
            len,
            filled: 0,
        }
    }

    /// The number of slots lent, written or not.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no slot was lent.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of slots that hold a value.
    #[inline]
    pub fn filled(&self) -> usize {
        self.filled
    }

    /// Adds a value.
    ///
    /// # Errors
    ///
    /// The value, if all slots hold one.
    #[inline]
    pub fn push(&mut self, value: T) -> Result<(), T> {
        if self.filled == self.len {
            return Err(value);
        }
        if let Some(slot) = self.end.spare(self.filled, 1).0.first_mut() {
            slot.write(value);
            self.filled += 1;
        }
        Ok(())
    }

    /// Adds as many of the values as have a slot, and returns their number.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, mut consumer) = spsc_ring::ring(4);
    /// let mut grant = producer.grant(4);
    /// assert_eq!(grant.extend_from_slice(b"ab"), 2);
    /// assert_eq!(grant.extend_from_slice(b"cdef"), 2);
    /// grant.commit_all();
    /// assert!(consumer.drain(4).eq(*b"abcd"));
    /// ```
    #[inline]
    pub fn extend_from_slice(&mut self, values: &[T]) -> usize
    where
        T: Copy,
    {
        let count = values.len().min(self.len - self.filled);
        let (front, back) = self.end.spare(self.filled, count);
        let (for_front, for_back) = values[..count].split_at(front.len());
        front.write_copy_of_slice(for_front);
        back.write_copy_of_slice(for_back);
        self.filled += count;
        count
    }

    /// Adds values until no slot is left or the iterator ends. Takes no more than it adds.
    pub fn fill(&mut self, values: impl IntoIterator<Item = T>) -> usize {
        let before = self.filled;
        for value in values.into_iter().take(self.len - before) {
            // The iterator is cut to the slots that are left.
            let refused = self.push(value);
            debug_assert!(refused.is_ok());
        }
        self.filled - before
    }

    /// The slots without a value, in two pieces where they wrap, to be written in place.
    ///
    /// What is written counts only after [`assume_filled`](Self::assume_filled).
    #[inline]
    pub fn as_uninit_slices(&mut self) -> (&mut [MaybeUninit<T>], &mut [MaybeUninit<T>]) {
        self.end.spare(self.filled, self.len - self.filled)
    }

    /// Counts `n` slots as written, after those that already hold a value.
    ///
    /// # Safety
    ///
    /// - The first `n` slots of [`as_uninit_slices`](Self::as_uninit_slices) were initialised.
    ///
    /// # Panics
    ///
    /// If the grant has fewer than `n` slots without a value.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    ///
    /// let (mut producer, mut consumer) = spsc_ring::ring::<u8>(64);
    /// let mut grant = producer.grant(64);
    /// let (free, _) = grant.as_uninit_slices();
    /// free.fill(std::mem::MaybeUninit::new(0));
    /// // SAFETY: `fill` initialised all of them.
    /// let n = (&b"bytes"[..]).read(unsafe { free.assume_init_mut() })?;
    /// // SAFETY: as above, and `Read` gave no more than there are, which is checked.
    /// unsafe { grant.assume_filled(n) };
    /// grant.commit_all();
    /// assert!(consumer.drain(64).eq(*b"bytes"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    pub unsafe fn assume_filled(&mut self, n: usize) {
        assert!(
            n <= self.len - self.filled,
            "{n} slots are not in the grant"
        );
        self.filled += n;
    }

    /// Publishes the first `n` values and returns `n`. The other values are dropped.
    ///
    /// # Panics
    ///
    /// If fewer than `n` values were added; none is published then.
    #[inline]
    pub fn commit(mut self, n: usize) -> usize {
        assert!(
            n <= self.filled,
            "{n} values to commit, {} added",
            self.filled
        );
        self.publish(n);
        n
    }

    /// Publishes all values that were added, and returns their number.
    #[inline]
    pub fn commit_all(mut self) -> usize {
        let n = self.filled;
        self.publish(n);
        n
    }

    #[inline]
    fn publish(&mut self, n: usize) {
        debug_assert!(n <= self.filled);
        // SAFETY: `n <= filled`, so by invariants 1 and 2 they are reserved and initialised.
        unsafe { self.end.commit(n) };
        // INVARIANT: both hold again, for what is left after the committed slots.
        self.len -= n;
        self.filled -= n;
    }
}

impl<T, R: Backing<T>> Drop for WriteGrant<'_, T, R> {
    #[inline]
    fn drop(&mut self) {
        if self.filled != 0 {
            // SAFETY: reserved and initialised by invariants 1 and 2; the grant ends here.
            unsafe { self.end.discard(self.filled) };
        }
    }
}

impl<T, R: Backing<T>> fmt::Debug for WriteGrant<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteGrant")
            .field("len", &self.len)
            .field("filled", &self.filled)
            .finish()
    }
}

#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests {
    use super::WriteGrant;
    use crate::raw::Heap;
    use crate::ring;

    fn assume_one_filled(grant: &mut WriteGrant<'_, u16, Heap<u16>>, value: u16) {
        grant.as_uninit_slices().0[0].write(value);
        // SAFETY: the first slot without a value was just written.
        unsafe { grant.assume_filled(1) };
    }

    #[test]
    fn uninitialised_slots_can_be_written_in_place() {
        let (mut producer, mut consumer) = ring(4);
        producer.push_slice(&[0, 0]);
        consumer.grant(2).release_all();
        let mut grant = producer.grant(4);
        grant.push(1).unwrap();
        let (front, back) = grant.as_uninit_slices();
        assert_eq!((front.len(), back.len()), (1, 2));
        assume_one_filled(&mut grant, 2);
        assume_one_filled(&mut grant, 3);
        assert_eq!(grant.commit_all(), 3);
        assert!(consumer.drain(4).eq([1, 2, 3]));
    }

    #[test]
    fn every_slot_of_a_grant_can_be_assumed_filled_and_none_beyond() {
        let (mut producer, mut consumer) = ring(2);
        let mut grant = producer.grant(2);
        for value in [1, 2] {
            assume_one_filled(&mut grant, value);
        }
        let more = std::panic::AssertUnwindSafe(|| {
            // SAFETY: there is no third slot; that is refused before anything is done.
            unsafe { grant.assume_filled(1) };
        });
        assert!(std::panic::catch_unwind(more).is_err());
        assert_eq!(grant.commit_all(), 2);
        assert!(consumer.drain(2).eq([1, 2]));
    }
}
