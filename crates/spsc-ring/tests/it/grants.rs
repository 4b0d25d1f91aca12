//! Batches: grants, slices, iterators, and what lying or panicking callers can do.

use crate::support::{Counter, panics};
use spsc_ring::{PopError, ring};

#[test]
fn slices_wrap_in_two_pieces() {
    let (mut producer, mut consumer) = ring(4);
    let mut out = [0; 4];
    assert_eq!(producer.push_slice(&[1, 2, 3]), 3);
    assert_eq!(consumer.pop_slice(&mut out[..2]), 2);
    assert_eq!(producer.push_slice(&[4, 5, 6, 7]), 3);
    let grant = consumer.grant(usize::MAX);
    assert_eq!(grant.as_slices(), (&[3, 4][..], &[5, 6][..]));
    assert_eq!((grant.len(), grant.is_empty()), (4, false));
    assert_eq!(consumer.pop_slice(&mut out), 4);
    assert_eq!(out, [3, 4, 5, 6]);
    assert_eq!(consumer.pop_slice(&mut out), 0);
    assert!(consumer.grant(1).is_empty());
}

#[test]
fn a_read_grant_can_change_values_in_place() {
    let (mut producer, mut consumer) = ring(4);
    producer.push_slice(&[0, 0]);
    consumer.grant(2).release_all();
    producer.push_slice(&[1, 2, 3, 4]);
    let mut grant = consumer.grant(3);
    let (front, back) = grant.as_mut_slices();
    front.iter_mut().chain(back).for_each(|value| *value *= 10);
    grant.release(1);
    assert!(consumer.drain(9).eq([20, 30, 4]));
}

#[test]
fn a_released_grant_cannot_be_asked_for_more_than_it_has() {
    let (mut producer, mut consumer) = ring(4);
    producer.push_slice(&[1, 2]);
    assert!(panics(|| consumer.grant(1).release(2)));
    assert_eq!(consumer.len(), 2);
}

#[test]
fn uncommitted_values_are_dropped_and_never_seen() {
    let counter = Counter::default();
    let (mut producer, mut consumer) = ring(4);
    let mut grant = producer.grant(3);
    for _ in 0..3 {
        grant.push(counter.make()).unwrap();
    }
    assert!(grant.push(counter.make()).is_err());
    assert_eq!(counter.drops(), 1);
    assert_eq!((grant.len(), grant.filled()), (3, 3));
    drop(grant);
    assert_eq!(counter.drops(), 4);
    assert_eq!(consumer.try_pop().unwrap_err(), PopError::Empty);
}

#[test]
fn a_partial_commit_drops_the_rest() {
    let counter = Counter::default();
    let (mut producer, mut consumer) = ring(4);
    let mut grant = producer.grant(4);
    assert_eq!(grant.fill((0..9).map(|_| counter.make())), 4);
    assert_eq!(grant.commit(1), 1);
    assert_eq!(counter.drops(), 3);
    assert_eq!(consumer.drain(9).count(), 1);
    assert_eq!(counter.drops(), 4);
}

#[test]
fn a_commit_of_more_than_was_added_panics_and_publishes_nothing() {
    let counter = Counter::default();
    let (mut producer, consumer) = ring(4);
    assert!(panics(|| {
        let mut grant = producer.grant(4);
        grant.push(counter.make()).unwrap();
        grant.commit(2)
    }));
    assert_eq!(counter.drops(), 1);
    assert!(consumer.is_empty());
}

#[test]
fn a_forgotten_write_grant_leaves_the_slots_free() {
    let (mut producer, mut consumer) = ring(2);
    let mut grant = producer.grant(2);
    grant.push(1).unwrap();
    std::mem::forget(grant);
    assert_eq!(producer.push_slice(&[7, 8, 9]), 2);
    assert!(consumer.drain(2).eq([7, 8]));
}

#[test]
fn a_panicking_iterator_publishes_nothing_and_leaks_nothing() {
    let counter = Counter::default();
    let (mut producer, consumer) = ring(8);
    producer.try_push(counter.make()).unwrap();
    assert!(panics(|| {
        producer.push_iter((0..8).map(|round| {
            assert!(round < 3, "this iterator panics");
            counter.make()
        }))
    }));
    assert_eq!(counter.drops(), 3);
    assert_eq!(consumer.len(), 1);
    assert!(producer.try_push(counter.make()).is_ok());
}

/// Says it yields `said`, and yields as many as it is asked for.
struct Liar {
    said: usize,
    yielded: u32,
    ends_after: u32,
}

impl Iterator for Liar {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        (self.yielded < self.ends_after).then(|| {
            self.yielded += 1;
            self.yielded
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.said, Some(self.said))
    }
}

impl ExactSizeIterator for Liar {}

#[test]
fn an_iterator_that_lies_about_its_length_is_taken_at_its_deeds() {
    for said in [0, 1, 2, 100, usize::MAX] {
        let (mut producer, mut consumer) = ring(4);
        let pushed = producer.push_iter(Liar {
            said,
            yielded: 0,
            ends_after: 2,
        });
        assert_eq!(pushed, said.min(2));
        assert!(consumer.drain(9).eq(1..=u32::try_from(pushed).unwrap()));

        let mut endless = Liar {
            said,
            yielded: 0,
            ends_after: u32::MAX,
        };
        let pushed = producer.push_iter(&mut endless);
        assert_eq!(pushed, said.min(4));
        assert_eq!(
            usize::try_from(endless.yielded).unwrap(),
            pushed,
            "no value was lost"
        );
    }
}

#[test]
fn a_drain_knows_its_length_and_leaves_what_it_did_not_yield() {
    let (mut producer, mut consumer) = ring(4);
    producer.push_slice(&[1, 2, 3, 4]);
    let mut drain = consumer.drain(3);
    assert_eq!(drain.len(), 3);
    assert_eq!(drain.next(), Some(1));
    assert_eq!(drain.len(), 2);
    assert_eq!(format!("{drain:?}"), "Drain { left: 2 }");
    drop(drain);
    assert_eq!(producer.push_slice(&[5, 6]), 1);
    let mut drain = consumer.drain(9);
    assert!(drain.by_ref().eq([2, 3, 4, 5]));
    assert_eq!(drain.next(), None);
}

#[test]
fn grants_say_what_they_hold() {
    let (mut producer, mut consumer) = ring(2);
    let mut grant = producer.grant(2);
    grant.push('a').unwrap();
    assert_eq!(format!("{grant:?}"), "WriteGrant { len: 2, filled: 1 }");
    assert!(!grant.is_empty());
    grant.commit_all();
    assert_eq!(format!("{:?}", consumer.grant(2)), "ReadGrant { len: 1 }");
}
