//! Calls from other threads.

use crate::kinds::kinds;
use evloop::Loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const THREADS: usize = 4;
const CALLS: usize = if cfg!(miri) { 20 } else { 2_000 };

#[test]
fn every_call_is_made_once_while_the_loop_waits_and_changes_its_backend() {
    let mut events = Loop::new().unwrap();
    // Rests, and keeps the loop going.
    events.add_timer(evloop::Timer::idle(), |_, _| {});
    let made = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (remote, made) = (events.remote(), Arc::clone(&made));
            thread::spawn(move || {
                for _ in 0..CALLS {
                    let made = Arc::clone(&made);
                    remote.call(move |events| {
                        let count = made.fetch_add(1, Ordering::Relaxed) + 1;
                        if count.is_multiple_of(64) {
                            let kinds = kinds();
                            let next = kinds[count / 64 % kinds.len()];
                            events.switch_backend(next).unwrap();
                        }
                        if count == THREADS * CALLS {
                            events.stop();
                        }
                    });
                }
            })
        })
        .collect();
    events.run().unwrap();
    threads.into_iter().for_each(|it| it.join().unwrap());
    assert_eq!(made.load(Ordering::Relaxed), THREADS * CALLS);
}

#[test]
fn calls_to_a_loop_that_is_gone_are_dropped_with_the_last_remote() {
    let owned = Arc::new(());
    let events = Loop::new().unwrap();
    let remote = events.remote();
    drop(events);
    let held = Arc::clone(&owned);
    remote.call(move |_| drop(held));
    assert_eq!(Arc::strong_count(&owned), 2);
    drop(remote);
    assert_eq!(Arc::strong_count(&owned), 1);
}

#[test]
fn a_loop_that_was_woken_waits_again() {
    let mut events = Loop::new().unwrap();
    events.remote().wake();
    events.add_timer(
        evloop::Timer::once(std::time::Duration::from_millis(20)),
        |_, _| {},
    );
    events.run().unwrap();
    // Some for the wake and for the wheels; a loop that only looks makes thousands.
    assert!(events.stats().waits < 100, "{:?}", events.stats());
}
