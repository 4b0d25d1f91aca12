//! Signals. Each test has a number of its own, for the process has but one of each.

use crate::kinds::kinds;
use evloop::{Error, Loop, Ready};
use signal_hook::consts::{SIGKILL, SIGSEGV, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::low_level::raise;
use std::cell::Cell;
use std::rc::Rc;

#[test]
fn several_that_come_together_are_one_on_every_loop_also_after_a_change_of_the_backend() {
    let count = Rc::new(Cell::new(0));
    let mut loops: Vec<Loop> = (0..2).map(|_| Loop::new().unwrap()).collect();
    for events in &mut loops {
        let count = Rc::clone(&count);
        let added = events.add_signal(SIGUSR1, move |_, event| {
            assert_eq!(event.ready, Ready::SIGNAL);
            count.set(count.get() + 1);
        });
        added.unwrap();
    }
    let kinds = kinds();
    for kind in &kinds {
        (0..200).for_each(|_| raise(SIGUSR1).unwrap());
        for events in &mut loops {
            events.switch_backend(*kind).unwrap();
            events.run_once().unwrap();
            events.poll().unwrap();
        }
    }
    assert_eq!(count.get(), 2 * kinds.len());
}

#[test]
fn a_registration_that_is_removed_is_told_nothing() {
    let mut events = Loop::new().unwrap();
    let token = events.add_signal(SIGUSR2, |_, _| unreachable!()).unwrap();
    raise(SIGUSR2).unwrap();
    events.remove(token);
    // Its default action, the end of the process, does not come back.
    raise(SIGUSR2).unwrap();
    events.poll().unwrap();
    assert!(events.is_empty());
}

#[test]
fn an_activated_signal_is_no_signal() {
    let mut events = Loop::new().unwrap();
    let added = events.add_signal(SIGWINCH, |events, event| {
        assert_eq!(event.ready, Ready::ACTIVATED);
        events.stop();
    });
    events.activate(added.unwrap());
    events.run().unwrap();
}

#[test]
fn what_cannot_be_handled_is_refused() {
    for signal in [SIGKILL, SIGSEGV, 9999] {
        let refused = Loop::new().unwrap().add_signal(signal, |_, _| {});
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::Signal { .. }), "{error}");
    }
}

#[test]
fn a_handler_goes_with_its_registration() {
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let mut events = Loop::new().unwrap();
    let before = open();
    for _ in 0..300 {
        let token = events.add_signal(SIGWINCH, |_, _| {}).unwrap();
        events.remove(token);
    }
    // Other tests have some open meanwhile.
    assert!(open() < before + 100);
}
