//! The producer handle.

use crate::error::PushError;
use crate::header::{Header, Side};
#[cfg(feature = "alloc")]
use crate::raw::Heap;
use crate::raw::{Backing, WriteEnd, WriteGrant};

/// The one handle that pushes. Can be sent to another thread, not cloned, not shared.
///
/// Dropping it closes the ring: the consumer still pops what was pushed, then sees
/// [`PopError::Closed`](crate::PopError::Closed).
///
/// # Examples
///
/// There is no second producer:
///
/// ```compile_fail,E0599
/// let (producer, _consumer) = spsc_ring::ring::<u8>(4);
/// let second = producer.clone();
/// ```
#[derive(Debug)]
pub struct Producer<
    T,
    #[cfg(feature = "alloc")] R: Backing<T> = Heap<T>,
    #[cfg(not(feature = "alloc"))] R: Backing<T>,
> {
    end: WriteEnd<T, R>,
}

impl<T, R: Backing<T>> Producer<T, R> {
    pub(crate) fn from_end(end: WriteEnd<T, R>) -> Self {
        Self { end }
    }

    pub(crate) fn header(&self) -> &Header {
        self.end.header()
    }

    /// Pushes a value. Wait-free: no loop, no lock, no system call.
    ///
    /// # Errors
    ///
    /// - [`PushError::Full`] if the ring holds `capacity` values.
    /// - [`PushError::Closed`] if the consumer was closed or dropped. The call looks for that only
    ///   when it has used up the space known to be free, so after at most `capacity` more pushes;
    ///   [`is_closed`](Self::is_closed) looks at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use spsc_ring::PushError;
    ///
    /// let (mut producer, mut consumer) = spsc_ring::ring(1);
    /// assert_eq!(producer.try_push("a"), Ok(()));
    /// assert_eq!(producer.try_push("b"), Err(PushError::Full("b")));
    /// drop(consumer);
    /// assert_eq!(producer.try_push("b"), Err(PushError::Closed("b")));
    /// ```
    #[inline]
    pub fn try_push(&mut self, value: T) -> Result<(), PushError<T>> {
        self.end.try_write(value)
    }

    /// Pushes as many of the values as fit, and returns their number. The consumer sees them at
    /// once, not one by one. Wait-free; the cost is that of copying.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, mut consumer) = spsc_ring::ring(3);
    /// assert_eq!(producer.push_slice(&[1, 2, 3, 4]), 3);
    /// let mut out = [0; 2];
    /// assert_eq!(consumer.pop_slice(&mut out), 2);
    /// assert_eq!(out, [1, 2]);
    /// ```
    #[inline]
    pub fn push_slice(&mut self, values: &[T]) -> usize
    where
        T: Copy,
    {
        let mut grant = self.grant(values.len());
        grant.extend_from_slice(values);
        grant.commit_all()
    }

    /// Pushes values from an iterator until the ring is full or the iterator ends, and returns
    /// their number. The consumer sees them at once, at the end.
    ///
    /// No more values are taken from the iterator than are pushed. Its size hint is a hint: a
    /// false one costs time, nothing else. If `next` panics, the values taken before are dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, mut consumer) = spsc_ring::ring(2);
    /// let mut numbers = 1..;
    /// assert_eq!(producer.push_iter(&mut numbers), 2);
    /// assert_eq!(numbers.next(), Some(3));
    /// assert!(consumer.drain(9).eq([1, 2]));
    /// ```
    pub fn push_iter(&mut self, values: impl IntoIterator<Item = T>) -> usize {
        let values = values.into_iter();
        let mut grant = self.grant(values.size_hint().1.unwrap_or(usize::MAX));
        grant.fill(values);
        grant.commit_all()
    }

    /// Lends up to `max` free slots, to be written in place and published together.
    ///
    /// Fewer than `max`, down to none, when fewer are free; none when the consumer is known to be
    /// closed. Dropping the grant publishes nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, mut consumer) = spsc_ring::ring(4);
    /// let mut grant = producer.grant(3);
    /// grant.push('a').unwrap();
    /// grant.push('b').unwrap();
    /// assert_eq!(grant.commit(1), 1);
    /// assert_eq!(consumer.try_pop(), Ok('a'));
    /// assert!(consumer.try_pop().is_err());
    /// ```
    #[inline]
    pub fn grant(&mut self, max: usize) -> WriteGrant<'_, T, R> {
        WriteGrant::new(&mut self.end, max)
    }

    /// Says that nothing more will be pushed, as dropping the handle does.
    ///
    /// # Examples
    ///
    /// ```
    /// let (producer, mut consumer) = spsc_ring::ring::<u8>(4);
    /// producer.close();
    /// assert_eq!(consumer.try_pop(), Err(spsc_ring::PopError::Closed));
    /// ```
    pub fn close(self) {
        drop(self);
    }

    /// The greatest number of values that the ring holds: exactly what was asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(spsc_ring::ring::<u8>(1000).0.capacity(), 1000);
    /// ```
    #[inline]
    pub fn capacity(&self) -> usize {
        self.header().capacity()
    }

    /// The number of values in the ring. The consumer may take some at the same time: it is a
    /// number that they do not exceed.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, _consumer) = spsc_ring::ring(4);
    /// producer.push_slice(&[1, 2, 3]);
    /// assert_eq!(producer.len(), 3);
    /// ```
    pub fn len(&self) -> usize {
        self.end.len()
    }

    /// Whether the consumer has taken everything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether no slot is free. The consumer may free one at the same time.
    pub fn is_full(&self) -> bool {
        self.len() == self.capacity()
    }

    /// Whether the consumer wants nothing more: it was closed or dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let (producer, mut consumer) = spsc_ring::ring::<u8>(4);
    /// consumer.close();
    /// assert!(producer.is_closed() && !producer.is_abandoned());
    /// drop(consumer);
    /// assert!(producer.is_abandoned());
    /// ```
    pub fn is_closed(&self) -> bool {
        self.header().is_closed(Side::Consumer)
    }

    /// Whether the consumer handle was dropped. That follows [`is_closed`](Self::is_closed) by a
    /// moment: the drop first wakes who waits.
    pub fn is_abandoned(&self) -> bool {
        self.header().is_gone(Side::Consumer)
    }
}
