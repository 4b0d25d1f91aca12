//! Timers, on a simulated clock.

use evloop::{Loop, Simulation, Timer};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn events() -> (Simulation, Loop) {
    let simulation = Simulation::new(1);
    let events = Loop::simulated(&simulation).expect("descriptors are left");
    (simulation, events)
}

#[test]
fn timers_are_due_in_the_order_of_their_times() {
    let (_, mut events) = events();
    let order = Rc::new(RefCell::new(Vec::new()));
    for after in [500, 20, 7_000, 20, 0, 90_000_000] {
        let order = Rc::clone(&order);
        events.add_timer(Timer::once(ms(after)), move |events, _| {
            assert_eq!(events.now(), ms(after));
            order.borrow_mut().push(after);
        });
    }
    events.run().unwrap();
    assert_eq!(*order.borrow(), [0, 20, 20, 500, 7_000, 90_000_000]);
}

#[test]
fn a_period_goes_on_until_it_is_removed_and_makes_up_for_nothing() {
    let (simulation, mut events) = events();
    let times = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&times);
    events.add_timer(Timer::every(ms(10)), move |events, event| {
        let mut noted = noted.borrow_mut();
        noted.push(events.now().as_millis());
        match noted.len() {
            // It takes long once.
            2 => simulation.pass(ms(35)),
            5 => _ = events.remove(event.token),
            _ => {}
        }
    });
    events.run().unwrap();
    assert_eq!(*times.borrow(), [10, 20, 55, 65, 75]);
}

#[test]
fn arming_again_moves_a_timer_also_one_that_is_due_already() {
    let (simulation, mut events) = events();
    let late = events.add_timer(Timer::once(ms(1)), |events, _| {
        assert_eq!(events.now(), ms(52));
    });
    events.add_timer(Timer::once(ms(1)), move |events, _| {
        assert!(events.arm(late, ms(50)));
    });
    // Both are due; the second is more urgent than the first.
    let first = events.add_timer(Timer::once(ms(1)), |_, _| {});
    events.set_priority(first, 2);
    events.set_priority(late, 3);
    simulation.pass(ms(2));
    events.run().unwrap();
}

#[test]
fn a_callback_may_arm_its_own_timer_again() {
    let (simulation, mut events) = events();
    let mut left = 3;
    events.add_timer(Timer::once(ms(5)), move |events, event| {
        left -= 1;
        if left > 0 {
            assert!(events.arm(event.token, ms(5)));
        }
    });
    events.run().unwrap();
    assert_eq!(simulation.time(), ms(15));
}

#[test]
fn a_timer_that_is_due_again_while_its_callback_waits_is_told_when_it_has_returned() {
    let (simulation, mut events) = events();
    let times = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&times);
    events.add_timer(Timer::idle(), |_, _| {});
    let token = events.add_timer(Timer::idle(), move |events, event| {
        noted.borrow_mut().push(events.now().as_millis());
        if events.now() < ms(10) {
            events.arm(event.token, ms(5));
            simulation.pass(ms(7));
            events.poll().unwrap();
            noted.borrow_mut().push(0);
        } else {
            events.stop();
        }
    });
    events.arm(token, ms(5));
    events.run().unwrap();
    assert_eq!(*times.borrow(), [5, 0, 12]);
}
