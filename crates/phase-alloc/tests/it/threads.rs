//! Objects that are freed by other threads, and threads that end.

use crate::support::{Object, PLAIN, alone, fresh_phase};
use phase_alloc::{opt_out, stats, survivors};
use std::sync::mpsc;
use std::thread;

const CHUNK: usize = if cfg!(miri) { 8 << 10 } else { 1 << 20 };

#[test]
fn chunks_that_others_empty_are_used_again() {
    let _alone = alone();
    let _phase = fresh_phase();
    let before = stats();
    let (sender, receiver) = mpsc::sync_channel::<Object>(64);
    let consumer =
        thread::spawn(move || receiver.into_iter().for_each(|object| object.free(&PLAIN)));
    let count = if cfg!(miri) { 200 } else { 400_000 };
    for n in 0..count {
        sender.send(Object::new(&PLAIN, 200, 8, n as u8)).unwrap();
    }
    drop(sender);
    consumer.join().unwrap();
    survivors().assert_none();
    let after = stats();
    let grown = (after.chunk_bytes_used + after.chunk_bytes_free)
        .saturating_sub(before.chunk_bytes_used + before.chunk_bytes_free);
    assert!(
        grown <= 8 * CHUNK,
        "{grown} bytes more for {} bytes",
        count * 200
    );
}

#[test]
fn objects_outlive_their_thread_and_are_freed_by_another() {
    let _alone = alone();
    let _phase = fresh_phase();
    let rounds = if cfg!(miri) { 2 } else { 20 };
    for _ in 0..rounds {
        let threads: Vec<_> = (0..if cfg!(miri) { 3 } else { 32 })
            .map(|n| {
                thread::spawn(move || {
                    let sizes = if cfg!(miri) {
                        [30, 500, 3000]
                    } else {
                        [30, 5000, 300_000]
                    };
                    sizes.map(|size| Object::new(&PLAIN, size, 8, n))
                })
            })
            .collect();
        for thread in threads {
            for object in thread.join().unwrap() {
                object.free(&PLAIN);
            }
        }
        survivors().assert_none();
    }
}

#[test]
fn a_new_thread_goes_on_in_the_chunk_of_one_that_ended() {
    let _alone = alone();
    let _phase = fresh_phase();
    let object = || {
        thread::spawn(|| Object::new(&PLAIN, 40, 8, 1))
            .join()
            .unwrap()
    };
    // As many as threads leave: the harness runs some of its own.
    let first: Vec<_> = (0..4).map(|_| object()).collect();
    let used = stats().chunk_bytes_used;
    let more: Vec<_> = (0..if cfg!(miri) { 4 } else { 100 })
        .map(|_| object())
        .collect();
    assert!(stats().chunk_bytes_used <= used + CHUNK);
    first
        .into_iter()
        .chain(more)
        .for_each(|object| object.free(&PLAIN));
    survivors().assert_none();
}

#[test]
fn destructors_of_a_thread_allocate_and_free() {
    struct Late(Option<Object>);
    impl Drop for Late {
        fn drop(&mut self) {
            self.0.take().unwrap().free(&PLAIN);
            let large = if cfg!(miri) { 3000 } else { 300_000 };
            for size in [16, large] {
                Object::new(&PLAIN, size, 8, 5).free(&PLAIN);
            }
        }
    }
    thread_local! {
        static LATE: std::cell::RefCell<Late> = const { std::cell::RefCell::new(Late(None)) };
    }
    let _alone = alone();
    let _phase = fresh_phase();
    let thread = thread::spawn(|| {
        // The first is registered before the allocator's own word of the end, where there is an order.
        LATE.with(|late| late.borrow_mut().0 = Some(Object::new(&PLAIN, 100, 8, 4)));
    });
    thread.join().unwrap();
    survivors().assert_none();
}

#[test]
fn a_thread_that_opts_out_gets_the_inner_allocators_memory_and_its_chunks_back_afterwards() {
    let _alone = alone();
    let _phase = fresh_phase();
    let before = Object::new(&PLAIN, 64, 8, 1);
    let (small, large) = opt_out(|| {
        let size = if cfg!(miri) { 3000 } else { 300_000 };
        opt_out(|| {
            (
                Object::new(&PLAIN, 64, 8, 2),
                Object::new(&PLAIN, size, 8, 3),
            )
        })
    });
    assert!(small.is_inner() && large.is_inner());
    let after = Object::new(&PLAIN, 64, 8, 4);
    assert_eq!(after.address(), before.address() + 64);
    let unwound = std::panic::catch_unwind(|| opt_out(|| panic!("out of it")));
    assert!(unwound.is_err());
    let last = Object::new(&PLAIN, 64, 8, 5);
    assert!(!last.is_inner());
    for object in [before, small, large, after, last] {
        object.free(&PLAIN);
    }
    survivors().assert_none();
}
