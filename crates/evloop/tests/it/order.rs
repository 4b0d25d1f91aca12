//! Priorities, deferred calls, and stopping.

use evloop::{Ended, Loop, Timer, Token};
use std::cell::RefCell;
use std::rc::Rc;

type Order = Rc<RefCell<Vec<u8>>>;

fn active(events: &mut Loop, order: &Order, priority: u8) -> Token {
    let order = Rc::clone(order);
    let token = events.add_timer(Timer::idle(), move |events, event| {
        order.borrow_mut().push(priority);
        events.remove(event.token);
    });
    events.set_priority(token, priority);
    events.activate(token);
    token
}

#[test]
fn the_most_urgent_are_called_first() {
    let order = Order::default();
    let mut events = Loop::new().unwrap();
    for priority in [3, 1, 0, 2, 1] {
        active(&mut events, &order, priority);
    }
    events.run().unwrap();
    assert_eq!(*order.borrow(), [0, 1, 1, 2, 3]);
}

#[test]
fn what_is_deferred_comes_after_what_is_active() {
    let order = Order::default();
    let mut events = Loop::new().unwrap();
    let last = Rc::clone(&order);
    events.defer(move |_| last.borrow_mut().push(9));
    active(&mut events, &order, 1);
    events.run().unwrap();
    assert_eq!(*order.borrow(), [1, 9]);
}

#[test]
fn a_stop_now_leaves_the_rest_active() {
    let order = Order::default();
    let mut events = Loop::new().unwrap();
    let stops = events.add_timer(Timer::idle(), |events, event| {
        events.remove(event.token);
        events.stop_now();
    });
    events.activate(stops);
    active(&mut events, &order, 1);
    assert_eq!(events.run().unwrap(), Ended::Stopped);
    assert!(order.borrow().is_empty());
    assert_eq!(events.run().unwrap(), Ended::NothingLeft);
    assert_eq!(*order.borrow(), [1]);
}

#[test]
fn a_callback_may_wait_and_is_not_called_inside_itself() {
    let mut events = Loop::new().unwrap();
    let order = Order::default();
    let noted = Rc::clone(&order);
    let token = events.add_timer(Timer::idle(), move |events, event| {
        noted.borrow_mut().push(1);
        if noted.borrow().len() == 1 {
            events.activate(event.token);
            events.poll().unwrap();
            noted.borrow_mut().push(2);
        } else {
            events.stop();
        }
    });
    events.activate(token);
    events.run().unwrap();
    assert_eq!(*order.borrow(), [1, 2, 1]);
}
