//! Each queue's own best way to do a workload, behind one signature.
//!
//! - *single*: one call for each item, on each side. The disruptor's poller always takes what there
//!   is; it has no call for one item that does not.
//! - *batch, in place*: items are made in their slots, at most [`BATCH`] in a call, and all that
//!   there are are read there.
//! - *batch, copied*: items are copied from a slice and into a slice, and read there.

use crate::drive::{Cores, Outcome, Popped, round_trips, throughput};
use crate::item::Item;
use std::hint::spin_loop;

/// What a run is made with.
#[derive(Clone, Copy)]
pub struct Setup {
    pub cores: Cores,
    pub capacity: usize,
    pub items: u64,
}

/// Items in a batch, at most.
pub const BATCH: usize = 256;

/// heapless takes its capacity as a type; one slot stays empty.
const HEAPLESS_SLOTS: usize = 4096;

/// The items of a batch that starts at a number: cheap to make, so that copying is what counts.
struct Source<T>([T; BATCH]);

impl<T: Item> Source<T> {
    fn new() -> Self {
        Self([T::default(); BATCH])
    }

    #[inline]
    fn batch(&mut self, from: u64, most: u64) -> &[T] {
        let n = BATCH.min(usize::try_from(most).unwrap_or(BATCH));
        for (item, sequence) in self.0[..n].iter_mut().zip(from..) {
            *item = T::make(sequence);
        }
        &self.0[..n]
    }
}

fn batch_size(most: u64) -> usize {
    BATCH.min(usize::try_from(most).unwrap_or(BATCH))
}

pub mod spsc_ring_ {
    use super::*;
    use spsc_ring::ring;

    pub fn single<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = ring::<T>(setup.capacity);
        throughput(
            setup.cores,
            setup.items,
            move |from, _| u64::from(tx.try_push(T::make(from)).is_ok()),
            move || {
                rx.try_pop()
                    .map_or(Popped::default(), |item| Popped::one(&item))
            },
        )
    }

    pub fn in_place<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = ring::<T>(setup.capacity);
        throughput(
            setup.cores,
            setup.items,
            move |from, most| {
                let mut grant = tx.grant(batch_size(most));
                grant.fill((from..).map(T::make));
                grant.commit_all() as u64
            },
            move || {
                let grant = rx.grant(usize::MAX);
                let (front, back) = grant.as_slices();
                let popped = Popped::slices(front, back);
                grant.release_all();
                popped
            },
        )
    }

    pub fn copied<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = ring::<T>(setup.capacity);
        let mut source = Source::<T>::new();
        let mut out = [T::default(); BATCH];
        throughput(
            setup.cores,
            setup.items,
            move |from, most| tx.push_slice(source.batch(from, most)) as u64,
            move || {
                let n = rx.pop_slice(&mut out);
                Popped::slices(&out[..n], &[])
            },
        )
    }

    pub fn trips(setup: Setup) -> Vec<f64> {
        let (mut tx, mut echo_rx) = ring(setup.capacity);
        let (mut echo_tx, mut rx) = ring(setup.capacity);
        round_trips(
            setup.cores,
            setup.items as usize,
            move |number| while tx.try_push(number).is_err() {},
            move || loop {
                match rx.try_pop() {
                    Ok(number) => break number,
                    Err(_) => spin_loop(),
                }
            },
            move || loop {
                match echo_rx.try_pop() {
                    Ok(number) => break number,
                    Err(_) => spin_loop(),
                }
            },
            move |number| while echo_tx.try_push(number).is_err() {},
        )
    }
}

pub mod rtrb_ {
    use super::*;
    use rtrb::RingBuffer;

    pub fn single<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = RingBuffer::<T>::new(setup.capacity);
        throughput(
            setup.cores,
            setup.items,
            move |from, _| u64::from(tx.push(T::make(from)).is_ok()),
            move || {
                rx.pop()
                    .map_or(Popped::default(), |item| Popped::one(&item))
            },
        )
    }

    pub fn in_place<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = RingBuffer::<T>::new(setup.capacity);
        throughput(
            setup.cores,
            setup.items,
            move |from, most| {
                let want = batch_size(most);
                // A chunk is all or nothing; what is known to be free is asked for first.
                let n = if tx.cached_slots() >= want {
                    want
                } else {
                    want.min(tx.slots())
                };
                let Ok(chunk) = tx.write_chunk_uninit(n) else {
                    return 0;
                };
                chunk.fill_from_iter((from..).map(T::make)) as u64
            },
            move || {
                let n = if rx.cached_slots() >= BATCH {
                    BATCH
                } else {
                    BATCH.min(rx.slots())
                };
                let Ok(chunk) = rx.read_chunk(n) else {
                    return Popped::default();
                };
                let (front, back) = chunk.as_slices();
                let popped = Popped::slices(front, back);
                chunk.commit_all();
                popped
            },
        )
    }

    pub fn copied<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = RingBuffer::<T>::new(setup.capacity);
        let mut source = Source::<T>::new();
        let mut out = [T::default(); BATCH];
        throughput(
            setup.cores,
            setup.items,
            move |from, most| tx.push_partial_slice(source.batch(from, most)).0.len() as u64,
            move || {
                let n = rx.pop_partial_slice(&mut out).0.len();
                Popped::slices(&out[..n], &[])
            },
        )
    }

    pub fn trips(setup: Setup) -> Vec<f64> {
        let (mut tx, mut echo_rx) = RingBuffer::new(setup.capacity);
        let (mut echo_tx, mut rx) = RingBuffer::new(setup.capacity);
        round_trips(
            setup.cores,
            setup.items as usize,
            move |number| while tx.push(number).is_err() {},
            move || loop {
                match rx.pop() {
                    Ok(number) => break number,
                    Err(_) => spin_loop(),
                }
            },
            move || loop {
                match echo_rx.pop() {
                    Ok(number) => break number,
                    Err(_) => spin_loop(),
                }
            },
            move |number| while echo_tx.push(number).is_err() {},
        )
    }
}

pub mod ringbuf_ {
    use super::*;
    use ringbuf::HeapRb;
    use ringbuf::traits::{Consumer, Producer, Split};
    use ringbuf::wrap::caching::Caching;
    use std::sync::Arc;

    type Half<T, const P: bool, const C: bool> = Caching<Arc<HeapRb<T>>, P, C>;

    fn pair<T: Item>(capacity: usize) -> (Half<T, true, false>, Half<T, false, true>) {
        HeapRb::<T>::new(capacity).split()
    }

    pub fn single<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = pair::<T>(setup.capacity);
        throughput(
            setup.cores,
            setup.items,
            move |from, _| u64::from(tx.try_push(T::make(from)).is_ok()),
            move || {
                rx.try_pop()
                    .map_or(Popped::default(), |item| Popped::one(&item))
            },
        )
    }

    pub fn in_place<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = pair::<T>(setup.capacity);
        throughput(
            setup.cores,
            setup.items,
            move |from, most| {
                let items = (from..).take(batch_size(most)).map(T::make);
                tx.push_iter(items) as u64
            },
            move || {
                let (front, back) = rx.as_slices();
                let popped = Popped::slices(front, back);
                rx.skip(popped.count as usize);
                popped
            },
        )
    }

    pub fn copied<T: Item>(setup: Setup) -> Outcome {
        let (mut tx, mut rx) = pair::<T>(setup.capacity);
        let mut source = Source::<T>::new();
        let mut out = [T::default(); BATCH];
        throughput(
            setup.cores,
            setup.items,
            move |from, most| tx.push_slice(source.batch(from, most)) as u64,
            move || {
                let n = rx.pop_slice(&mut out);
                Popped::slices(&out[..n], &[])
            },
        )
    }

    pub fn trips(setup: Setup) -> Vec<f64> {
        let (mut tx, mut echo_rx) = pair(setup.capacity);
        let (mut echo_tx, mut rx) = pair(setup.capacity);
        round_trips(
            setup.cores,
            setup.items as usize,
            move |number| while tx.try_push(number).is_err() {},
            move || loop {
                match rx.try_pop() {
                    Some(number) => break number,
                    None => spin_loop(),
                }
            },
            move || loop {
                match echo_rx.try_pop() {
                    Some(number) => break number,
                    None => spin_loop(),
                }
            },
            move |number| while echo_tx.try_push(number).is_err() {},
        )
    }
}

pub mod disruptor_ {
    use super::*;
    use disruptor::{BusySpin, Producer, build_single_producer};

    pub fn single<T: Item>(setup: Setup) -> Outcome {
        let builder = build_single_producer(setup.capacity, T::default, BusySpin);
        let (mut rx, builder) = builder.new_event_poller();
        let mut tx = builder.build();
        throughput(
            setup.cores,
            setup.items,
            move |from, _| u64::from(tx.try_publish(|slot| *slot = T::make(from)).is_ok()),
            move || {
                rx.poll()
                    .map_or(Popped::default(), |mut items| Popped::all(&mut items))
            },
        )
    }

    pub fn in_place<T: Item>(setup: Setup) -> Outcome {
        let builder = build_single_producer(setup.capacity, T::default, BusySpin);
        let (mut rx, builder) = builder.new_event_poller();
        let mut tx = builder.build();
        throughput(
            setup.cores,
            setup.items,
            move |from, most| {
                let n = batch_size(most);
                let published = tx.try_batch_publish(n, |slots| {
                    for (slot, sequence) in slots.zip(from..) {
                        *slot = T::make(sequence);
                    }
                });
                published.map_or(0, |_| n as u64)
            },
            move || {
                rx.poll()
                    .map_or(Popped::default(), |mut items| Popped::all(&mut items))
            },
        )
    }

    pub fn trips(setup: Setup) -> Vec<f64> {
        let builder = build_single_producer(setup.capacity, || 0u64, BusySpin);
        let (mut echo_rx, builder) = builder.new_event_poller();
        let mut tx = builder.build();
        let builder = build_single_producer(setup.capacity, || 0u64, BusySpin);
        let (mut rx, builder) = builder.new_event_poller();
        let mut echo_tx = builder.build();
        round_trips(
            setup.cores,
            setup.items as usize,
            move |number| while tx.try_publish(|slot| *slot = number).is_err() {},
            move || loop {
                match rx.poll() {
                    Ok(mut items) => break *(&mut items).next().expect("a poll gives an item"),
                    Err(_) => spin_loop(),
                }
            },
            move || loop {
                match echo_rx.poll() {
                    Ok(mut items) => break *(&mut items).next().expect("a poll gives an item"),
                    Err(_) => spin_loop(),
                }
            },
            move |number| while echo_tx.try_publish(|slot| *slot = number).is_err() {},
        )
    }
}

pub mod crossbeam_ {
    use super::*;
    use crossbeam_queue::ArrayQueue;

    pub fn single<T: Item>(setup: Setup) -> Outcome {
        let queue = ArrayQueue::<T>::new(setup.capacity);
        throughput(
            setup.cores,
            setup.items,
            |from, _| u64::from(queue.push(T::make(from)).is_ok()),
            || {
                queue
                    .pop()
                    .map_or(Popped::default(), |item| Popped::one(&item))
            },
        )
    }

    pub fn trips(setup: Setup) -> Vec<f64> {
        let (there, back) = (
            ArrayQueue::new(setup.capacity),
            ArrayQueue::new(setup.capacity),
        );
        let receive = |queue: &ArrayQueue<u64>| loop {
            match queue.pop() {
                Some(number) => break number,
                None => spin_loop(),
            }
        };
        round_trips(
            setup.cores,
            setup.items as usize,
            |number| while there.push(number).is_err() {},
            || receive(&back),
            || receive(&there),
            |number| while back.push(number).is_err() {},
        )
    }
}

pub mod heapless_ {
    use super::*;
    use heapless::spsc::Queue;

    pub fn single<T: Item>(setup: Setup) -> Outcome {
        let mut queue = Box::new(Queue::<T, HEAPLESS_SLOTS>::new());
        let (mut tx, mut rx) = queue.split();
        throughput(
            setup.cores,
            setup.items,
            move |from, _| u64::from(tx.enqueue(T::make(from)).is_ok()),
            move || {
                rx.dequeue()
                    .map_or(Popped::default(), |item| Popped::one(&item))
            },
        )
    }

    pub fn trips(setup: Setup) -> Vec<f64> {
        let mut there = Box::new(Queue::<u64, HEAPLESS_SLOTS>::new());
        let mut back = Box::new(Queue::<u64, HEAPLESS_SLOTS>::new());
        let (mut tx, mut echo_rx) = there.split();
        let (mut echo_tx, mut rx) = back.split();
        round_trips(
            setup.cores,
            setup.items as usize,
            move |number| while tx.enqueue(number).is_err() {},
            move || loop {
                match rx.dequeue() {
                    Some(number) => break number,
                    None => spin_loop(),
                }
            },
            move || loop {
                match echo_rx.dequeue() {
                    Some(number) => break number,
                    None => spin_loop(),
                }
            },
            move |number| while echo_tx.enqueue(number).is_err() {},
        )
    }
}

pub mod std_ {
    use super::*;
    use std::sync::mpsc::{Receiver, sync_channel};

    pub fn single<T: Item>(setup: Setup) -> Outcome {
        let (tx, rx) = sync_channel::<T>(setup.capacity);
        throughput(
            setup.cores,
            setup.items,
            move |from, _| u64::from(tx.try_send(T::make(from)).is_ok()),
            move || {
                rx.try_recv()
                    .map_or(Popped::default(), |item| Popped::one(&item))
            },
        )
    }

    pub fn trips(setup: Setup) -> Vec<f64> {
        let (tx, echo_rx) = sync_channel(setup.capacity);
        let (echo_tx, rx) = sync_channel(setup.capacity);
        let receive = |channel: &Receiver<u64>| loop {
            match channel.try_recv() {
                Ok(number) => break number,
                Err(_) => spin_loop(),
            }
        };
        round_trips(
            setup.cores,
            setup.items as usize,
            move |number| while tx.try_send(number).is_err() {},
            move || receive(&rx),
            move || receive(&echo_rx),
            move |number| while echo_tx.try_send(number).is_err() {},
        )
    }
}
