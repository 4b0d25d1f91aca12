//! The end that reads: it owns the filled slots.

use super::{Backing, Slots};
use crate::error::PopError;
use crate::header::{Header, Side};
use crate::sync::spin_loop;
use core::marker::PhantomData;

/// The consumer's end.
///
/// # Invariants
/// 1. The slots `head..seen` are initialised, and this end has seen that.
/// 2. `head` is at or after the header's head; the slots between the two are moved out of, and not
///    yet given back. It is stored when the end is dropped. An end that is leaked leaves the
///    header short, for which [`Header::remains`] allows.
/// 3. There is one read end of a backing at a time: it is made after a successful `lend` only.
#[derive(Debug)]
pub(crate) struct ReadEnd<T, R: Backing<T>> {
    slots: Slots<T>,
    head: usize,
    seen: usize,
    /// Whether the last look at the producer's index found items.
    streaming: bool,
    backing: R,
    /// [`filled`](Self::filled) lends `&T` through `&self`, so the end may be shared between threads
    /// only where a `T` may; the other fields would let every `T: Send` be.
    values: PhantomData<T>,
}

impl<T, R: Backing<T>> ReadEnd<T, R> {
    /// The caller, in this folder, has just lent the header.
    pub(super) fn new(backing: R) -> Self {
        let head = backing.header().head();
        Self {
            slots: backing.slots(),
            head,
            seen: head,
            streaming: false,
            backing,
            values: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn header(&self) -> &Header {
        self.backing.header()
    }

    /// Items in the ring; the producer may already have added more.
    pub(crate) fn len(&self) -> usize {
        self.header().tail().wrapping_sub(self.head)
    }

    #[inline]
    pub(crate) fn try_read(&mut self) -> Result<T, PopError> {
        if self.head == self.seen {
            self.slots.prefetch(self.head);
            let fresh = fresh_tail(self.backing.header(), self.head, self.streaming);
            self.streaming = fresh.is_ok();
            self.seen = fresh?;
        }
        let value = self.take().ok_or(PopError::Empty)?;
        self.publish();
        Ok(value)
    }

    /// Moves one item out, if one is known, and leaves its slot to be given back by `publish`.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<T> {
        if self.head == self.seen {
            return None;
        }
        self.header().touch(self.head, 1);
        // SAFETY: the slot of `head` is initialised by invariant 1, since `head != seen`; `head`
        // then passes it, so it is not read twice.
        let value = unsafe { self.slots.at(self.head).cast::<T>().read() };
        self.head = self.head.wrapping_add(1);
        Some(value)
    }

    /// Gives the slots before `head` back to the producer.
    #[inline]
    pub(crate) fn publish(&mut self) {
        self.backing.header().publish_head(self.head);
    }

    /// The number of items, up to `want`. Asks the producer's index only when those known are
    /// fewer.
    #[inline]
    pub(crate) fn available(&mut self, want: usize) -> usize {
        if self.seen.wrapping_sub(self.head) < want {
            self.slots.prefetch(self.seen);
            self.seen = self.backing.header().tail();
        }
        self.seen.wrapping_sub(self.head).min(want)
    }

    /// The next `len` items, in two pieces where they wrap. Never more than the available ones.
    #[inline]
    pub(crate) fn filled(&self, len: usize) -> (&[T], &[T]) {
        assert!(len <= self.seen.wrapping_sub(self.head));
        self.header().touch(self.head, len);
        let (front, back) = self.slots.pieces(self.head, len);
        // SAFETY: `head..seen` is initialised and this end's by invariant 1, the assertion keeps
        // the slots within it, and `self` keeps the backing. `&mut self` is needed to write them
        // or to give them back, so nobody does while they are borrowed.
        let front = unsafe { &*front };
        // SAFETY: as for `front`.
        let back = unsafe { &*back };
        (front, back)
    }

    /// As [`filled`](Self::filled), to be changed.
    #[inline]
    pub(crate) fn filled_mut(&mut self, len: usize) -> (&mut [T], &mut [T]) {
        assert!(len <= self.seen.wrapping_sub(self.head));
        self.header().touch(self.head, len);
        let (front, back) = self.slots.pieces(self.head, len);
        // SAFETY: as in `filled`; `&mut self` makes the borrow the only one, and the pieces are
        // apart.
        let front = unsafe { &mut *front };
        // SAFETY: as for `front`.
        let back = unsafe { &mut *back };
        (front, back)
    }

    /// Drops the next `n` items in place and gives their slots back, also when a drop panics.
    #[inline]
    pub(crate) fn release(&mut self, n: usize) {
        assert!(n <= self.seen.wrapping_sub(self.head));
        let start = self.head;
        self.header().touch(start, n);
        self.head = start.wrapping_add(n);
        let this = PublishOnDrop(self);
        // SAFETY: the slots were within `head..seen`, so they are initialised and this end's by
        // invariant 1; `head` has passed them, and they are given back after their drop.
        unsafe { this.0.slots.drop_range(start, n) };
    }
}

impl<T, R: Backing<T>> Drop for ReadEnd<T, R> {
    fn drop(&mut self) {
        self.publish();
        self.header().retire(Side::Consumer);
    }
}

struct PublishOnDrop<'a, T, R: Backing<T>>(&'a mut ReadEnd<T, R>);

impl<T, R: Backing<T>> Drop for PublishOnDrop<'_, T, R> {
    fn drop(&mut self) {
        self.0.publish();
    }
}

/// The index up to which the consumer, who stands at `head`, may read, or why there is nothing.
///
/// Who is `streaming` and finds only few items looks again after a moment, and so takes the cache
/// lines at the boundary from the producer less often. The first item after a silence never waits.
///
/// Not a method, for the reason given at the write end's `fresh_limit`.
#[cold]
#[inline(never)]
fn fresh_tail(header: &Header, head: usize, streaming: bool) -> Result<usize, PopError> {
    let tail = header.tail();
    if tail != head {
        if streaming && tail.wrapping_sub(head) < NEARLY_EMPTY {
            spin_loop();
            return Ok(header.tail());
        }
        return Ok(tail);
    }
    if !header.is_closed(Side::Producer) {
        return Err(PopError::Empty);
    }
    // Items may have come between the first look and the flag; none can come after the flag.
    let tail = header.tail();
    if tail == head {
        Err(PopError::Closed)
    } else {
        Ok(tail)
    }
}

/// With fewer items a ring is nearly empty. One pause, about 50 ns, is less than the transfer that
/// it saves. Measured at 32 bytes: 260 M items/s with it, 75 to 200 without; more pauses add nothing.
const NEARLY_EMPTY: usize = 32;

#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests {
    use super::ReadEnd;
    use crate::Inline;
    use crate::raw::WriteEnd;
    use crate::raw::sealed::Backing as _;
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;

    /// The end checks what it is asked for, whoever asks: that is the border of the unsafe code.
    #[test]
    fn more_than_is_known_to_be_filled_cannot_be_had() {
        let ring = Inline::<u8, 4>::new();
        assert!((&ring).header().lend());
        let (mut write, mut read) = (WriteEnd::new(&ring), ReadEnd::new(&ring));
        write.try_write(1).unwrap();
        assert_eq!(read.available(4), 1);
        assert_eq!(read.filled(1).0, [1]);
        let refused = |panics: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(panics)).is_err();
        assert!(refused(&mut || _ = read.filled(2)));
        assert!(refused(&mut || _ = read.filled_mut(2)));
        assert!(refused(&mut || read.release(2)));
        assert_eq!((read.take(), read.take()), (Some(1), None));
    }
}
