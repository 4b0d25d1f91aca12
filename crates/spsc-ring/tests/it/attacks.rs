//! What a hostile but safe user does: code of theirs runs inside the ring's calls, handles change
//! places, and nothing is where it was.

use crate::support::Counter;
use spsc_ring::{Inline, PopError, Producer, future, ring, try_ring};
use std::cell::{Cell, RefCell};
use std::iter;
use std::mem;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

#[test]
fn a_ring_can_be_filled_from_its_own_consumer() {
    let counter = Counter::default();
    let (mut producer, mut consumer) = ring(3);
    producer.push_iter((0..3).map(|_| counter.make()));
    drop(consumer.try_pop().unwrap());
    // What is popped meanwhile frees slots that the batch does not know of.
    assert_eq!(producer.push_iter(consumer.drain(9)), 1);
    assert_eq!(
        producer.push_iter(iter::from_fn(|| consumer.try_pop().ok())),
        1
    );
    assert_eq!((producer.len(), counter.drops()), (2, 1));
    drop((producer, consumer));
    assert_eq!(counter.drops(), 3);
}

#[test]
fn a_batch_outlives_the_consumer_that_its_iterator_drops() {
    let counter = Counter::default();
    let (mut producer, consumer) = ring(4);
    let mut consumer = Some(consumer);
    let values = (0..4).map(|i| {
        if i == 2 {
            consumer = None;
        }
        counter.make()
    });
    assert_eq!(producer.push_iter(values), 4);
    assert!(producer.is_abandoned());
    assert_eq!(producer.push_iter(iter::repeat_with(|| counter.make())), 0);
    drop(producer);
    assert_eq!(counter.drops(), 4);
}

#[test]
fn handles_of_two_rings_can_change_places_while_values_are_inside() {
    let counter = Counter::default();
    let (mut first, mut first_out) = ring(2);
    let (mut second, mut second_out) = ring(8);
    first.push_iter((0..2).map(|_| counter.make()));
    second.push_iter((0..5).map(|_| counter.make()));
    mem::forget(second.grant(3));
    mem::swap(&mut first, &mut second);
    assert_eq!((first.capacity(), second.capacity()), (8, 2));
    assert_eq!(first.push_iter(iter::repeat_with(|| counter.make())), 3);
    mem::forget(first_out.drain(1));
    mem::swap(&mut first_out, &mut second_out);
    assert_eq!(
        (first_out.drain(9).count(), second_out.drain(9).count()),
        (8, 2)
    );
    drop((first, first_out, second, second_out));
    assert_eq!(counter.drops(), 10);
}

#[test]
fn swapping_the_handles_inside_the_waiting_ones_mixes_nothing_up() {
    let counter = Counter::default();
    let (mut first, mut first_out) = future::ring(1);
    let (mut second, mut second_out) = future::ring(2);
    let mut context = Context::from_waker(Waker::noop());
    assert!(first_out.poll_pop(&mut context).is_pending());
    first.with(|one| second.with(|other| mem::swap(one, other)));
    assert!(
        first
            .poll_push(&mut context, &mut Some(counter.make()))
            .is_ready()
    );
    assert!(first_out.poll_pop(&mut context).is_pending());
    assert!(second_out.poll_pop(&mut context).is_ready());
    drop((first, second));
    assert!(matches!(
        first_out.with(|it| it.try_pop()),
        Err(PopError::Closed)
    ));
    assert_eq!(counter.drops(), 1);
}

type Shared = Rc<RefCell<Option<Producer<Reenters>>>>;

/// A value that pushes into a ring when it is dropped.
struct Reenters(Option<Shared>, Rc<Cell<u32>>);

impl Drop for Reenters {
    fn drop(&mut self) {
        self.1.set(self.1.get() + 1);
        if let Some(shared) = self.0.take()
            && let Some(producer) = shared.borrow_mut().as_mut()
        {
            drop(producer.try_push(Self(None, Rc::clone(&self.1))));
        }
    }
}

#[test]
fn a_drop_that_pushes_gets_no_slot_that_is_being_released() {
    let drops = Rc::new(Cell::new(0));
    let shared = Shared::default();
    let make = || Reenters(Some(Rc::clone(&shared)), Rc::clone(&drops));
    let (mut producer, mut consumer) = ring(2);
    producer.push_iter([make(), make()]);
    *shared.borrow_mut() = Some(producer);
    // The slots come back after the last drop, so both pushes are refused.
    consumer.grant(2).release_all();
    assert_eq!((drops.get(), consumer.len()), (4, 0));
    let value = make();
    assert!(matches!(
        shared.borrow_mut().as_mut().map(|it| it.try_push(value)),
        Some(Ok(()))
    ));
    drop(consumer.try_pop());
    assert_eq!((drops.get(), consumer.len()), (5, 1));
    drop(shared.take());
    drop(consumer);
    assert_eq!(drops.get(), 6);
}

/// Drops what it holds when it is woken: the other handle, inside this one's call.
struct DropsWhenWoken<T>(Mutex<Option<T>>);

impl<T: Send> Wake for DropsWhenWoken<T> {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock().map(|mut held| held.take()));
    }
}

#[test]
fn a_waker_may_drop_the_handle_that_waits() {
    let (mut producer, mut consumer) = future::ring(2);
    let holder = Arc::new(DropsWhenWoken(Mutex::new(None)));
    let waker = Waker::from(Arc::clone(&holder));
    assert!(
        consumer
            .poll_pop(&mut Context::from_waker(&waker))
            .is_pending()
    );
    *holder.0.lock().unwrap() = Some(consumer);
    let mut value = Some(Box::new(1));
    let mut context = Context::from_waker(Waker::noop());
    // The push wakes, the waker drops the consumer, and the push returns to a ring of one handle.
    assert!(producer.poll_push(&mut context, &mut value).is_ready());
    assert!(producer.is_closed());
}

#[test]
fn the_close_of_one_handle_may_drop_the_other() {
    static STORE: Inline<u8, 2> = Inline::new();
    let (producer, consumer) = STORE.try_split().unwrap();
    let (mut producer, mut consumer) = future::pair(producer, consumer);
    let holder = Arc::new(DropsWhenWoken(Mutex::new(None)));
    let waker = Waker::from(Arc::clone(&holder));
    let mut context = Context::from_waker(&waker);
    assert!(producer.with(|it| it.try_push(7)).is_ok());
    assert_eq!(consumer.poll_pop(&mut context), Poll::Ready(Ok(7)));
    assert!(consumer.poll_pop(&mut context).is_pending());
    holder.0.try_lock().unwrap().replace(consumer);
    drop(producer);
    assert!(holder.0.try_lock().unwrap().is_none());
    assert!(STORE.try_split().is_some());
}

#[test]
fn a_moved_ring_keeps_its_values_and_its_lost_handles() {
    let counter = Counter::default();
    let lost = Inline::<u8, 4>::new();
    let kept = Inline::<_, 4>::new();
    mem::forget(lost.try_split().unwrap());
    kept.try_split()
        .unwrap()
        .0
        .push_iter((0..3).map(|_| counter.make()));
    let moved = Box::new((kept, lost));
    assert!(moved.1.try_split().is_none());
    let (mut producer, mut consumer) = moved.0.try_split().unwrap();
    drop(consumer.try_pop().unwrap());
    assert_eq!(producer.push_iter(iter::repeat_with(|| counter.make())), 2);
    drop((producer, consumer));
    drop(moved);
    assert_eq!(counter.drops(), 5);
}

#[test]
fn zero_sized_values_fill_half_the_address_space() {
    let half = 1 << (usize::BITS - 1);
    let (mut producer, mut consumer) = ring(half);
    assert_eq!(producer.push_slice(&[(); usize::MAX]), half);
    assert!(producer.is_full() && consumer.is_full());
    assert_eq!(consumer.drain(usize::MAX).len(), half);
    assert_eq!(consumer.try_pop(), Ok(()));
    assert_eq!(consumer.pop_slice(&mut [(); usize::MAX]), half - 1);
    assert_eq!(producer.push_slice(&[(); 3]), 3);
    let grant = consumer.grant(9);
    let (front, back) = grant.as_slices();
    assert_eq!(front.len() + back.len(), 3);
    assert!(try_ring::<()>(half + 1).is_err());
}

#[test]
fn a_ring_goes_from_pair_to_pair_across_threads() {
    let store = Inline::<Box<u32>, 2>::new();
    let work = || {
        for value in 0..8 {
            if let Some((mut producer, mut consumer)) = store.try_split() {
                drop(consumer.try_pop());
                drop(producer.try_push(Box::new(value)));
                thread::scope(|scope| {
                    scope.spawn(move || drop(producer));
                    drop(consumer);
                });
            }
            thread::yield_now();
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    assert!(store.try_split().is_some());
}
