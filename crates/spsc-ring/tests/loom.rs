//! Every schedule, and every value that the memory model lets a load see, of small programs.
//!
//! `RUSTFLAGS="--cfg loom" cargo test --release -p spsc-ring --test loom --target-dir target/loom`
//!
//! Each ordering of the crate was weakened to Relaxed, and each fence to AcqRel, one at a time; what
//! then fails, by name:
//!
//! | weakened | fails |
//! |---|---|
//! | `tail`, `head`, `publish_tail`, `publish_head` | `wrap_keeps_order`, `batches_...` and others |
//! | `is_closed`, `close` | `an_abandoned_ring_gives_its_last_value_before_it_says_closed` |
//! | `lend` | `a_pair_whose_halves_end_on_two_threads_is_handed_on` |
//! | `register`: REGISTERING to PRESENT; `notify_waiting`: PRESENT to TAKING; both fences | each test that parks |
//! | `hold_to_register`: EMPTY to REGISTERING; `take_and_wake`: EMPTY | `a_cell_that_was_emptied_...` |
//!
//! One is equivalent: the Release of `retire` follows the fence in `notify`, which does its work.
//!
//! Where a thread may park, nobody joins it: loom 0.7 takes an unpark that comes late, which std
//! allows, for the end of the join. The model waits for all threads anyway.
#![cfg(loom)]

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::{model, thread};
use spsc_ring::blocking::{self, Wait};
use spsc_ring::{Closed, Inline, PopError, PushError, future, ring};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

#[test]
fn wrap_keeps_order() {
    model(|| {
        let (mut producer, mut consumer) = ring(2);
        let thread = thread::spawn(move || {
            for value in 0..3 {
                while producer.try_push(Box::new(value)).is_err() {
                    thread::yield_now();
                }
            }
        });
        for value in 0..3 {
            loop {
                match consumer.try_pop() {
                    Ok(got) => break assert_eq!(*got, value),
                    Err(_) => thread::yield_now(),
                }
            }
        }
        thread.join().unwrap();
    });
}

#[test]
fn a_full_ring_refuses_and_its_slot_is_reused_after_the_pop() {
    model(|| {
        let (mut producer, mut consumer) = ring(2);
        assert_eq!(producer.push_slice(&[1, 2, 3]), 2);
        let thread = thread::spawn(move || match producer.try_push(3) {
            Ok(()) => true,
            Err(error) => {
                assert_eq!(error, PushError::Full(3));
                false
            }
        });
        assert_eq!(consumer.try_pop(), Ok(1));
        let pushed = thread.join().unwrap();
        assert_eq!(consumer.try_pop(), Ok(2));
        assert_eq!(consumer.try_pop().is_ok(), pushed);
    });
}

#[test]
fn an_empty_ring_gives_nothing_before_the_push() {
    model(|| {
        let (mut producer, mut consumer) = ring(2);
        let thread = thread::spawn(move || producer.try_push(Box::new(7)).unwrap());
        match consumer.try_pop() {
            Ok(value) => assert_eq!(*value, 7),
            Err(error) => assert!(matches!(error, PopError::Empty | PopError::Closed)),
        }
        thread.join().unwrap();
    });
}

#[test]
fn batches_are_published_whole() {
    model(|| {
        let (mut producer, mut consumer) = ring(2);
        producer.push_slice(&[0]);
        let thread = thread::spawn(move || {
            let mut grant = producer.grant(2);
            grant.fill([1, 2]);
            grant.commit_all()
        });
        let mut got: Vec<u32> = consumer.drain(1).collect();
        let grant = consumer.grant(2);
        let (front, back) = grant.as_slices();
        got.extend(front.iter().chain(back));
        grant.release_all();
        let pushed = u32::try_from(thread.join().unwrap()).unwrap();
        assert!(got.len() == 1 || got.len() == 1 + pushed as usize);
        got.extend(consumer.drain(2));
        assert!(got.into_iter().eq(0..=pushed));
    });
}

#[test]
fn what_remains_is_dropped_once_by_whoever_leaves_last() {
    model(|| {
        struct Counted(Arc<AtomicUsize>);
        impl Drop for Counted {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let drops = Arc::new(AtomicUsize::new(0));
        let (mut producer, mut consumer) = ring(2);
        producer.push_iter([Counted(Arc::clone(&drops)), Counted(Arc::clone(&drops))]);
        let last = Counted(Arc::clone(&drops));
        let thread = thread::spawn(move || drop(producer.try_push(last)));
        drop(consumer.try_pop());
        drop(consumer);
        thread.join().unwrap();
        assert_eq!(drops.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn an_abandoned_ring_gives_its_last_value_before_it_says_closed() {
    model(|| {
        let (mut producer, mut consumer) = ring(2);
        let thread = thread::spawn(move || {
            producer.try_push(1).unwrap();
            drop(producer);
        });
        let mut got = 0;
        loop {
            match consumer.try_pop() {
                Ok(value) => got += value,
                Err(PopError::Closed) => break,
                Err(_) => thread::yield_now(),
            }
        }
        assert_eq!(got, 1);
        assert!(consumer.is_closed());
        thread.join().unwrap();
    });
}

#[test]
fn a_producer_sees_that_the_consumer_has_left() {
    model(|| {
        let (mut producer, consumer) = ring(1);
        producer.try_push(1).unwrap();
        let thread = thread::spawn(move || drop(consumer));
        while let Err(PushError::Full(2)) = producer.try_push(2) {
            thread::yield_now();
        }
        assert!(producer.is_closed());
        thread.join().unwrap();
        assert!(producer.is_abandoned());
    });
}

#[test]
fn an_inline_ring_is_handed_to_the_next_pair_as_the_last_one_left_it() {
    model(|| {
        let ring = Arc::new(Inline::<Box<u32>, 2>::new());
        let other = Arc::clone(&ring);
        let thread = thread::spawn(move || {
            let (mut producer, mut consumer) = other.try_split()?;
            producer.try_push(Box::new(1)).unwrap();
            consumer.try_pop().ok()?;
            producer.try_push(Box::new(2)).ok()
        });
        if let Some((mut producer, mut consumer)) = ring.try_split() {
            // Before the other thread, or after it.
            let value = consumer.try_pop();
            assert!(matches!(value.as_deref(), Ok(2) | Err(PopError::Empty)));
            producer.try_push(Box::new(3)).unwrap();
            assert_eq!(consumer.try_pop().as_deref(), Ok(&3));
        }
        thread.join().unwrap();
    });
}

#[test]
fn a_pair_whose_halves_end_on_two_threads_is_handed_on() {
    model(|| {
        // Leaked, since loom has no scoped threads; it holds nothing in the end.
        let ring: &'static Inline<Box<u32>, 2> = Box::leak(Box::new(Inline::new()));
        let (mut producer, mut consumer) = ring.try_split().unwrap();
        producer.try_push(Box::new(1)).unwrap();
        producer.try_push(Box::new(2)).unwrap();
        thread::spawn(move || {
            assert_eq!(consumer.try_pop().as_deref(), Ok(&1));
        });
        drop(producer);
        let (mut producer, mut consumer) = loop {
            match ring.try_split() {
                Some(pair) => break pair,
                None => thread::yield_now(),
            }
        };
        producer.try_push(Box::new(3)).unwrap();
        assert!(consumer.drain(2).map(|it| *it).eq([2, 3]));
    });
}

/// Runs `f` on a handle in a thread, and keeps the handle until the model ends: so that what wakes
/// the other side is `f`, not the handle's drop.
fn spawn_keeping<H: 'static>(handle: H, f: impl FnOnce(&mut H) + 'static) -> Kept<H> {
    let kept = Arc::new(Mutex::new(handle));
    let of_thread = Arc::clone(&kept);
    thread::spawn(move || f(&mut of_thread.lock().unwrap()));
    kept
}

/// A mutex of std, which loom does not see, and need not: it is never contended.
type Kept<H> = Arc<Mutex<H>>;

#[test]
fn a_parked_consumer_is_woken_by_a_push() {
    model(|| {
        let (producer, mut consumer) = blocking::ring(2, Wait::Park);
        let _producer = spawn_keeping(producer, |it| it.push(1).unwrap());
        assert_eq!(consumer.pop(), Ok(1));
    });
}

#[test]
fn a_parked_consumer_is_woken_by_the_end() {
    model(|| {
        let (producer, mut consumer) = blocking::ring::<u8>(2, Wait::Park);
        thread::spawn(move || drop(producer));
        assert_eq!(consumer.pop(), Err(Closed(())));
    });
}

#[test]
fn a_parked_producer_is_woken_by_a_pop() {
    model(|| {
        let (mut producer, consumer) = blocking::ring(1, Wait::Park);
        producer.push(1).unwrap();
        let _consumer = spawn_keeping(consumer, |it| assert_eq!(it.pop(), Ok(1)));
        producer.push(2).unwrap();
    });
}

#[test]
fn a_parked_producer_is_woken_by_a_close() {
    model(|| {
        let (mut producer, consumer) = blocking::ring(1, Wait::Park);
        producer.push(1).unwrap();
        let _consumer = spawn_keeping(consumer, |it| it.close());
        assert_eq!(producer.push(2), Err(Closed(2)));
    });
}

/// As `model`, with at most two preemptions in a schedule: for programs whose schedules are too many.
fn bounded(program: impl Fn() + Send + Sync + 'static) {
    let mut builder = model::Builder::new();
    builder.preemption_bound.get_or_insert(2);
    builder.check(program);
}

struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        // A fresh waker each time: a cell that kept the old one would wake nobody.
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(out) => return out,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn a_waiting_task_is_woken_by_a_push() {
    model(|| {
        let (producer, mut consumer) = future::ring(2);
        let _producer = spawn_keeping(producer, |producer| {
            assert!(producer.with(|it| it.try_push(1)).is_ok());
        });
        assert_eq!(block_on(consumer.pop()), Ok(1));
    });
}

#[test]
fn two_tasks_take_turns_on_one_slot() {
    bounded(|| {
        let (mut producer, mut consumer) = future::ring(1);
        thread::spawn(move || {
            block_on(async {
                producer.push(1).await.unwrap();
                producer.push(2).await.unwrap();
            });
        });
        block_on(async {
            assert_eq!(consumer.pop().await, Ok(1));
            assert_eq!(consumer.pop().await, Ok(2));
        });
    });
}

#[test]
fn a_waker_that_is_replaced_while_it_is_taken_is_not_lost() {
    bounded(|| {
        let (producer, mut consumer) = future::ring(2);
        let _producer = spawn_keeping(producer, |producer| {
            assert!(producer.with(|it| it.try_push(1)).is_ok());
            assert!(producer.with(|it| it.try_push(2)).is_ok());
        });
        // Polled once more than needed, so that a second waker replaces the first.
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let first = consumer.poll_pop(&mut Context::from_waker(&waker));
        for _ in 0..if first.is_ready() { 1 } else { 2 } {
            block_on(consumer.pop()).unwrap();
        }
    });
}

#[test]
fn a_cell_that_was_emptied_is_seen_empty_by_the_next_registration() {
    model(|| {
        let (producer, mut consumer) = future::ring::<u8>(2);
        // Notifies without a push, and wakes nothing: so no other ordering helps.
        let _producer = spawn_keeping(producer, |producer| {
            producer.with(|_| ());
        });
        let mut context = Context::from_waker(Waker::noop());
        assert!(consumer.poll_pop(&mut context).is_pending());
        assert!(consumer.poll_pop(&mut context).is_pending());
    });
}
