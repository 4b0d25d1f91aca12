//! What a registration owns is dropped once, and when that is.

use evloop::{Loop, Simulation, Timer};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

#[test]
fn a_callback_is_dropped_when_it_is_removed() {
    let owned = Rc::new(());
    let mut events = Loop::simulated(&Simulation::new(1)).unwrap();
    let held = Rc::clone(&owned);
    let token = events.add_timer(Timer::idle(), move |_, _| _ = &held);
    assert_eq!(Rc::strong_count(&owned), 2);
    events.remove(token);
    assert_eq!(Rc::strong_count(&owned), 1);
}

#[test]
fn a_callback_that_removes_itself_is_dropped_when_it_returns() {
    let owned = Rc::new(());
    let mut events = Loop::simulated(&Simulation::new(1)).unwrap();
    let held = Rc::clone(&owned);
    events.add_timer(Timer::once(Duration::ZERO), move |events, event| {
        assert!(events.remove(event.token));
        assert_eq!(Rc::strong_count(&held), 2, "it is still running");
    });
    events.run().unwrap();
    assert_eq!(Rc::strong_count(&owned), 1);
}

#[test]
fn the_loop_drops_what_is_left() {
    let owned = Rc::new(());
    let mut events = Loop::simulated(&Simulation::new(1)).unwrap();
    let held = Rc::clone(&owned);
    events.add_timer(Timer::idle(), move |_, _| _ = &held);
    let held = Rc::clone(&owned);
    events.defer(move |_| drop(held));
    drop(events);
    assert_eq!(Rc::strong_count(&owned), 1);
}

#[test]
fn a_panic_removes_the_registration_and_the_loop_goes_on() {
    let owned = Rc::new(());
    let mut events = Loop::simulated(&Simulation::new(1)).unwrap();
    let held = Rc::clone(&owned);
    events.add_timer(Timer::every(Duration::ZERO), move |_, _| {
        let _held = &held;
        panic!("a callback's");
    });
    events.add_timer(Timer::once(Duration::ZERO), |_, _| {});
    let panicked = catch_unwind(AssertUnwindSafe(|| events.run()));
    assert!(panicked.is_err());
    assert_eq!((events.len(), Rc::strong_count(&owned)), (1, 1));
    events.run().unwrap();
}
