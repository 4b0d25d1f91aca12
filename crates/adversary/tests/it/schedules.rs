//! The explorer finds what depends on who runs first.
#![cfg(feature = "shuttle")]

use adversary::schedule::Explorer;
use shuttle::sync::atomic::{AtomicU32, Ordering};
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;

/// Two threads that count to two, with a step of the caller's choice.
fn count(step: fn(&AtomicU32)) -> impl Fn() + Send + Sync + 'static {
    move || {
        let count = Arc::new(AtomicU32::new(0));
        let threads = [(); 2].map(|()| {
            let count = Arc::clone(&count);
            thread::spawn(move || step(&count))
        });
        for thread in threads {
            thread.join().expect("a thread does not panic");
        }
        assert_eq!(count.load(Ordering::SeqCst), 2, "an update was lost");
    }
}

fn in_two_steps(count: &AtomicU32) {
    let seen = count.load(Ordering::SeqCst);
    count.store(seen + 1, Ordering::SeqCst);
}

fn in_one_step(count: &AtomicU32) {
    count.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn an_update_in_two_steps_is_lost_and_one_in_one_step_is_not() {
    let failure = Explorer::new().check(count(in_two_steps)).unwrap_err();
    assert!(failure.message.contains("an update was lost"), "{failure}");
    assert_eq!(Explorer::new().run(count(in_one_step)), 1000);
}

#[test]
fn every_schedule_finds_the_same() {
    let failure = Explorer::new().check_all(count(in_two_steps)).unwrap_err();
    assert_eq!(failure.scheduler, "exhaustive");
    assert!(Explorer::new().check_all(count(in_one_step)).unwrap() > 2);
}

#[test]
fn locks_in_two_orders_deadlock() {
    let locks = |swapped: bool| {
        move || {
            let locks = Arc::new([Mutex::new(0), Mutex::new(0)]);
            let other = Arc::clone(&locks);
            let thread = thread::spawn(move || {
                let _first = other[0].lock().unwrap();
                let _second = other[1].lock().unwrap();
            });
            let order = if swapped { [1, 0] } else { [0, 1] };
            let held = order.map(|it| locks[it].lock().unwrap());
            drop(held);
            thread.join().unwrap();
        }
    };
    let failure = Explorer::new().check(locks(true)).unwrap_err();
    assert!(failure.message.contains("deadlock"), "{failure}");
    assert!(Explorer::new().check(locks(false)).is_ok());
}

#[test]
fn the_seed_that_is_printed_leads_there_again() {
    let first = Explorer::new().check(count(in_two_steps)).unwrap_err();
    let text = first.to_string();
    assert!(
        text.contains(&format!("Explorer::seed({})", first.seed)),
        "{text}"
    );
    let again = Explorer::new().seed(first.seed).iterations(500);
    let again = again.check(count(in_two_steps)).unwrap_err();
    assert_eq!(
        (first.scheduler, first.message),
        (again.scheduler, again.message)
    );
}
