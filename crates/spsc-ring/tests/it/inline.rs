//! Storage in place.

use crate::support::{Counter, panics};
use spsc_ring::{Inline, PopError, PushError};

#[test]
fn an_inline_ring_does_what_a_heap_ring_does() {
    let ring = Inline::<u32, 4>::new();
    let (mut producer, mut consumer) = ring.try_split().unwrap();
    for round in 0..10 {
        assert_eq!(producer.push_slice(&[round, round + 1, round + 2]), 3);
        assert_eq!(producer.try_push(9), Ok(()));
        assert_eq!(producer.try_push(9), Err(PushError::Full(9)));
        assert!(consumer.drain(9).eq([round, round + 1, round + 2, 9]));
        assert_eq!(consumer.try_pop(), Err(PopError::Empty));
    }
}

#[test]
fn an_inline_ring_can_hold_less_than_its_storage() {
    for capacity in 0..=8 {
        let ring = Inline::<usize, 8>::with_capacity(capacity);
        let (mut producer, mut consumer) = ring.try_split().unwrap();
        for _ in 0..3 {
            assert_eq!(producer.push_iter(0..), capacity);
            assert!(consumer.drain(99).eq(0..capacity));
        }
    }
}

#[test]
fn an_inline_ring_cannot_hold_more_than_its_storage() {
    assert!(panics(|| Inline::<u8, 4>::with_capacity(5)));
    assert!(!panics(|| Inline::<u8, 4>::with_capacity(4)));
}

#[test]
fn an_inline_ring_is_split_again_when_both_handles_are_gone() {
    let counter = Counter::default();
    let ring = Inline::<_, 4>::default();
    let (mut producer, consumer) = ring.try_split().unwrap();
    assert!(ring.try_split().is_none());
    producer.push_iter([counter.make(), counter.make()]);
    drop(consumer);
    assert!(ring.try_split().is_none());
    drop(producer);

    let (producer, mut consumer) = ring.try_split().unwrap();
    assert!(!producer.is_closed() && !consumer.is_closed());
    assert_eq!(producer.len(), 2);
    drop(consumer.try_pop().unwrap());
    assert_eq!(counter.drops(), 1);
    drop((producer, consumer));
    drop(ring);
    assert_eq!(counter.drops(), 2);
}

#[test]
fn slots_of_an_inline_ring_begin_on_a_cache_line() {
    let ring = Inline::<u64, 16>::new();
    let (mut producer, mut consumer) = ring.try_split().unwrap();
    producer.try_push(1).unwrap();
    assert_eq!(
        consumer
            .peek()
            .map(|it| std::ptr::from_mut(it).addr() % 128),
        Some(0)
    );
}

#[test]
fn a_static_ring_serves_two_threads() {
    static RING: Inline<u32, 8> = Inline::new();
    let (mut producer, mut consumer) = RING.try_split().unwrap();
    let n = if cfg!(miri) { 40 } else { 4000 };
    let thread = std::thread::spawn(move || {
        for value in 0..n {
            while producer.try_push(value).is_err() {
                std::thread::yield_now();
            }
        }
    });
    for value in 0..n {
        loop {
            match consumer.try_pop() {
                Ok(got) => break assert_eq!(got, value),
                Err(_) => std::thread::yield_now(),
            }
        }
    }
    thread.join().unwrap();
}
