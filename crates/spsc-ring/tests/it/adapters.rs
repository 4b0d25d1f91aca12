//! The handles that wait, on threads and in tasks.

use crate::support::panics;
use spsc_ring::blocking::{self, Wait};
use spsc_ring::{Closed, Inline, future, ring};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

const ITEMS: u32 = if cfg!(miri) { 30 } else { 3000 };
const WAITS: [Wait; 3] = [Wait::Spin, Wait::Yield, Wait::Park];

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counting_waker() -> (Arc<Wakes>, Waker) {
    let wakes = Arc::new(Wakes::default());
    (Arc::clone(&wakes), Waker::from(wakes))
}

struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(out) => return out,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn blocking_handles_pass_everything_on_however_they_wait() {
    for wait in WAITS {
        // Where both have to share a processor, each item costs who spins a turn of the other.
        let items = if matches!(wait, Wait::Spin) {
            ITEMS.min(50)
        } else {
            ITEMS
        };
        for capacity in [1, 2, 64] {
            let (mut producer, mut consumer) = blocking::ring(capacity, wait);
            thread::scope(|scope| {
                scope.spawn(move || (0..items).for_each(|value| producer.push(value).unwrap()));
                assert!((0..items).all(|value| consumer.pop() == Ok(value)));
                assert_eq!(consumer.pop(), Err(Closed(())));
            });
        }
    }
}

#[test]
fn a_blocked_producer_returns_its_value_when_the_consumer_leaves() {
    for wait in WAITS {
        let (mut producer, consumer) = blocking::ring(1, wait);
        producer.push(1).unwrap();
        thread::scope(|scope| {
            scope.spawn(move || drop(consumer));
            assert_eq!(producer.push(2), Err(Closed(2)));
            assert!(producer.is_closed());
            assert_eq!(producer.wait_for_space(1), Err(Closed(())));
        });
    }
}

#[test]
fn a_blocked_producer_returns_its_value_when_the_consumer_closes() {
    for wait in WAITS {
        let (mut producer, mut consumer) = blocking::ring(1, wait);
        producer.push(1).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| consumer.close());
            assert_eq!(producer.push(2), Err(Closed(2)));
        });
        assert_eq!(consumer.pop(), Ok(1));
    }
}

#[test]
fn waiting_for_several_items_ends_with_them_or_with_the_producer() {
    for wait in WAITS {
        let (mut producer, mut consumer) = blocking::ring(4, wait);
        thread::scope(|scope| {
            scope.spawn(move || {
                (0..3).for_each(|value| producer.push(value).unwrap());
                producer.wait_for_space(99).unwrap();
                producer.with(|it| assert_eq!(it.push_slice(&[7, 8]), 2));
            });
            consumer.wait_for_items(3).unwrap();
            assert!(consumer.with(|it| it.drain(3).eq([0, 1, 2])));
            assert_eq!(consumer.wait_for_items(3), Err(Closed(())));
            assert!(consumer.with(|it| it.drain(3).eq([7, 8])));
        });
    }
}

#[test]
fn a_blocking_handle_can_wait_on_another_thread_next_time() {
    let (mut producer, mut consumer) = blocking::ring(1, Wait::Park);
    for value in 0..4 {
        let (back, got) = thread::scope(|scope| {
            let thread = scope.spawn(move || {
                let got = consumer.pop();
                (consumer, got)
            });
            producer.push(value).unwrap();
            thread.join().unwrap()
        });
        assert_eq!(got, Ok(value));
        consumer = back;
    }
}

#[test]
fn handles_of_two_rings_are_refused() {
    let (one, _) = ring::<u8>(1);
    let (_, other) = ring::<u8>(1);
    assert!(panics(|| blocking::pair(one, other, Wait::Spin)));
    let (one, _) = ring::<u8>(1);
    let (_, other) = ring::<u8>(1);
    assert!(panics(|| future::pair(one, other)));
}

#[test]
fn tasks_pass_everything_on() {
    for capacity in [1, 3] {
        let (mut producer, mut consumer) = future::ring(capacity);
        thread::scope(|scope| {
            scope.spawn(move || {
                block_on(async move {
                    for value in 0..ITEMS {
                        producer.push(value).await.unwrap();
                    }
                });
            });
            block_on(async move {
                for value in 0..ITEMS {
                    assert_eq!(consumer.pop().await, Ok(value));
                }
                assert_eq!(consumer.pop().await, Err(Closed(())));
            });
        });
    }
}

#[test]
fn a_thread_and_a_task_can_share_a_ring() {
    let storage = Inline::<u32, 2>::new();
    let (producer, consumer) = storage.try_split().unwrap();
    let (mut producer, consumer) = future::pair(producer, consumer);
    let mut consumer = consumer.into_blocking();
    thread::scope(|scope| {
        scope.spawn(move || {
            block_on(async move {
                for value in 0..ITEMS {
                    producer.push(value).await.unwrap();
                }
            });
        });
        assert!((0..ITEMS).all(|value| consumer.pop() == Ok(value)));
    });

    let (producer, mut consumer) = future::ring(1);
    let mut producer = producer.into_blocking();
    thread::scope(|scope| {
        scope.spawn(move || (0..ITEMS).for_each(|value| producer.push(value).unwrap()));
        assert!(block_on(async {
            let mut equal = true;
            for value in 0..ITEMS {
                equal &= consumer.pop().await == Ok(value);
            }
            equal
        }));
    });
}

#[test]
fn a_pending_pop_is_woken_by_a_push_and_by_the_end() {
    let (mut producer, mut consumer) = future::ring(2);
    let (wakes, waker) = counting_waker();
    let mut context = Context::from_waker(&waker);
    assert_eq!(consumer.poll_pop(&mut context), Poll::Pending);
    assert!(producer.with(|it| it.try_push(1)).is_ok());
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    assert_eq!(consumer.poll_pop(&mut context), Poll::Ready(Ok(1)));
    assert_eq!(consumer.poll_pop(&mut context), Poll::Pending);
    drop(producer);
    assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
    assert_eq!(
        consumer.poll_pop(&mut context),
        Poll::Ready(Err(Closed(())))
    );
}

#[test]
fn a_pending_push_is_woken_by_a_pop_and_by_a_close() {
    let (mut producer, mut consumer) = future::ring(1);
    let (wakes, waker) = counting_waker();
    let mut context = Context::from_waker(&waker);
    let mut value = Some(1);
    assert_eq!(
        producer.poll_push(&mut context, &mut value),
        Poll::Ready(Ok(()))
    );
    assert_eq!(
        producer.poll_push(&mut context, &mut value),
        Poll::Ready(Ok(()))
    );
    value = Some(2);
    assert_eq!(producer.poll_push(&mut context, &mut value), Poll::Pending);
    assert_eq!(value, Some(2));
    assert!(consumer.with(|it| it.try_pop()).is_ok());
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
    assert_eq!(
        producer.poll_push(&mut context, &mut value),
        Poll::Ready(Ok(()))
    );
    value = Some(3);
    assert_eq!(producer.poll_push(&mut context, &mut value), Poll::Pending);
    consumer.close();
    assert_eq!(wakes.0.load(Ordering::Relaxed), 2);
    assert_eq!(
        producer.poll_push(&mut context, &mut value),
        Poll::Ready(Err(Closed(3)))
    );
    assert!(producer.is_closed());
}

#[test]
fn only_the_last_of_several_wakers_is_woken() {
    let (mut producer, mut consumer) = future::ring::<u8>(1);
    let (old, old_waker) = counting_waker();
    let (new, new_waker) = counting_waker();
    assert!(
        consumer
            .poll_pop(&mut Context::from_waker(&old_waker))
            .is_pending()
    );
    assert!(
        consumer
            .poll_pop(&mut Context::from_waker(&new_waker))
            .is_pending()
    );
    assert!(producer.with(|it| it.try_push(1)).is_ok());
    assert_eq!(old.0.load(Ordering::Relaxed), 0);
    assert_eq!(new.0.load(Ordering::Relaxed), 1);
    // The ring holds no waker: the two counters are ours alone, with our wakers.
    drop((old_waker, new_waker));
    assert_eq!((Arc::strong_count(&old), Arc::strong_count(&new)), (1, 1));
}

#[test]
fn a_push_that_is_given_up_pushes_nothing() {
    let (mut producer, mut consumer) = future::ring(1);
    block_on(producer.push(1)).unwrap();
    let (_, waker) = counting_waker();
    {
        let mut push = pin!(producer.push(2));
        assert!(
            push.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    assert_eq!(consumer.with(|it| it.drain(9).collect::<Vec<_>>()), [1]);
}
