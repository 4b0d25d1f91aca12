//! Handles that wait in a task: they return `Poll::Pending` and wake it through its
//! [`Waker`](core::task::Waker).
//!
//! No executor is needed or preferred, and no allocator: the wakers live in the ring. Each call
//! costs the other side a fence more than the plain one.
//!
//! # Examples
//!
//! ```
//! # use std::{future::Future, pin::pin, sync::Arc, task::{Context, Poll, Wake, Waker}, thread};
//! # struct Unpark(thread::Thread);
//! # impl Wake for Unpark { fn wake(self: Arc<Self>) { self.0.unpark() } }
//! # fn block_on<F: Future>(future: F) -> F::Output {
//! #     let waker = Waker::from(Arc::new(Unpark(thread::current())));
//! #     let mut future = pin!(future);
//! #     loop {
//! #         match future.as_mut().poll(&mut Context::from_waker(&waker)) {
//! #             Poll::Ready(out) => return out,
//! #             Poll::Pending => thread::park(),
//! #         }
//! #     }
//! # }
//! let (producer, mut consumer) = spsc_ring::future::ring(2);
//! // One side may wait on its thread, the other in a task.
//! let mut producer = producer.into_blocking();
//! let thread = thread::spawn(move || (1..=100).try_for_each(|value| producer.push(value)));
//! let sum = block_on(async move {
//!     let mut sum = 0;
//!     while let Ok(value) = consumer.pop().await {
//!         sum += value;
//!     }
//!     sum
//! });
//! assert_eq!(sum, 5050);
//! # thread.join().unwrap().unwrap();
//! ```

#[cfg(feature = "std")]
use crate::blocking::{self, Wait};
use crate::error::{Closed, PopError, PushError};
use crate::raw::Backing;
#[cfg(feature = "alloc")]
use crate::raw::Heap;
use crate::waiter::notify_after;
use core::future::poll_fn;
use core::task::Context;
use core::task::Poll::{self, Pending, Ready};

/// Makes a ring on the heap whose handles wait in tasks.
///
/// # Panics
///
/// If there is no memory for it.
#[cfg(feature = "alloc")]
pub fn ring<T>(capacity: usize) -> (Producer<T, Heap<T>>, Consumer<T, Heap<T>>) {
    let (producer, consumer) = crate::ring(capacity);
    pair(producer, consumer)
}

/// Makes the handles of a ring wait in tasks.
///
/// # Panics
///
/// If they are not the two handles of one ring.
pub fn pair<T, R: Backing<T>>(
    producer: crate::Producer<T, R>,
    consumer: crate::Consumer<T, R>,
) -> (Producer<T, R>, Consumer<T, R>) {
    assert!(
        core::ptr::eq(producer.header(), consumer.header()),
        "handles of two rings"
    );
    (Producer { inner: producer }, Consumer { inner: consumer })
}

/// A producer whose task waits for space.
#[derive(Debug)]
pub struct Producer<T, R: Backing<T>> {
    inner: crate::Producer<T, R>,
}

impl<T, R: Backing<T>> Producer<T, R> {
    /// Pushes a value, once there is space for it. If the future is dropped before it is ready,
    /// the value is dropped and was not pushed.
    ///
    /// # Errors
    ///
    /// The value, if the consumer is closed.
    pub async fn push(&mut self, value: T) -> Result<(), Closed<T>> {
        let mut value = Some(value);
        poll_fn(|context| self.poll_push(context, &mut value)).await
    }

    /// Pushes the value out of `value`, or has the task woken when there may be space.
    ///
    /// Ready at once if there is no value.
    ///
    /// # Errors
    ///
    /// The value, if the consumer is closed.
    pub fn poll_push(
        &mut self,
        context: &mut Context<'_>,
        value: &mut Option<T>,
    ) -> Poll<Result<(), Closed<T>>> {
        if let ready @ Ready(_) = self.try_push_from(value) {
            return ready;
        }
        self.inner.header().space().register(context.waker());
        self.try_push_from(value)
    }

    /// Uses the plain handle, then wakes the consumer if it waits: for batches.
    pub fn with<O>(&mut self, f: impl FnOnce(&mut crate::Producer<T, R>) -> O) -> O {
        notify_after(&mut self.inner, |it| it.header().items(), f)
    }

    /// Whether the consumer was closed or dropped.
    pub fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    /// The same handle, to wait on a thread by parking it. The consumer may stay in its task.
    #[cfg(feature = "std")]
    pub fn into_blocking(self) -> blocking::Producer<T, R> {
        blocking::Producer::new(self.inner, Wait::Park)
    }

    fn try_push_from(&mut self, value: &mut Option<T>) -> Poll<Result<(), Closed<T>>> {
        let Some(taken) = value.take() else {
            return Ready(Ok(()));
        };
        match self.inner.try_push(taken) {
            Ok(()) => {
                self.inner.header().items().notify();
                Ready(Ok(()))
            }
            Err(PushError::Full(back)) => {
                *value = Some(back);
                Pending
            }
            Err(PushError::Closed(back)) => Ready(Err(Closed(back))),
        }
    }
}

/// A consumer whose task waits for items.
#[derive(Debug)]
pub struct Consumer<T, R: Backing<T>> {
    inner: crate::Consumer<T, R>,
}

impl<T, R: Backing<T>> Consumer<T, R> {
    /// Pops the oldest value, once there is one. If the future is dropped before it is ready,
    /// nothing was popped.
    ///
    /// # Errors
    ///
    /// If the ring is empty and the producer is gone.
    pub async fn pop(&mut self) -> Result<T, Closed> {
        poll_fn(|context| self.poll_pop(context)).await
    }

    /// Pops the oldest value, or has the task woken when there may be one.
    ///
    /// # Errors
    ///
    /// If the ring is empty and the producer is gone.
    pub fn poll_pop(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Closed>> {
        if let ready @ Ready(_) = self.try_pop() {
            return ready;
        }
        self.inner.header().items().register(context.waker());
        self.try_pop()
    }

    /// Uses the plain handle, then wakes the producer if it waits: for batches.
    pub fn with<O>(&mut self, f: impl FnOnce(&mut crate::Consumer<T, R>) -> O) -> O {
        notify_after(&mut self.inner, |it| it.header().space(), f)
    }

    /// Tells the producer that nothing more is wanted, and wakes it.
    pub fn close(&mut self) {
        self.inner.close();
    }

    /// The same handle, to wait on a thread by parking it. The producer may stay in its task.
    #[cfg(feature = "std")]
    pub fn into_blocking(self) -> blocking::Consumer<T, R> {
        blocking::Consumer::new(self.inner, Wait::Park)
    }

    fn try_pop(&mut self) -> Poll<Result<T, Closed>> {
        match self.inner.try_pop() {
            Ok(value) => {
                self.inner.header().space().notify();
                Ready(Ok(value))
            }
            Err(PopError::Empty) => Pending,
            Err(PopError::Closed) => Ready(Err(Closed(()))),
        }
    }
}
