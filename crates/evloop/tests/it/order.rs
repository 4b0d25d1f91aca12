//! Priorities, deferred calls, and stopping.

use evloop::{Ended, Interest, Loop, Timer, Token};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

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
fn descriptors_of_one_batch_are_told_by_their_priorities() {
    for kind in crate::kinds::kinds() {
        let order = Order::default();
        let mut events = Loop::with_backend(kind).unwrap();
        let mut others = Vec::new();
        for priority in [3, 1, 0, 2] {
            let (mut other, source) = UnixStream::pair().unwrap();
            other.write_all(b"x").unwrap();
            others.push(other);
            let noted = Rc::clone(&order);
            let token = events.add_io(source, Interest::READABLE, move |events, _, event| {
                noted.borrow_mut().push(priority);
                events.remove(event.token);
            });
            events.set_priority(token, priority);
        }
        events.run().unwrap();
        assert_eq!(*order.borrow(), [0, 1, 2, 3], "{kind}");
    }
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

/// It is ready, waits behind what is more urgent, and is ready still when it has become urgent itself.
#[test]
fn who_becomes_more_urgent_while_waiting_is_told_once() {
    let (mut other, source) = UnixStream::pair().unwrap();
    other.write_all(b"x").unwrap();
    source.set_nonblocking(true).unwrap();
    let order = Order::default();
    let mut events = Loop::new().unwrap();
    let noted = Rc::clone(&order);
    let late = events.add_io(source, Interest::READABLE, move |events, source, event| {
        noted.borrow_mut().push(1);
        assert_eq!(source.read(&mut [0; 8]).unwrap(), 1);
        events.set_priority(event.token, 3);
    });
    events.set_priority(late, 2);
    let early = events.add_timer(Timer::once(Duration::ZERO), move |events, _| {
        events.set_priority(late, 0);
    });
    events.set_priority(early, 1);
    for _ in 0..5 {
        events.poll().unwrap();
    }
    assert_eq!(*order.borrow(), [1]);
}

/// Both are in one batch; who is called first lets the other pass and waits again.
#[test]
fn who_becomes_more_urgent_in_the_same_batch_is_told_once() {
    let mut events = Loop::new().unwrap();
    let tokens = Rc::new(RefCell::new(Vec::new()));
    let called = Rc::new(RefCell::new(Vec::new()));
    let mut others = Vec::new();
    for number in 0..2 {
        let (mut other, source) = UnixStream::pair().unwrap();
        other.write_all(b"x").unwrap();
        source.set_nonblocking(true).unwrap();
        others.push(other);
        let (all, called) = (Rc::clone(&tokens), Rc::clone(&called));
        let token = events.add_io(source, Interest::READABLE, move |events, source, _| {
            assert_eq!(source.read(&mut [0; 8]).unwrap(), 1, "told twice");
            called.borrow_mut().push(number);
            if called.borrow().len() == 1 {
                let late: Token = all.borrow()[1 - number];
                events.set_priority(late, 0);
                events.poll().unwrap();
                assert_eq!(called.borrow().len(), 2);
            }
        });
        tokens.borrow_mut().push(token);
    }
    for _ in 0..3 {
        events.poll().unwrap();
    }
    assert_eq!(called.borrow().len(), 2);
}

/// It waits behind what is active without end.
#[test]
fn who_becomes_more_urgent_while_waiting_waits_no_longer() {
    let order = Order::default();
    let mut events = Loop::new().unwrap();
    let late = active(&mut events, &order, 3);
    let noted = Rc::clone(&order);
    let busy = events.add_timer(Timer::idle(), move |events, event| {
        noted.borrow_mut().push(1);
        events.activate(event.token);
        if noted.borrow().len() == 2 {
            events.set_priority(late, 0);
        }
    });
    events.activate(busy);
    for _ in 0..4 {
        events.poll().unwrap();
    }
    assert_eq!(*order.borrow(), [1, 1, 3, 1]);
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
