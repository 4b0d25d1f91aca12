//! The consumer handle.

use crate::error::PopError;
use crate::header::{Header, Side};
#[cfg(feature = "alloc")]
use crate::raw::Heap;
use crate::raw::{Backing, ReadEnd};
use crate::read_grant::{Drain, ReadGrant};

/// The one handle that pops. Can be sent to another thread, not cloned, not shared.
///
/// Dropping it closes the ring. What it left is dropped with the ring.
#[derive(Debug)]
pub struct Consumer<
    T,
    #[cfg(feature = "alloc")] R: Backing<T> = Heap<T>,
    #[cfg(not(feature = "alloc"))] R: Backing<T>,
> {
    end: ReadEnd<T, R>,
}

impl<T, R: Backing<T>> Consumer<T, R> {
    pub(crate) fn from_end(end: ReadEnd<T, R>) -> Self {
        Self { end }
    }

    pub(crate) fn header(&self) -> &Header {
        self.end.header()
    }

    /// Pops the oldest value. Wait-free: no loop, no lock, no system call.
    ///
    /// # Errors
    ///
    /// - [`PopError::Empty`] if the ring holds nothing.
    /// - [`PopError::Closed`] if moreover the producer was dropped: nothing will come.
    ///
    /// # Examples
    ///
    /// ```
    /// use spsc_ring::PopError;
    ///
    /// let (mut producer, mut consumer) = spsc_ring::ring(4);
    /// assert_eq!(consumer.try_pop(), Err(PopError::Empty));
    /// producer.try_push(1).unwrap();
    /// drop(producer);
    /// assert_eq!(consumer.try_pop(), Ok(1));
    /// assert_eq!(consumer.try_pop(), Err(PopError::Closed));
    /// ```
    #[inline]
    pub fn try_pop(&mut self) -> Result<T, PopError> {
        self.end.try_read()
    }

    /// The oldest value, in its place, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, mut consumer) = spsc_ring::ring(4);
    /// producer.try_push(1).unwrap();
    /// *consumer.peek().unwrap() += 1;
    /// assert_eq!(consumer.try_pop(), Ok(2));
    /// assert_eq!(consumer.peek(), None);
    /// ```
    #[inline]
    pub fn peek(&mut self) -> Option<&mut T> {
        let len = self.end.available(1);
        self.end.filled_mut(len).0.first_mut()
    }

    /// Pops values into `out`, as many as there are and fit, and returns their number. The
    /// producer gets their slots back at once, not one by one. Wait-free; the cost is that of
    /// copying.
    ///
    /// The example is at [`Producer::push_slice`](crate::Producer::push_slice).
    #[inline]
    pub fn pop_slice(&mut self, out: &mut [T]) -> usize
    where
        T: Copy,
    {
        let len = self.end.available(out.len());
        let (front, back) = self.end.filled(len);
        let (to_front, to_back) = out[..len].split_at_mut(front.len());
        to_front.copy_from_slice(front);
        to_back.copy_from_slice(back);
        self.end.release(len);
        len
    }

    /// Lends up to `max` of the oldest values, in place.
    ///
    /// Dropping the grant takes nothing out of the ring.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, mut consumer) = spsc_ring::ring(4);
    /// producer.push_slice(&[1, 2, 3]);
    /// let grant = consumer.grant(usize::MAX);
    /// let (front, back) = grant.as_slices();
    /// assert_eq!(front.iter().chain(back).sum::<i32>(), 6);
    /// grant.release(2);
    /// assert_eq!(consumer.try_pop(), Ok(3));
    /// ```
    #[inline]
    pub fn grant(&mut self, max: usize) -> ReadGrant<'_, T, R> {
        ReadGrant::new(&mut self.end, max)
    }

    /// Pops up to `max` of the values that are in the ring now, by iterator.
    ///
    /// The producer gets the slots back together, when the iterator is dropped. What it did not
    /// yield stays in the ring.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, mut consumer) = spsc_ring::ring(4);
    /// producer.push_iter(["a", "b", "c"]);
    /// assert_eq!(consumer.drain(2).collect::<String>(), "ab");
    /// assert_eq!(consumer.len(), 1);
    /// ```
    #[inline]
    pub fn drain(&mut self, max: usize) -> Drain<'_, T, R> {
        Drain::new(&mut self.end, max)
    }

    /// Tells the producer that nothing more is wanted. What is in the ring can still be popped,
    /// and so can what the producer pushes before it notices.
    ///
    /// The example is at [`Producer::is_closed`](crate::Producer::is_closed).
    pub fn close(&mut self) {
        self.header().close(Side::Consumer);
    }

    /// The greatest number of values that the ring holds: exactly what was asked for.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.header().capacity()
    }

    /// The number of values in the ring. The producer may add some at the same time: it is a
    /// number that can be popped.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, consumer) = spsc_ring::ring(4);
    /// producer.push_slice(&[1, 2, 3]);
    /// assert_eq!(consumer.len(), 3);
    /// ```
    pub fn len(&self) -> usize {
        self.end.len()
    }

    /// Whether there is nothing to pop. The producer may push at the same time.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all slots hold a value.
    pub fn is_full(&self) -> bool {
        self.len() == self.capacity()
    }

    /// Whether the producer will push nothing more. There may still be values to pop.
    pub fn is_closed(&self) -> bool {
        self.header().is_closed(Side::Producer)
    }

    /// Whether the producer handle was dropped. That follows [`is_closed`](Self::is_closed) by a
    /// moment: the drop first wakes who waits. There may still be values to pop.
    pub fn is_abandoned(&self) -> bool {
        self.header().is_gone(Side::Producer)
    }
}
