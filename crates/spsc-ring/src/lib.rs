//! A bounded queue between one thread that pushes and one that pops, without locks.
//!
//! [`ring`] makes the two handles, [`Producer`] and [`Consumer`], over storage on the heap;
//! [`Inline`] has its storage in place, for a `static` or a target without an allocator. Values go
//! singly ([`try_push`](Producer::try_push), [`try_pop`](Consumer::try_pop)), by slice, by iterator,
//! or in place through a grant ([`Producer::grant`], [`Consumer::grant`]). The modules [`blocking`]
//! and [`future`] have handles that wait.
//!
//! ```
//! let (mut producer, mut consumer) = spsc_ring::ring(4);
//! producer.try_push(1)?;
//! producer.push_slice(&[2, 3]);
//! assert!(consumer.drain(8).eq([1, 2, 3]));
//! # Ok::<(), spsc_ring::PushError<i32>>(())
//! ```
//!
//! # Layout
//!
//! ```text
//!              128 B          128 B          128 B            128 B aligned
//!          +-------------+-------------+------------------+-----------------+
//! shared   | tail        | head        | capacity, flags, | slots: the next |
//!          |             |             | two wakers       | power of two    |
//!          +-------------+-------------+------------------+-----------------+
//! Producer   slots, mask, its tail, the limit up to which it knows slots to be free
//! Consumer   slots, mask, its head, the end up to which it knows slots to be filled
//! ```
//!
//! Each handle keeps its own index and what it last saw of the other's. It reads the other's index
//! only when it has used up what it knows of, so in a running ring a cache line changes sides once
//! for many values, not once for each.
//!
//! # Guarantees
//!
//! - There is one producer and one consumer: the handles are `Send`, not `Clone`, and push and pop
//!   take `&mut self`. No safe use of the crate is a data race.
//! - Values come out once, in the order in which they went in.
//! - A ring of capacity `n` accepts `n` values and no more, for every `n` from 0 on.
//! - What [`try_push`](Producer::try_push) has accepted the consumer can pop at once, and a slot
//!   that a pop has emptied can be pushed to at once. Batches are published together, by the call
//!   that ends them.
//! - The plain handles are wait-free: each call ends after a bounded number of steps, whatever the
//!   other side does. They neither allocate nor call the system. A single operation may pause for
//!   some hundred nanoseconds at most: a push into a nearly full ring, and a pop that drains a
//!   nearly empty one faster than it fills. The first value after a silence is never held up.
//! - Each value is dropped once: by who popped it, by the grant that was not committed, or with the
//!   ring. If a drop panics the other values are still dropped.
//! - A handle that waits ([`blocking::Wait::Park`], [`future`]) loses no wake-up.
//!
//! Not guaranteed:
//!
//! - That a producer notices at once that the consumer has left. It does when it next looks, which
//!   is after at most `capacity` pushes; what it has pushed until then is dropped with the ring.
//! - A value's drop when a handle, grant or iterator is leaked (`mem::forget`). Then values, and an
//!   inline ring's right to be split again, can leak; nothing is dropped twice.
//! - That the producer gets the slots of a leaked [`Drain`] back at once. It does with the next value
//!   that is popped; where the drain took the last one of a full ring there is none, and the ring
//!   stands still until a handle is dropped.
//! - Anything about `blocking` and `future` handles whose plain handles were exchanged for others
//!   inside `with`, but that memory stays sound: who waits may not be woken.
//! - That a task or thread is woken only when it can go on.
//! - Fairness, deadlines, or an order between operations on two rings.
//! - `len`, `is_full` and `is_empty` are one side's view; the other may change it meanwhile.
//!
//! # Features
//!
//! - `std` (default): `Wait::Yield` and `Wait::Park`. Implies `alloc`.
//! - `alloc`: rings on the heap. Without it there are [`Inline`] rings, with all their operations.
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

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

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
