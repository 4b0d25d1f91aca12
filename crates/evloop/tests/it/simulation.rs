//! What only a simulated kernel does on demand.

use evloop::{Error, Interest, Loop, Ready, Simulation, Timer};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// A file that is closed under the number that it was watched by, and open under another, is told by the kernel for ever.
#[test]
fn a_ghost_is_told_to_nobody_and_chased_away() {
    let simulation = Simulation::new(1);
    let mut events = Loop::simulated(&simulation).unwrap();
    let watched = simulation.open();
    let other = simulation.duplicate(watched).unwrap();
    let token = events.add_simulated(watched, Interest::READABLE, |_, _| unreachable!());
    events.poll().unwrap();
    simulation.set_ready(other, Ready::READABLE);
    simulation.close(watched);
    events.remove(token);
    for _ in 0..3 {
        events.poll().unwrap();
    }
    assert_eq!((events.stats().ghosts, events.stats().switches), (1, 1));
}

#[test]
fn the_number_of_a_closed_descriptor_tells_nothing_to_who_had_it() {
    let simulation = Simulation::new(1);
    let mut events = Loop::simulated(&simulation).unwrap();
    let first = simulation.open();
    let gone = events.add_simulated(first, Interest::READABLE, |_, _| unreachable!());
    events.poll().unwrap();
    simulation.set_ready(first, Ready::READABLE);
    // The one that is ready takes the other with it, and its number goes to a new file.
    let second = simulation.open();
    let simulated = simulation.clone();
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    events.add_simulated(second, Interest::READABLE, move |events, event| {
        events.remove(gone);
        events.remove(event.token);
        simulated.close(first);
        let same = simulated.open();
        assert_eq!(same, first);
        simulated.set_ready(same, Ready::WRITABLE);
        let counted = Rc::clone(&counted);
        events.add_simulated(same, Interest::WRITABLE, move |events, event| {
            assert_eq!(event.ready, Ready::WRITABLE);
            counted.set(counted.get() + 1);
            events.stop();
        });
    });
    events.set_priority(gone, 2);
    simulation.set_ready(second, Ready::READABLE);
    events.run().unwrap();
    assert_eq!(count.get(), 1);
}

/// The kernel has forgotten the number with the file, and the interest is as it was.
#[test]
fn a_new_file_of_an_old_number_is_watched() {
    let simulation = Simulation::new(1);
    let mut events = Loop::simulated(&simulation).unwrap();
    let old = simulation.open();
    let gone = events.add_simulated(old, Interest::READABLE, |_, _| unreachable!());
    events.poll().unwrap();
    events.remove(gone);
    simulation.close(old);
    let new = simulation.open();
    assert_eq!(new, old);
    events.add_simulated(new, Interest::READABLE, |events, _| events.stop());
    simulation.set_ready(new, Ready::READABLE);
    events.run().unwrap();
}

#[test]
fn a_loop_that_would_wait_for_good_says_so() {
    let simulation = Simulation::new(1);
    let mut events = Loop::simulated(&simulation).unwrap();
    events.add_timer(Timer::idle(), |_, _| {});
    assert!(matches!(events.run(), Err(Error::WouldWaitForever)));
}

#[test]
fn a_refused_descriptor_is_told_so_and_watched_when_there_is_room() {
    let simulation = Simulation::new(1);
    let mut events = Loop::simulated(&simulation).unwrap();
    let descriptor = simulation.open();
    let last = Rc::new(Cell::new(Ready::NONE));
    let told = Rc::clone(&last);
    let token = events.add_simulated(descriptor, Interest::READABLE, move |_, event| {
        told.set(event.ready);
    });
    simulation.refuse(1);
    events.poll().unwrap();
    assert_eq!((last.get(), events.stats().refusals), (Ready::ERROR, 1));
    simulation.set_ready(descriptor, Ready::READABLE);
    events.set_interest(token, Interest::READABLE);
    events.poll().unwrap();
    assert_eq!(last.get(), Ready::READABLE);
}

#[test]
fn a_backend_that_refuses_leaves_the_loop_as_it_was() {
    let simulation = Simulation::new(1);
    let mut events = Loop::simulated(&simulation).unwrap();
    let descriptor = simulation.open();
    events.add_simulated(descriptor, Interest::READABLE, |events, _| events.stop());
    events.poll().unwrap();
    simulation.refuse(1);
    let refused = events.switch_backend(evloop::BackendKind::Simulation);
    assert!(matches!(refused, Err(Error::Backend { .. })));
    simulation.set_ready(descriptor, Ready::READABLE);
    events.run().unwrap();
}

#[test]
fn an_hour_passes_at_once() {
    let simulation = Simulation::new(1);
    let mut events = Loop::simulated(&simulation).unwrap();
    let hour = Duration::from_secs(3600);
    events.add_timer(Timer::once(hour), |_, _| {});
    events.run().unwrap();
    assert_eq!(simulation.time(), hour);
}
