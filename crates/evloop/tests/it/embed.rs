//! What layers on top of the loop use.

use crate::kinds::kinds;
use evloop::{Call, Interest, Loop, Ready, Timer};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Counts, and remembers what it was told last.
fn count(_: &mut Loop, event: evloop::Event, context: *mut (), data: u64) {
    assert!(context.is_null());
    COUNTED.with_borrow_mut(|it| it.push((data, event.ready)));
}

std::thread_local! {
    static COUNTED: std::cell::RefCell<Vec<(u64, Ready)>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn told() -> Vec<(u64, Ready)> {
    COUNTED.take()
}

fn call(data: u64) -> Call {
    Call {
        function: count,
        context: std::ptr::null_mut(),
        data,
    }
}

#[test]
fn a_plain_call_is_told_as_a_callback_is_on_each_backend() {
    for kind in kinds() {
        let (mut sender, receiver) = UnixStream::pair().unwrap();
        let receiver: &'static UnixStream = Box::leak(Box::new(receiver));
        let mut events = Loop::with_backend(kind).unwrap();
        let token = events.watch(receiver.as_fd(), Interest::READABLE, call(1));
        events.turn_once(false).unwrap();
        assert_eq!(told(), [], "{kind}");
        sender.write_all(b"x").unwrap();
        events.turn_once(true).unwrap();
        assert_eq!(told(), [(1, Ready::READABLE)], "{kind}");
        assert!(events.remove(token));
        events.turn_once(false).unwrap();
        assert_eq!(told(), [], "{kind}");
    }
}

#[test]
fn a_resting_call_is_told_its_time_and_rests_again() {
    let mut events = Loop::new().unwrap();
    let token = events.rest(call(2));
    assert!(events.arm(token, Duration::ZERO));
    while !COUNTED.with_borrow(|it| it.contains(&(2, Ready::TIMER))) {
        events.turn_once(true).unwrap();
    }
    assert_eq!(told(), [(2, Ready::TIMER)]);
    events.turn_once(false).unwrap();
    assert_eq!(told(), []);
    assert!(events.contains(token));
    assert!(events.activate(token));
    assert!(events.is_active());
    events.turn_once(true).unwrap();
    assert_eq!(told(), [(2, Ready::ACTIVATED)]);
    assert!(!events.is_active());
}

#[test]
fn a_stop_before_the_round_is_answered_without_a_wait() {
    let mut events = Loop::new().unwrap();
    events.add_timer(Timer::idle(), |_, _| {});
    events.stop_now();
    assert!(events.turn_once(true).unwrap());
    assert_eq!(events.stats().waits, 0);
    assert!(!events.turn_once(false).unwrap());
}

#[test]
fn a_timer_that_is_armed_after_a_pause_counts_from_the_clock() {
    let mut events = Loop::new().unwrap();
    let before = events.now();
    std::thread::sleep(Duration::from_millis(2));
    events.update_now();
    assert!(events.now() >= before + Duration::from_millis(2));
}

#[test]
fn a_loop_that_was_made_anew_after_a_fork_tells_the_same_and_is_woken() {
    for kind in kinds() {
        let (mut sender, receiver) = UnixStream::pair().unwrap();
        let receiver: &'static UnixStream = Box::leak(Box::new(receiver));
        let mut events = Loop::with_backend(kind).unwrap();
        events.watch(receiver.as_fd(), Interest::READABLE, call(3));
        events.turn_once(false).unwrap();
        let before = events.remote();
        before.call(|events| events.stop());
        events.after_fork().unwrap();
        assert!(events.turn_once(true).unwrap(), "a call was lost: {kind}");
        sender.write_all(b"x").unwrap();
        events.turn_once(true).unwrap();
        assert_eq!(told(), [(3, Ready::READABLE)], "{kind}");
        // What was shared before wakes nobody here.
        before.call(|_| unreachable!());
        events.turn_once(false).unwrap();
        events.remote().call(|events| events.stop());
        assert!(events.turn_once(true).unwrap(), "{kind}");
        told();
    }
}
