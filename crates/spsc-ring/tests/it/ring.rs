//! One thread, the single operations.

use spsc_ring::{PopError, PushError, ring, try_ring};

#[test]
fn pop_on_empty_returns_empty_after_wraparound() {
    let (mut producer, mut consumer) = ring(3);
    for round in 0..20 {
        assert_eq!(consumer.try_pop(), Err(PopError::Empty));
        assert_eq!(producer.try_push(round), Ok(()));
        assert_eq!(producer.try_push(-round), Ok(()));
        assert_eq!(consumer.try_pop(), Ok(round));
        assert_eq!(consumer.try_pop(), Ok(-round));
    }
}

#[test]
fn a_ring_holds_exactly_its_capacity() {
    for capacity in [0, 1, 2, 3, 4, 5, 7, 8, 9, 33] {
        let (mut producer, mut consumer) = ring(capacity);
        assert_eq!(
            (producer.capacity(), consumer.capacity()),
            (capacity, capacity)
        );
        for round in 0..3 {
            for value in 0..capacity {
                assert_eq!(producer.len(), value);
                assert_eq!(producer.is_full(), consumer.is_full());
                producer.try_push(value).unwrap();
            }
            assert!(producer.is_full() && consumer.is_full());
            assert_eq!(producer.try_push(round), Err(PushError::Full(round)));
            for value in 0..capacity {
                assert_eq!(consumer.len(), capacity - value);
                assert_eq!(consumer.try_pop(), Ok(value));
            }
            assert!(producer.is_empty() && consumer.is_empty());
            assert_eq!(consumer.try_pop(), Err(PopError::Empty));
        }
    }
}

#[test]
fn capacity_one_alternates() {
    let (mut producer, mut consumer) = ring(1);
    for value in 0..10 {
        producer.try_push(value).unwrap();
        assert_eq!(producer.try_push(99), Err(PushError::Full(99)));
        assert_eq!(consumer.try_pop(), Ok(value));
    }
}

#[test]
fn zero_sized_values_are_counted() {
    let (mut producer, mut consumer) = ring(5);
    for _ in 0..4 {
        for _ in 0..5 {
            producer.try_push(()).unwrap();
        }
        assert_eq!(producer.try_push(()), Err(PushError::Full(())));
        assert_eq!(consumer.pop_slice(&mut [(); 3]), 3);
        assert_eq!(consumer.drain(9).count(), 2);
        assert_eq!(consumer.try_pop(), Err(PopError::Empty));
    }
}

#[test]
fn over_aligned_values_are_aligned() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(align(256))]
    struct Wide(u8);
    let (mut producer, mut consumer) = ring(3);
    producer.push_slice(&[Wide(1), Wide(2), Wide(3)]);
    let grant = consumer.grant(3);
    assert!(grant.as_slices().0.as_ptr().is_aligned());
    assert_eq!(grant.as_slices().0, [Wide(1), Wide(2), Wide(3)]);
}

#[test]
fn more_than_the_address_space_is_an_error() {
    for capacity in [
        usize::MAX,
        usize::MAX / 2 + 2,
        usize::MAX / 2,
        isize::MAX as usize / 8 + 1,
    ] {
        let error = try_ring::<u64>(capacity).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("no memory for a ring of {capacity} items")
        );
    }
    assert!(try_ring::<()>(usize::MAX / 2).is_ok());
}

#[test]
fn memory_that_the_allocator_refuses_is_an_error() {
    if cfg!(miri) || std::env::var("RUSTFLAGS").is_ok_and(|flags| flags.contains("sanitizer")) {
        println!("not run: here the process ends when memory is exhausted");
        return;
    }
    assert!(try_ring::<u8>(1 << 62).is_err());
}

#[test]
fn peek_shows_the_oldest_value_and_lets_it_change() {
    let (mut producer, mut consumer) = ring(2);
    assert_eq!(consumer.peek(), None);
    producer.try_push(String::from("a")).unwrap();
    producer.try_push(String::from("b")).unwrap();
    consumer.peek().unwrap().push('!');
    assert_eq!(consumer.len(), 2);
    assert_eq!(consumer.try_pop().unwrap(), "a!");
    assert_eq!(consumer.peek().map(|it| it.as_str()), Some("b"));
}

#[test]
fn a_closed_consumer_is_noticed_at_the_latest_after_capacity_pushes() {
    let (mut producer, mut consumer) = ring(4);
    producer.try_push(0).unwrap();
    consumer.close();
    assert!(producer.is_closed());
    assert!(!producer.is_abandoned());
    let accepted = (1..)
        .take_while(|value| producer.try_push(*value).is_ok())
        .count();
    assert!(accepted < 4);
    assert!(matches!(producer.try_push(9), Err(PushError::Closed(9))));
    assert_eq!(producer.push_slice(&[1, 2]), 0);
    // What was accepted can be popped.
    assert_eq!(consumer.drain(usize::MAX).count(), accepted + 1);
}

#[test]
fn a_dropped_consumer_is_abandonment() {
    let (mut producer, consumer) = ring(1);
    assert!(!producer.is_abandoned());
    drop(consumer);
    assert!(producer.is_abandoned() && producer.is_closed());
    assert_eq!(producer.try_push(1), Err(PushError::Closed(1)));
    assert_eq!(PushError::Closed(1).into_inner(), 1);
}

#[test]
fn a_dropped_producer_closes_after_the_last_value() {
    let (mut producer, mut consumer) = ring(4);
    producer.push_slice(&[1, 2]);
    assert_eq!(consumer.try_pop(), Ok(1));
    assert!(!consumer.is_closed());
    producer.close();
    assert!(consumer.is_abandoned() && consumer.is_closed());
    assert_eq!(consumer.try_pop(), Ok(2));
    assert_eq!(consumer.try_pop(), Err(PopError::Closed));
}

#[test]
fn errors_say_what_is_the_matter() {
    assert_eq!(PushError::Full(1).to_string(), "the ring is full");
    assert_eq!(PushError::Closed(1).to_string(), "the consumer is closed");
    assert_eq!(PopError::Empty.to_string(), "the ring is empty");
    assert_eq!(
        PopError::Closed.to_string(),
        "the ring is empty and the producer is closed"
    );
    assert_eq!(
        spsc_ring::Closed(()).to_string(),
        "the other side of the ring is closed"
    );
}

#[test]
fn handles_can_be_sent_and_are_not_bigger_than_six_words() {
    fn sendable<T: Send>(_: &T) {}
    let (producer, consumer) = ring::<std::cell::Cell<u8>>(1);
    sendable(&producer);
    sendable(&consumer);
    assert!(size_of_val(&producer) <= 6 * size_of::<usize>());
    assert!(size_of_val(&consumer) <= 6 * size_of::<usize>());
}

#[test]
fn debug_output_shows_no_content() {
    let (mut producer, consumer) = ring(2);
    producer.try_push("secret").unwrap();
    let text = format!("{producer:?} {consumer:?}");
    assert!(text.contains("Producer") && text.contains("Consumer"));
    assert!(!text.contains("secret"));
}
