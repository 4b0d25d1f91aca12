//! Real descriptors, with each backend.

use crate::kinds::kinds;
use evloop::{Interest, Loop, Ready};
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

#[test]
fn bytes_come_through_and_the_end_is_told() {
    for kind in kinds() {
        let (mut sender, receiver) = UnixStream::pair().unwrap();
        let mut events = Loop::with_backend(kind).unwrap();
        let text = Rc::new(RefCell::new(Vec::new()));
        let read = Rc::clone(&text);
        events.add_io(
            receiver,
            Interest::READABLE,
            move |events, receiver, event| {
                let mut bytes = [0; 3];
                let length = receiver.read(&mut bytes).unwrap();
                read.borrow_mut().extend_from_slice(&bytes[..length]);
                if length == 0 {
                    events.remove(event.token);
                }
            },
        );
        sender.write_all(b"hello").unwrap();
        drop(sender);
        events.run().unwrap();
        assert_eq!(*text.borrow(), b"hello", "{kind}");
    }
}

#[test]
fn a_regular_file_is_always_ready() {
    for kind in kinds() {
        let file = File::open(file!().replace("crates/evloop/", "")).unwrap();
        let mut events = Loop::with_backend(kind).unwrap();
        let mut told = 0;
        events.add_io(file, Interest::READABLE, move |events, _, event| {
            assert!(event.ready.contains(Ready::READABLE), "{kind}");
            told += 1;
            if told == 3 {
                events.remove(event.token);
            }
        });
        events.run().unwrap();
    }
}

/// Poll watches it; epoll refuses to.
#[test]
fn a_regular_file_is_always_ready_also_after_a_change_of_the_backend() {
    for from in kinds() {
        for to in kinds() {
            let file = File::open(file!().replace("crates/evloop/", "")).unwrap();
            let mut events = Loop::with_backend(from).unwrap();
            let mut told = 0;
            events.add_io(file, Interest::READABLE, move |events, _, event| {
                told += 1;
                match told {
                    1 => events.switch_backend(to).unwrap(),
                    3 => _ = events.remove(event.token),
                    _ => {}
                }
            });
            for _ in 0..5 {
                events.poll().unwrap();
            }
            assert!(events.is_empty(), "from {from} to {to}");
        }
    }
}

#[test]
fn the_backend_changes_inside_a_callback_and_nothing_is_lost() {
    const PAIRS: usize = 20;
    let mut events = Loop::new().unwrap();
    let told = Rc::new(Cell::new([0; PAIRS]));
    let mut senders = Vec::new();
    for number in 0..PAIRS {
        let (mut sender, receiver) = UnixStream::pair().unwrap();
        sender.write_all(b"x").unwrap();
        senders.push(sender);
        let told = Rc::clone(&told);
        events.add_io(
            receiver,
            Interest::READABLE,
            move |events, receiver, event| {
                let mut counts = told.get();
                counts[number] += 1;
                told.set(counts);
                assert_eq!(receiver.read(&mut [0; 8]).unwrap(), 1);
                let kinds = kinds();
                let next = kinds[counts.iter().sum::<usize>() % kinds.len()];
                events.switch_backend(next).unwrap();
                events.remove(event.token);
            },
        );
    }
    events.run().unwrap();
    assert_eq!(told.get(), [1; PAIRS]);
    assert_eq!(events.stats().switches, PAIRS as u64);
}

#[test]
fn several_registrations_of_one_source_are_told_their_part() {
    for kind in kinds() {
        let (mut other, source) = UnixStream::pair().unwrap();
        other.write_all(b"x").unwrap();
        let source = Rc::new(source);
        let mut events = Loop::with_backend(kind).unwrap();
        let seen = Rc::new(Cell::new([Ready::NONE; 2]));
        for (place, interest) in [Interest::READABLE, Interest::WRITABLE]
            .into_iter()
            .enumerate()
        {
            let seen = Rc::clone(&seen);
            events.add_io(Rc::clone(&source), interest, move |events, _, event| {
                let mut all = seen.get();
                all[place] = event.ready;
                seen.set(all);
                events.remove(event.token);
            });
        }
        events.run().unwrap();
        assert_eq!(seen.get(), [Ready::READABLE, Ready::WRITABLE], "{kind}");
    }
}

#[test]
fn a_callback_that_removes_another_of_the_same_batch_silences_it() {
    for kind in kinds() {
        let mut events = Loop::with_backend(kind).unwrap();
        let tokens = Rc::new(RefCell::new(Vec::new()));
        let told = Rc::new(Cell::new(0));
        let mut others = Vec::new();
        for _ in 0..4 {
            let (mut other, source) = UnixStream::pair().unwrap();
            other.write_all(b"x").unwrap();
            others.push(other);
            let (all, told) = (Rc::clone(&tokens), Rc::clone(&told));
            let token = events.add_io(source, Interest::READABLE, move |events, _, _| {
                told.set(told.get() + 1);
                for token in all.borrow_mut().drain(..) {
                    assert!(events.remove(token));
                }
            });
            tokens.borrow_mut().push(token);
        }
        events.run().unwrap();
        assert_eq!((told.get(), events.stats().stale), (1, 3), "{kind}");
    }
}

#[test]
fn what_is_undone_before_the_wait_costs_no_system_call() {
    let (_other, source) = UnixStream::pair().unwrap();
    let mut events = Loop::new().unwrap();
    let token = events.add_io(source, Interest::NONE, |_, _, _| unreachable!());
    for _ in 0..100 {
        events.set_interest(token, Interest::READABLE);
        events.set_interest(token, Interest::NONE);
    }
    events.poll().unwrap();
    assert_eq!(events.stats().changes, 0);
    events.set_interest(token, Interest::READABLE);
    events.poll().unwrap();
    assert_eq!(events.stats().changes, 1);
}

#[test]
fn registrations_go_in_any_order_and_the_others_are_told() {
    for kind in kinds() {
        for gone in [[0, 2], [2, 0], [0, 1], [1, 2]] {
            let mut events = Loop::with_backend(kind).unwrap();
            let mut others = Vec::new();
            let told = Rc::new(Cell::new(0));
            let mut add = |events: &mut Loop, number: usize| {
                let (other, source) = UnixStream::pair().unwrap();
                others.push(other);
                let told = Rc::clone(&told);
                events.add_io(source, Interest::READABLE, move |_, _, _| {
                    told.set(told.get() | 1 << number);
                })
            };
            let tokens: Vec<_> = (0..4).map(|number| add(&mut events, number)).collect();
            for number in gone {
                events.poll().unwrap();
                events.remove(tokens[number]);
            }
            events.poll().unwrap();
            for other in &mut others {
                // Who is gone does not read it.
                drop(other.write(b"x"));
            }
            events.poll().unwrap();
            let left = (0..4).filter(|number| !gone.contains(number));
            assert_eq!(
                told.get(),
                left.map(|it| 1 << it).sum::<i32>(),
                "{kind} {gone:?}"
            );
        }
    }
}

/// Its answer is on the way when the registration goes, and the next one has the same descriptor.
#[test]
fn an_answer_to_who_watched_before_is_told_to_nobody() {
    for kind in kinds() {
        let (mut other, source) = UnixStream::pair().unwrap();
        source.set_nonblocking(true).unwrap();
        let source = Rc::new(source);
        let mut events = Loop::with_backend(kind).unwrap();
        let before = events.add_io(Rc::clone(&source), Interest::READABLE, |_, _, _| {});
        events.poll().unwrap();
        other.write_all(b"x").unwrap();
        events.remove(before);
        assert_eq!((&*source).read(&mut [0; 8]).unwrap(), 1);
        events.add_io(source, Interest::READABLE, move |_, _, event| {
            panic!("{kind}: nothing is there to read, and {event:?} is told");
        });
        for _ in 0..3 {
            events.poll().unwrap();
        }
    }
}

#[test]
fn the_other_end_sees_that_a_source_is_gone_when_the_loop_has_looked() {
    for kind in kinds() {
        let (mut other, source) = UnixStream::pair().unwrap();
        let mut events = Loop::with_backend(kind).unwrap();
        let token = events.add_io(source, Interest::READABLE, |_, _, _| {});
        events.poll().unwrap();
        events.remove(token);
        events.poll().unwrap();
        assert!(other.write_all(b"x").is_err(), "{kind}");
    }
}
