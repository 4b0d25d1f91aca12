//! Random schedules of programs that are too long for loom.
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test -p spsc-ring --test shuttle --target-dir target/shuttle`
#![cfg(shuttle)]

use shuttle::{check_pct, check_random, thread};
use spsc_ring::blocking::{self, Wait};
use spsc_ring::{Closed, Inline, PopError, PushError, future, ring};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

const ITERATIONS: usize = 500;

fn check(program: fn()) {
    check_random(program, ITERATIONS);
    check_pct(program, ITERATIONS, 3);
}

#[test]
fn a_pipeline_of_three_threads_shuts_down_with_everything_delivered() {
    check(|| {
        let (mut first, mut into_middle) = blocking::ring(2, Wait::Park);
        let (mut out_of_middle, mut last) = blocking::ring(1, Wait::Park);
        let source = thread::spawn(move || {
            for value in 0..6u32 {
                first.push(Box::new(value)).unwrap();
            }
        });
        let middle = thread::spawn(move || {
            while let Ok(value) = into_middle.pop() {
                out_of_middle.push(Box::new(*value * 10)).unwrap();
            }
        });
        for value in 0..6 {
            assert_eq!(last.pop().as_deref(), Ok(&(value * 10)));
        }
        assert_eq!(last.pop(), Err(Closed(())));
        source.join().unwrap();
        middle.join().unwrap();
    });
}

#[test]
fn a_pipeline_shuts_down_when_its_last_stage_leaves_in_the_middle() {
    check(|| {
        let (mut first, mut into_middle) = blocking::ring(1, Wait::Park);
        let (mut out_of_middle, mut last) = blocking::ring(1, Wait::Park);
        let source = thread::spawn(move || (0..).take_while(|it| first.push(*it).is_ok()).count());
        let middle = thread::spawn(move || {
            while let Ok(value) = into_middle.pop() {
                if out_of_middle.push(value).is_err() {
                    break;
                }
            }
        });
        assert_eq!(last.pop(), Ok(0));
        drop(last);
        assert!(source.join().unwrap() >= 1);
        middle.join().unwrap();
    });
}

#[test]
fn batches_arrive_in_order() {
    check(|| {
        let (mut producer, mut consumer) = ring(3);
        let thread = thread::spawn(move || {
            let values = [0, 1, 2, 3, 4, 5, 6, 7];
            let mut sent = 0;
            while sent < values.len() {
                let end = values.len().min(sent + 2);
                sent += producer.push_slice(&values[sent..end]);
                thread::yield_now();
            }
        });
        let mut expected = 0;
        loop {
            let grant = consumer.grant(3);
            let (front, back) = grant.as_slices();
            for value in front.iter().chain(back) {
                assert_eq!(*value, expected);
                expected += 1;
            }
            grant.release_all();
            match consumer.try_pop() {
                Ok(value) => {
                    assert_eq!(value, expected);
                    expected += 1;
                }
                Err(PopError::Closed) => break,
                Err(_) => thread::yield_now(),
            }
        }
        assert_eq!(expected, 8);
        thread.join().unwrap();
    });
}

#[test]
fn values_that_nobody_took_are_dropped() {
    check(|| {
        let value = Arc::new(());
        let (mut producer, mut consumer) = ring(2);
        let other = Arc::clone(&value);
        let thread = thread::spawn(move || {
            for _ in 0..4 {
                if let Err(PushError::Closed(_)) = producer.try_push(Arc::clone(&other)) {
                    break;
                }
            }
            let mut grant = producer.grant(1);
            let _refused = grant.push(Arc::clone(&other));
        });
        drop(consumer.drain(2).next());
        drop(consumer.try_pop());
        drop(consumer);
        thread.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    });
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
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(out) => return out,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn tasks_take_turns() {
    check(|| {
        let (mut producer, mut consumer) = future::ring(1);
        let thread = thread::spawn(move || {
            block_on(async {
                for value in 0..5 {
                    producer.push(value).await.unwrap();
                }
            });
        });
        block_on(async {
            for value in 0..5 {
                assert_eq!(consumer.pop().await, Ok(value));
            }
            assert_eq!(consumer.pop().await, Err(Closed(())));
        });
        thread.join().unwrap();
    });
}

#[test]
fn an_inline_ring_passes_from_pair_to_pair() {
    check(|| {
        let ring = Arc::new(Inline::<Box<u32>, 2>::new());
        let threads = [1, 2].map(|value| {
            let ring = Arc::clone(&ring);
            thread::spawn(move || {
                loop {
                    if let Some((mut producer, _consumer)) = ring.try_split() {
                        break producer.try_push(Box::new(value)).unwrap();
                    }
                    thread::yield_now();
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        let (_producer, mut consumer) = ring.try_split().unwrap();
        assert_eq!(consumer.drain(2).map(|it| *it).sum::<u32>(), 3);
    });
}
