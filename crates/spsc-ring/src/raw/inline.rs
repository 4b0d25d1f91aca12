//! Storage in place: in a static, on a stack, in a struct.

use super::sealed::Backing;
use super::{ReadEnd, Slots, WriteEnd};
use crate::header::Header;
use crate::sync::{InlineSlots, const_fn};
use crate::{Consumer, Pair, Producer};

/// A ring with its `N` slots in place, which needs no allocator. `N` is a power of two.
///
/// The handles borrow the ring; there is one pair of them at a time.
///
/// # Examples
///
/// ```
/// use spsc_ring::Inline;
///
/// static EVENTS: Inline<u16, 8> = Inline::new();
///
/// let (mut producer, mut consumer) = EVENTS.try_split().expect("the first to split");
/// assert!(EVENTS.try_split().is_none());
/// std::thread::spawn(move || producer.try_push(7)).join().unwrap().unwrap();
/// assert_eq!(consumer.try_pop(), Ok(7));
/// ```
///
/// Another `N` does not compile:
///
/// ```compile_fail
/// let ring = spsc_ring::Inline::<u8, 12>::new();
/// ```
#[repr(C)]
#[derive(Debug)]
pub struct Inline<T, const N: usize> {
    // First, and a multiple of 128 bytes: so the slots begin on a cache line.
    header: Header,
    slots: InlineSlots<T, N>,
}

// SAFETY: Shared, it only gives out the one pair of ends, whose slots are disjoint; through them
// values of `T` move between threads, which `T: Send` allows.
unsafe impl<T: Send, const N: usize> Sync for Inline<T, N> {}

impl<T, const N: usize> Inline<T, N> {
    const_fn! {
        /// An empty ring for `N` items.
        pub const fn new() -> Self {
            Self::with_capacity(N)
        }
    }

    const_fn! {
        /// An empty ring for `capacity` items, which uses `N` slots of storage.
        ///
        /// # Panics
        ///
        /// If `capacity` is greater than `N`.
        ///
        /// # Examples
        ///
        /// ```
        /// let ring = spsc_ring::Inline::<char, 4>::with_capacity(3);
        /// let (mut producer, _consumer) = ring.try_split().unwrap();
        /// assert_eq!(producer.capacity(), 3);
        /// assert_eq!(producer.push_slice(&['a', 'b', 'c', 'd']), 3);
        /// ```
        pub const fn with_capacity(capacity: usize) -> Self {
            const { assert!(N.is_power_of_two(), "the number of slots must be a power of two") };
            assert!(capacity <= N, "more capacity than slots");
            Self { header: Header::new(capacity, N), slots: InlineSlots::uninit() }
        }
    }

    /// The two handles, or `None` while a pair exists or if one was leaked.
    ///
    /// After both were dropped the ring can be split again. It then is open, and holds the
    /// items that were left in it.
    ///
    /// # Examples
    ///
    /// ```
    /// let ring = spsc_ring::Inline::<u32, 4>::new();
    /// {
    ///     let (mut producer, _consumer) = ring.try_split().unwrap();
    ///     producer.try_push(1).unwrap();
    /// }
    /// let (_producer, mut consumer) = ring.try_split().unwrap();
    /// assert_eq!(consumer.try_pop(), Ok(1));
    /// ```
    pub fn try_split(&self) -> Option<Pair<T, &Self>> {
        if !self.header.lend() {
            return None;
        }
        Some((
            Producer::from_end(WriteEnd::new(self)),
            Consumer::from_end(ReadEnd::new(self)),
        ))
    }
}

impl<T, const N: usize> Default for Inline<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> Backing<T> for &Inline<T, N> {
    #[inline]
    fn header(&self) -> &Header {
        &self.header
    }

    #[inline]
    fn slots(&self) -> Slots<T> {
        Slots::new(self.slots.base(), N)
    }
}

impl<T, const N: usize> Drop for Inline<T, N> {
    fn drop(&mut self) {
        let (start, len) = self.header.remains();
        self.header.touch(start, len);
        let slots = (&&*self).slots();
        // SAFETY: `&mut self` ends every borrow by a handle, so all slots are the ring's, and those
        // of `remains` are initialised (invariant 3 of `Header`). They are not read again.
        unsafe { slots.drop_range(start, len) };
    }
}
