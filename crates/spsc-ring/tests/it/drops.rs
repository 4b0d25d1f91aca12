//! Every value is dropped once, whatever happens to the handles.

use crate::support::{Counter, panics};
use spsc_ring::{Inline, ring};

#[test]
fn what_remains_is_dropped_with_the_last_handle() {
    for producer_first in [true, false] {
        let counter = Counter::default();
        let (mut producer, mut consumer) = ring(4);
        for round in 0..6 {
            producer.try_push(counter.make()).unwrap();
            if round < 3 {
                drop(consumer.try_pop().unwrap());
            }
        }
        assert_eq!(counter.drops(), 3);
        if producer_first {
            drop(producer);
            assert_eq!(counter.drops(), 3);
            drop(consumer);
        } else {
            drop(consumer);
            assert_eq!(counter.drops(), 3);
            drop(producer);
        }
        assert_eq!(counter.drops(), 6);
    }
}

#[test]
fn a_refused_value_comes_back() {
    let counter = Counter::default();
    let (mut producer, consumer) = ring(1);
    producer.try_push(counter.make()).unwrap();
    let refused = producer.try_push(counter.make()).unwrap_err();
    assert_eq!(counter.drops(), 0);
    drop(refused);
    assert_eq!(counter.drops(), 1);
    drop((producer, consumer));
    assert_eq!(counter.drops(), 2);
}

#[test]
fn a_drop_that_panics_does_not_keep_the_others_from_being_dropped() {
    let counter = Counter::default();
    let (mut producer, mut consumer) = ring(4);
    // So that the items wrap.
    producer.push_iter([counter.make(), counter.make()]);
    consumer.grant(2).release_all();
    producer.push_iter([
        counter.make(),
        counter.make_panicking(),
        counter.make(),
        counter.make(),
    ]);
    drop(producer);
    assert!(panics(|| drop(consumer)));
    assert_eq!(counter.drops(), 6);
}

#[test]
fn a_release_whose_drop_panics_gives_all_slots_back() {
    let counter = Counter::default();
    let (mut producer, mut consumer) = ring(3);
    producer.push_iter([counter.make_panicking(), counter.make(), counter.make()]);
    assert!(panics(|| consumer.grant(2).release_all()));
    assert_eq!(counter.drops(), 2);
    assert_eq!(consumer.len(), 1);
    assert!(producer.try_push(counter.make()).is_ok());
    assert!(producer.try_push(counter.make()).is_ok());
    assert!(producer.is_full());
    drop((producer, consumer));
    assert_eq!(counter.drops(), 5);
}

#[test]
fn a_forgotten_drain_moves_nothing_out_twice() {
    let counter = Counter::default();
    let (mut producer, mut consumer) = ring(4);
    producer.push_iter((0..4).map(|_| counter.make()));
    let mut drain = consumer.drain(4);
    drop((drain.next(), drain.next()));
    std::mem::forget(drain);
    assert_eq!(counter.drops(), 2);
    // The slots come back with the next one that is popped.
    assert_eq!(producer.len(), 4);
    drop(consumer.try_pop().unwrap());
    assert_eq!(producer.len(), 1);
    drop((producer, consumer));
    assert_eq!(counter.drops(), 4);
}

#[test]
fn a_forgotten_drain_is_accounted_for_when_the_consumer_is_dropped() {
    let counter = Counter::default();
    let (mut producer, mut consumer) = ring(2);
    producer.push_iter([counter.make(), counter.make()]);
    let mut drain = consumer.drain(2);
    drop(drain.next());
    std::mem::forget(drain);
    drop((consumer, producer));
    assert_eq!(counter.drops(), 2);
}

#[test]
fn a_forgotten_consumer_makes_an_inline_ring_leak_rather_than_drop_twice() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    // Without an allocation of its own: the leak is what the test wants.
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    struct Quiet(#[expect(dead_code, reason = "gives the value a size")] u32);
    impl Drop for Quiet {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }
    let ring = Inline::<Quiet, 2>::new();
    let (mut producer, mut consumer) = ring.try_split().unwrap();
    producer.push_iter([Quiet(1), Quiet(2)]);
    let mut drain = consumer.drain(2);
    drop(drain.next());
    std::mem::forget(drain);
    std::mem::forget(consumer);
    drop(producer);
    assert!(ring.try_split().is_none());
    drop(ring);
    assert_eq!(DROPS.load(Ordering::Relaxed), 1);
}
