//! Two threads: what is pushed is popped, once and in order.

use spsc_ring::{PopError, ring};
use std::thread;

const ITEMS: u64 = if cfg!(miri) { 60 } else { 20_000 };

#[test]
fn single_operations_keep_order_between_threads() {
    for capacity in [1, 3, 8] {
        let (mut producer, mut consumer) = ring(capacity);
        thread::scope(|scope| {
            scope.spawn(move || {
                for value in 0..ITEMS {
                    // Boxed, so that a value that is read too early or twice is seen.
                    let mut boxed = Box::new(value);
                    while let Err(error) = producer.try_push(boxed) {
                        boxed = error.into_inner();
                        thread::yield_now();
                    }
                }
            });
            let mut expected = 0;
            loop {
                match consumer.try_pop() {
                    Ok(value) => {
                        assert_eq!(*value, expected);
                        expected += 1;
                    }
                    Err(PopError::Closed) => break,
                    Err(_) => thread::yield_now(),
                }
            }
            assert_eq!(expected, ITEMS);
        });
    }
}

#[test]
fn batches_keep_order_between_threads() {
    for (capacity, batch) in [(1, 4), (7, 3), (16, 5)] {
        let (mut producer, mut consumer) = ring(capacity);
        thread::scope(|scope| {
            scope.spawn(move || {
                let values: Vec<u64> = (0..ITEMS).collect();
                let mut left = &values[..];
                while !left.is_empty() {
                    let n = producer.push_slice(&left[..left.len().min(batch)]);
                    left = &left[n..];
                    if n == 0 {
                        thread::yield_now();
                    }
                }
            });
            let mut expected = 0..ITEMS;
            while !expected.is_empty() {
                let grant = consumer.grant(batch + 1);
                let (front, back) = grant.as_slices();
                assert!(
                    front
                        .iter()
                        .chain(back)
                        .all(|it| Some(*it) == expected.next())
                );
                let empty = grant.is_empty();
                grant.release_all();
                if empty {
                    thread::yield_now();
                }
            }
        });
    }
}

#[test]
fn a_consumer_that_leaves_in_the_middle_stops_the_producer() {
    let (mut producer, mut consumer) = ring(4);
    thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let mut taken = 0;
            while taken < 10 {
                taken += consumer.drain(3).count();
            }
        });
        let mut refused = Box::new(0);
        loop {
            match producer.try_push(refused) {
                Ok(()) => refused = Box::new(1),
                Err(spsc_ring::PushError::Closed(_)) => break,
                Err(error) => {
                    refused = error.into_inner();
                    thread::yield_now();
                }
            }
        }
        assert!(producer.is_closed());
        thread.join().unwrap();
        assert!(producer.is_abandoned());
    });
}
