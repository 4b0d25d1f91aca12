//! What made other loops use memory that was gone, or call who was, as it was published: here with each backend.

use crate::kinds::kinds;
use evloop::{Interest, Loop, Ready, Timer};
use signal_hook::consts::SIGURG;
use signal_hook::low_level::raise;
use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

/// libevent #1287: `event_free` of an event in its own callback, where a signal came several times and the loop goes on
/// counting in the event that is gone.
#[test]
fn a_signal_that_came_often_removes_its_own_registration() {
    for kind in kinds() {
        let owned = Rc::new(Cell::new(0));
        let mut events = Loop::with_backend(kind).unwrap();
        let told = Rc::clone(&owned);
        let added = events.add_signal(SIGURG, move |events, event| {
            told.set(told.get() + 1);
            assert!(events.remove(event.token));
            assert!(!events.contains(event.token));
            // What is freed is used again at once.
            events.add_timer(Timer::idle(), |_, event| panic!("{event:?}"));
        });
        added.unwrap();
        (0..3).for_each(|_| raise(SIGURG).unwrap());
        for _ in 0..3 {
            events.poll().unwrap();
        }
        assert_eq!((owned.get(), Rc::strong_count(&owned)), (1, 1), "{kind}");
    }
}

/// libevent #1564: a thread triggers what the loop has freed since, and something else is in its place.
#[test]
fn a_thread_that_triggers_what_is_gone_triggers_nothing() {
    for kind in kinds() {
        let mut events = Loop::with_backend(kind).unwrap();
        let gone = events.add_timer(Timer::idle(), |_, event| panic!("{event:?} is gone"));
        let remote = events.remote();
        events.remove(gone);
        let next = events.add_timer(Timer::idle(), |_, event| panic!("{event:?} is another"));
        let thread = std::thread::spawn(move || {
            remote.call(move |events| {
                assert!(!events.activate(gone) && !events.arm(gone, Duration::ZERO));
                assert!(!events.remove(gone) && !events.contains(gone));
                events.stop();
            });
        });
        events.run().unwrap();
        thread.join().unwrap();
        events.poll().unwrap();
        assert!(events.contains(next), "{kind}");
    }
}

/// libxev #234: two are ready in one batch, the first ends the second, and what comes in its place has its memory and its
/// descriptor's number; the event of the second is told to it.
#[test]
fn an_event_of_the_same_batch_does_not_reach_what_took_the_place() {
    for kind in kinds() {
        let mut events = Loop::with_backend(kind).unwrap();
        let tokens = Rc::new(Cell::new([None; 2]));
        let told = Rc::new(Cell::new(0));
        let mut writers = Vec::new();
        let kept = Rc::new(RefCell::new(Vec::new()));
        let mut add = |number: usize| {
            let (mut writer, reader) = UnixStream::pair().unwrap();
            writer.write_all(b"x").unwrap();
            writers.push(writer);
            let (tokens, told) = (Rc::clone(&tokens), Rc::clone(&told));
            let kept = Rc::clone(&kept);
            events.add_io(reader, Interest::READABLE, move |events, reader, _| {
                told.set(told.get() + 1);
                assert_eq!(reader.read(&mut [0; 8]).unwrap(), 1);
                // Its source is closed with it, so that the number is free.
                let other = tokens.get()[1 - number].unwrap();
                assert!(events.remove(other));
                let (writer, reader) = UnixStream::pair().unwrap();
                kept.borrow_mut().push(writer);
                let next = events.add_io(reader, Interest::READABLE, |_, _, event| {
                    panic!("{event:?} is of another")
                });
                assert_eq!(
                    next.to_bits() as u32,
                    other.to_bits() as u32,
                    "another slot"
                );
            })
        };
        tokens.set([Some(add(0)), Some(add(1))]);
        for _ in 0..4 {
            events.poll().unwrap();
        }
        assert_eq!((told.get(), events.stats().stale), (1, 1), "{kind}");
    }
}

/// libxev #234, what a mere look at dispatch makes of it: the kernel goes on telling of a file that is open elsewhere, and
/// the loop spins.
#[test]
fn what_the_kernel_goes_on_telling_of_does_not_keep_the_loop_from_its_rest() {
    for kind in kinds() {
        let (mut writer, reader) = UnixStream::pair().unwrap();
        let _elsewhere = reader.try_clone().unwrap();
        let mut events = Loop::with_backend(kind).unwrap();
        let token = events.add_io(reader, Interest::READABLE, |_, _, event| {
            panic!("{event:?} is gone")
        });
        events.poll().unwrap();
        assert!(events.remove(token));
        writer.write_all(b"x").unwrap();
        events.add_timer(Timer::once(Duration::from_millis(20)), |_, event| {
            assert_eq!(event.ready, Ready::TIMER);
        });
        events.run().unwrap();
        // Some for the wheels; a loop that spins makes thousands.
        assert!(events.stats().waits < 100, "{kind}: {:?}", events.stats());
        assert!(events.stats().ghosts <= 1, "{kind}");
    }
}
