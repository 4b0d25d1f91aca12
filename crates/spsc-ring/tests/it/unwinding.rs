//! What a panic in the user's code, inside a call of a handle that waits, leaves behind.

use crate::support::{Counter, panics};
use spsc_ring::blocking::Wait;
use spsc_ring::{Inline, blocking, future};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

struct PanicsWhenWoken;

impl Wake for PanicsWhenWoken {
    fn wake(self: Arc<Self>) {
        panic!("this waker panics");
    }
}

#[test]
fn a_batch_that_panics_still_wakes_the_consumer() {
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&wakes));
    let mut context = Context::from_waker(&waker);
    let (mut producer, mut consumer) = future::ring(2);
    assert!(consumer.poll_pop(&mut context).is_pending());
    assert!(panics(|| producer.with(|it| {
        it.try_push(1).unwrap();
        panic!("after the push");
    })));
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
}

#[test]
fn a_release_whose_drop_panics_still_wakes_the_producer() {
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&wakes));
    let mut context = Context::from_waker(&waker);
    let counter = Counter::default();
    let (mut producer, mut consumer) = future::ring(1);
    producer.with(|it| it.try_push(counter.make_panicking()).unwrap());
    let mut value = Some(counter.make());
    assert!(producer.poll_push(&mut context, &mut value).is_pending());
    assert!(panics(|| consumer.with(|it| it.grant(1).release_all())));
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
}

#[test]
fn a_thread_that_sleeps_is_woken_by_a_batch_that_panics() {
    let (mut producer, mut consumer) = blocking::ring(2, Wait::Park);
    thread::scope(|scope| {
        scope.spawn(move || assert_eq!(consumer.pop(), Ok(1)));
        assert!(panics(|| producer.with(|it| {
            it.try_push(1).unwrap();
            panic!("after the push");
        })));
    });
}

#[test]
fn values_are_dropped_with_the_ring_though_a_waker_panicked_at_the_close() {
    let waker = Waker::from(Arc::new(PanicsWhenWoken));
    let mut context = Context::from_waker(&waker);
    let counter = Counter::default();
    let (mut producer, consumer) = future::ring(1);
    producer.with(|it| it.try_push(counter.make()).unwrap());
    let mut value = Some(counter.make());
    assert!(producer.poll_push(&mut context, &mut value).is_pending());
    assert!(panics(|| drop(consumer)));
    drop(producer);
    assert_eq!(counter.drops(), 1);
}

#[test]
fn an_inline_ring_is_split_again_though_a_waker_panicked_at_the_close() {
    let waker = Waker::from(Arc::new(PanicsWhenWoken));
    let mut context = Context::from_waker(&waker);
    let store = Inline::<u8, 2>::new();
    let (producer, consumer) = store.try_split().unwrap();
    let (producer, mut consumer) = future::pair(producer, consumer);
    assert!(consumer.poll_pop(&mut context).is_pending());
    assert!(panics(|| drop(producer)));
    drop(consumer);
    assert!(store.try_split().is_some());
}

struct PanicsWhenDropped;

impl Wake for PanicsWhenDropped {
    fn wake(self: Arc<Self>) {}
}

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("this waker panics when it is dropped");
    }
}

#[test]
fn a_replaced_waker_whose_drop_panics_leaves_the_fresh_one_in_its_place() {
    let (mut producer, mut consumer) = future::ring::<u8>(2);
    let stale = Waker::from(Arc::new(PanicsWhenDropped));
    assert!(
        consumer
            .poll_pop(&mut Context::from_waker(&stale))
            .is_pending()
    );
    // The cell's own is the last one now.
    drop(stale);
    let wakes = Arc::new(Wakes::default());
    let fresh = Waker::from(Arc::clone(&wakes));
    let mut context = Context::from_waker(&fresh);
    assert!(panics(|| consumer.poll_pop(&mut context)));
    producer.with(|it| it.try_push(1).unwrap());
    assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
}
