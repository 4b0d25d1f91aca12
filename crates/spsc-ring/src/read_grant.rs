//! Values that the consumer reads in place, or takes by iterator.

use crate::raw::{Backing, ReadEnd};
use core::fmt;
use core::iter::FusedIterator;

/// The oldest values, lent by [`Consumer::grant`](crate::Consumer::grant).
///
/// They stay in the ring, but for those that [`release`](Self::release) drops.
pub struct ReadGrant<'a, T, R: Backing<T>> {
    end: &'a mut ReadEnd<T, R>,
    /// Values lent; all are available.
    len: usize,
}

impl<'a, T, R: Backing<T>> ReadGrant<'a, T, R> {
    #[inline]
    pub(crate) fn new(end: &'a mut ReadEnd<T, R>, max: usize) -> Self {
        let len = end.available(max);
        Self { end, len }
    }

    /// The number of values lent.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there was nothing to lend.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The values in order, in two pieces where they wrap.
    #[inline]
    pub fn as_slices(&self) -> (&[T], &[T]) {
        self.end.filled(self.len)
    }

    /// The values in order, in two pieces where they wrap.
    #[inline]
    pub fn as_mut_slices(&mut self) -> (&mut [T], &mut [T]) {
        self.end.filled_mut(self.len)
    }

    /// Drops the first `n` values in place and gives their slots back to the producer, together.
    ///
    /// If a value's drop panics the others are still dropped and all slots given back.
    ///
    /// # Panics
    ///
    /// If the grant has fewer than `n` values.
    #[inline]
    pub fn release(self, n: usize) {
        assert!(n <= self.len, "{n} values to release, {} lent", self.len);
        self.end.release(n);
    }

    /// Drops all lent values and gives their slots back to the producer, together.
    #[inline]
    pub fn release_all(self) {
        self.end.release(self.len);
    }
}

impl<T, R: Backing<T>> fmt::Debug for ReadGrant<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadGrant").field("len", &self.len).finish()
    }
}

/// Pops by iterator: see [`Consumer::drain`](crate::Consumer::drain).
pub struct Drain<'a, T, R: Backing<T>> {
    end: &'a mut ReadEnd<T, R>,
    left: usize,
}

impl<'a, T, R: Backing<T>> Drain<'a, T, R> {
    #[inline]
    pub(crate) fn new(end: &'a mut ReadEnd<T, R>, max: usize) -> Self {
        let left = end.available(max);
        Self { end, left }
    }
}

impl<T, R: Backing<T>> Iterator for Drain<'_, T, R> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.left = self.left.checked_sub(1)?;
        self.end.take()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T, R: Backing<T>> ExactSizeIterator for Drain<'_, T, R> {}

impl<T, R: Backing<T>> FusedIterator for Drain<'_, T, R> {}

impl<T, R: Backing<T>> Drop for Drain<'_, T, R> {
    #[inline]
    fn drop(&mut self) {
        self.end.publish();
    }
}

impl<T, R: Backing<T>> fmt::Debug for Drain<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drain").field("left", &self.left).finish()
    }
}
