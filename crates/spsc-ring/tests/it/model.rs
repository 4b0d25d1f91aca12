//! Any sequence of operations does what it does on a `VecDeque` of limited length.

use proptest::collection::vec;
use proptest::prelude::*;
use spsc_ring::{Backing, Consumer, Inline, PopError, Producer, PushError, ring};
use std::collections::VecDeque;

#[derive(Clone, Debug)]
enum Op {
    Push,
    Pop,
    PushSlice(usize),
    PopSlice(usize),
    PushIter(usize),
    Commit {
        lent: usize,
        added: usize,
        committed: usize,
    },
    Release {
        lent: usize,
        released: usize,
    },
    Drain {
        lent: usize,
        taken: usize,
    },
    Peek,
}

fn op() -> impl Strategy<Value = Op> {
    let n = 0..12usize;
    prop_oneof![
        4 => Just(Op::Push),
        4 => Just(Op::Pop),
        2 => n.clone().prop_map(Op::PushSlice),
        2 => n.clone().prop_map(Op::PopSlice),
        1 => n.clone().prop_map(Op::PushIter),
        2 => (n.clone(), n.clone(), n.clone())
            .prop_map(|(lent, added, committed)| Op::Commit { lent, added, committed }),
        2 => (n.clone(), n.clone()).prop_map(|(lent, released)| Op::Release { lent, released }),
        2 => (n.clone(), n).prop_map(|(lent, taken)| Op::Drain { lent, taken }),
        1 => Just(Op::Peek),
    ]
}

/// The ring, its model, and the next value, so that all values differ.
struct Pair<R: Backing<u32>> {
    producer: Producer<u32, R>,
    consumer: Consumer<u32, R>,
    model: VecDeque<u32>,
    next: u32,
}

impl<R: Backing<u32>> Pair<R> {
    fn fresh(&mut self, n: usize) -> Vec<u32> {
        let first = self.next;
        let values: Vec<u32> = (first..).take(n).collect();
        self.next = values.last().map_or(first, |last| last + 1);
        values
    }

    fn space(&self) -> usize {
        self.producer.capacity() - self.model.len()
    }

    fn pushed(&mut self, values: &[u32], n: usize) {
        assert_eq!(n, values.len().min(self.space()));
        self.model.extend(&values[..n]);
    }

    fn popped(&mut self, got: &[u32], wanted: usize) {
        assert_eq!(got.len(), wanted.min(self.model.len()));
        assert!(self.model.drain(..got.len()).eq(got.iter().copied()));
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Push => {
                let value = self.fresh(1)[0];
                match self.producer.try_push(value) {
                    Ok(()) => self.pushed(&[value], 1),
                    Err(error) => {
                        assert_eq!(error, PushError::Full(value));
                        assert_eq!(self.space(), 0);
                    }
                }
            }
            Op::Pop => assert_eq!(
                self.consumer.try_pop(),
                self.model.pop_front().ok_or(PopError::Empty)
            ),
            Op::PushSlice(n) => {
                let values = self.fresh(n);
                let n = self.producer.push_slice(&values);
                self.pushed(&values, n);
            }
            Op::PopSlice(n) => {
                let mut out = vec![0; n];
                let got = self.consumer.pop_slice(&mut out);
                self.popped(&out[..got], n);
            }
            Op::PushIter(n) => {
                let values = self.fresh(n);
                let n = self.producer.push_iter(values.iter().copied());
                self.pushed(&values, n);
            }
            Op::Commit {
                lent,
                added,
                committed,
            } => self.commit(lent, added, committed),
            Op::Release { lent, released } => {
                let grant = self.consumer.grant(lent);
                let (front, back) = grant.as_slices();
                let seen = [front, back].concat();
                let released = released.min(grant.len());
                grant.release(released);
                assert!(seen.iter().eq(self.model.iter().take(lent)));
                self.model.drain(..released);
            }
            Op::Drain { lent, taken } => {
                let got: Vec<u32> = self.consumer.drain(lent).take(taken).collect();
                self.popped(&got, lent.min(taken));
            }
            Op::Peek => assert_eq!(self.consumer.peek().copied(), self.model.front().copied()),
        }
    }

    fn commit(&mut self, lent: usize, added: usize, committed: usize) {
        let values = self.fresh(added);
        let mut grant = self.producer.grant(lent);
        let added = grant.extend_from_slice(&values);
        let committed = grant.commit(committed.min(added));
        assert_eq!(added, values.len().min(lent).min(self.space()));
        self.model.extend(&values[..committed]);
    }

    fn run(mut self, ops: Vec<Op>) {
        for op in ops {
            self.apply(op);
            assert_eq!(self.producer.len(), self.model.len());
            assert_eq!(self.consumer.len(), self.model.len());
            assert_eq!(self.producer.is_full(), self.space() == 0);
        }
        let rest: Vec<u32> = self.consumer.drain(usize::MAX).collect();
        self.popped(&rest, usize::MAX);
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 400 },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_heap_ring_is_a_queue(capacity in 0..10usize, ops in vec(op(), 0..60)) {
        let (producer, consumer) = ring(capacity);
        Pair { producer, consumer, model: VecDeque::new(), next: 0 }.run(ops);
    }

    #[test]
    fn an_inline_ring_is_a_queue(capacity in 0..=8usize, ops in vec(op(), 0..60)) {
        let ring = Inline::<u32, 8>::with_capacity(capacity);
        let (producer, consumer) = ring.try_split().unwrap();
        Pair { producer, consumer, model: VecDeque::new(), next: 0 }.run(ops);
    }
}
