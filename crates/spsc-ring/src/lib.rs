//! A bounded single-producer single-consumer ring buffer.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs, missing_debug_implementations)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod blocking;
mod consumer;
mod error;
pub mod future;
mod header;
mod producer;
mod raw;
mod read_grant;
mod sync;
mod waiter;

pub use consumer::Consumer;
pub use error::{CapacityError, Closed, PopError, PushError};
pub use producer::Producer;
#[cfg(feature = "alloc")]
pub use raw::Heap;
pub use raw::{Backing, Inline, WriteGrant};
pub use read_grant::{Drain, ReadGrant};

/// The two handles of a ring.
pub type Pair<T, R> = (Producer<T, R>, Consumer<T, R>);

/// Makes a ring for `capacity` values on the heap.
///
/// The storage has the next power of two of slots; the ring still holds `capacity` values and no
/// more. A capacity of 0 makes a ring that is always full.
///
/// # Panics
///
/// If there is no memory for it. [`try_ring`] returns that as an error.
///
/// # Examples
///
/// ```
/// let (mut producer, mut consumer) = spsc_ring::ring(1024);
/// let thread = std::thread::spawn(move || {
///     let mut sum = 0;
///     loop {
///         match consumer.try_pop() {
///             Ok(value) => sum += value,
///             Err(spsc_ring::PopError::Closed) => return sum,
///             Err(_) => std::thread::yield_now(),
///         }
///     }
/// });
/// for value in 1..=100 {
///     producer.try_push(value).unwrap();
/// }
/// drop(producer);
/// assert_eq!(thread.join().unwrap(), 5050);
/// ```
#[cfg(feature = "alloc")]
pub fn ring<T>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    match try_ring(capacity) {
        Ok(ends) => ends,
        Err(error) => panic!("{error}"),
    }
}

/// Makes a ring for `capacity` values on the heap, or says that there is no memory for it.
///
/// # Errors
///
/// If the allocator has no memory for the slots, or they would exceed the address space.
///
/// # Examples
///
/// ```
/// assert!(spsc_ring::try_ring::<u64>(usize::MAX).is_err());
/// ```
#[cfg(feature = "alloc")]
pub fn try_ring<T>(capacity: usize) -> Result<Pair<T, Heap<T>>, CapacityError> {
    Heap::pair(capacity)
}
