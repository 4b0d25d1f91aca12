//! Handles that wait on the calling thread until they can do their work.
//!
//! They wrap a pair of plain handles; how they wait is said once for both:
//!
//! | [`Wait`] | while it waits | cost to the other side, a call |
//! |---|---|---|
//! | `Spin` | keeps the core busy | none |
//! | `Yield` | offers the core to other threads | none |
//! | `Park` | sleeps in the kernel, after a short spin | a fence, and a system call to wake a sleeper |
//!
//! With `Park` no wake-up is lost: who sleeps has announced it, and looked at the ring again after
//! that. The ring of capacity 0 has nothing to wait for; `push` and `pop` on it return when the
//! other side is closed.
//!
//! # Examples
//!
//! ```
//! use spsc_ring::blocking::{self, Wait};
//!
//! let (mut producer, mut consumer) = blocking::ring(2, Wait::Park);
//! let thread = std::thread::spawn(move || {
//!     let mut sum = 0;
//!     while let Ok(value) = consumer.pop() {
//!         sum += value;
//!     }
//!     sum
//! });
//! for value in 1..=100 {
//!     producer.push(value).unwrap();
//! }
//! drop(producer);
//! assert_eq!(thread.join().unwrap(), 5050);
//! ```

use crate::error::{Closed, PopError, PushError};
use crate::raw::Backing;
#[cfg(feature = "alloc")]
use crate::raw::Heap;
pub use crate::waiter::Wait;
use crate::waiter::{Waiter, notify_after};
use core::ops::ControlFlow::{self, Break, Continue};

/// Makes a ring on the heap whose handles wait.
///
/// # Panics
///
/// If there is no memory for it.
#[cfg(feature = "alloc")]
pub fn ring<T>(capacity: usize, wait: Wait) -> (Producer<T, Heap<T>>, Consumer<T, Heap<T>>) {
    let (producer, consumer) = crate::ring(capacity);
    pair(producer, consumer, wait)
}

/// Makes the handles of a ring wait.
///
/// # Panics
///
/// If they are not the two handles of one ring.
///
/// # Examples
///
/// ```
/// use spsc_ring::blocking::{self, Wait};
///
/// let ring = spsc_ring::Inline::<u8, 4>::new();
/// let (producer, consumer) = ring.try_split().unwrap();
/// let (mut producer, mut consumer) = blocking::pair(producer, consumer, Wait::Spin);
/// std::thread::scope(|scope| {
///     scope.spawn(move || (0..100).for_each(|value| producer.push(value).unwrap()));
///     assert!((0..100).all(|value| consumer.pop() == Ok(value)));
/// });
/// ```
pub fn pair<T, R: Backing<T>>(
    producer: crate::Producer<T, R>,
    consumer: crate::Consumer<T, R>,
    wait: Wait,
) -> (Producer<T, R>, Consumer<T, R>) {
    assert!(
        core::ptr::eq(producer.header(), consumer.header()),
        "handles of two rings"
    );
    (Producer::new(producer, wait), Consumer::new(consumer, wait))
}

/// A producer that waits for space.
#[derive(Debug)]
pub struct Producer<T, R: Backing<T>> {
    inner: crate::Producer<T, R>,
    waiter: Waiter,
}

impl<T, R: Backing<T>> Producer<T, R> {
    pub(crate) fn new(inner: crate::Producer<T, R>, wait: Wait) -> Self {
        Self {
            inner,
            waiter: Waiter::new(wait),
        }
    }

    /// Pushes a value, once there is space for it.
    ///
    /// # Errors
    ///
    /// The value, if the consumer is closed. That is noticed when the ring seems full, as by
    /// [`try_push`](crate::Producer::try_push).
    pub fn push(&mut self, value: T) -> Result<(), Closed<T>> {
        let mut value = Some(value);
        let done = self.wait_for(|inner| match value.take().map(|it| inner.try_push(it)) {
            Some(Err(PushError::Full(back))) => {
                value = Some(back);
                Continue(())
            }
            Some(Err(PushError::Closed(back))) => Break(Err(Closed(back))),
            Some(Ok(())) | None => Break(Ok(())),
        });
        self.notify();
        done
    }

    /// Waits until `n` slots are free, or all if the ring has fewer.
    ///
    /// # Errors
    ///
    /// If the consumer is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use spsc_ring::blocking::{self, Wait};
    ///
    /// let (mut producer, mut consumer) = blocking::ring(4, Wait::Yield);
    /// producer.wait_for_space(4).unwrap();
    /// assert_eq!(producer.with(|producer| producer.push_slice(&[1, 2, 3])), 3);
    /// consumer.wait_for_items(3).unwrap();
    /// ```
    pub fn wait_for_space(&mut self, n: usize) -> Result<(), Closed> {
        let n = n.min(self.inner.capacity());
        self.wait_for(|inner| {
            if inner.is_closed() {
                return Break(Err(Closed(())));
            }
            if inner.capacity() - inner.len() < n {
                Continue(())
            } else {
                Break(Ok(()))
            }
        })
    }

    /// Uses the plain handle, then wakes the consumer if it sleeps: for batches.
    pub fn with<O>(&mut self, f: impl FnOnce(&mut crate::Producer<T, R>) -> O) -> O {
        if !self.waiter.wait().sleeps() {
            return f(&mut self.inner);
        }
        notify_after(&mut self.inner, |it| it.header().items(), f)
    }

    /// Whether the consumer was closed or dropped.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn notify(&self) {
        if self.waiter.wait().sleeps() {
            self.inner.header().items().notify();
        }
    }

    fn wait_for<O>(
        &mut self,
        attempt: impl FnMut(&mut crate::Producer<T, R>) -> ControlFlow<O>,
    ) -> O {
        self.waiter
            .wait_for(&mut self.inner, |it| it.header().space(), attempt)
    }
}

/// A consumer that waits for items.
#[derive(Debug)]
pub struct Consumer<T, R: Backing<T>> {
    inner: crate::Consumer<T, R>,
    waiter: Waiter,
}

impl<T, R: Backing<T>> Consumer<T, R> {
    pub(crate) fn new(inner: crate::Consumer<T, R>, wait: Wait) -> Self {
        Self {
            inner,
            waiter: Waiter::new(wait),
        }
    }

    /// Pops the oldest value, once there is one.
    ///
    /// # Errors
    ///
    /// If the ring is empty and the producer is gone.
    pub fn pop(&mut self) -> Result<T, Closed> {
        let done = self.wait_for(|inner| match inner.try_pop() {
            Ok(value) => Break(Ok(value)),
            Err(PopError::Empty) => Continue(()),
            Err(PopError::Closed) => Break(Err(Closed(()))),
        });
        self.notify();
        done
    }

    /// Waits until there are `n` items, or as many as the ring holds.
    ///
    /// # Errors
    ///
    /// If the producer is gone and there are fewer than `n`: these can be popped, and no more.
    ///
    /// The example is at [`Producer::wait_for_space`].
    pub fn wait_for_items(&mut self, n: usize) -> Result<(), Closed> {
        let n = n.min(self.inner.capacity());
        self.wait_for(|inner| {
            // The flag first: items that are missing after it will not come.
            let closed = inner.is_closed();
            match inner.len() >= n {
                true => Break(Ok(())),
                false if closed => Break(Err(Closed(()))),
                false => Continue(()),
            }
        })
    }

    /// Uses the plain handle, then wakes the producer if it sleeps: for batches.
    pub fn with<O>(&mut self, f: impl FnOnce(&mut crate::Consumer<T, R>) -> O) -> O {
        if !self.waiter.wait().sleeps() {
            return f(&mut self.inner);
        }
        notify_after(&mut self.inner, |it| it.header().space(), f)
    }

    /// Tells the producer that nothing more is wanted, and wakes it.
    pub fn close(&mut self) {
        self.inner.close();
    }

    fn notify(&self) {
        if self.waiter.wait().sleeps() {
            self.inner.header().space().notify();
        }
    }

    fn wait_for<O>(
        &mut self,
        attempt: impl FnMut(&mut crate::Consumer<T, R>) -> ControlFlow<O>,
    ) -> O {
        self.waiter
            .wait_for(&mut self.inner, |it| it.header().items(), attempt)
    }
}
