//! Phases that a panic ends, that overlap, that nest.

use super::support::{Block, check_all, overwrite, overwrite_a_little};
use crate::subject::{begin_phase, end_phase, phase};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread;

/// A phase that a panic leaves open, and phases that a panic closes.
pub(crate) fn panic_within_a_phase() {
    let log = Mutex::new(Vec::new());
    for turn in 0..20 {
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            if turn % 2 == 0 {
                begin_phase();
                log.lock()
                    .expect("no one panics with it")
                    .push(Block::new(turn, 5_000 + turn));
                std::panic::resume_unwind(Box::new(vec![turn; 1_000]));
            }
            phase(|| {
                log.lock()
                    .expect("no one panics with it")
                    .push(Block::new(turn, 5_000 + turn));
                std::panic::resume_unwind(Box::new(vec![turn; 1_000]));
            })
        }));
        // The program believes that no phase is open.
        let after: Vec<Block> = (0..20)
            .map(|number| Block::new(number, 100 << (number % 12)))
            .collect();
        overwrite();
        check_all(&after);
        check_all(&*log.lock().expect("no one panics with it"));
        let payload = unwound.expect_err("it panics").downcast::<Vec<usize>>();
        assert!(payload.is_ok_and(|payload| payload.iter().all(|it| *it == turn)));
    }
    // More ends than begins.
    for _ in 0..3 {
        end_phase();
    }
    overwrite();
    check_all(&*log.lock().expect("no one panics with it"));
}

/// A phase of one thread says nothing about the memory of another, before and while it runs.
pub(crate) fn another_thread_begins() {
    let mut kept: Vec<Block> = phase(|| {
        (0..40)
            .map(|number| Block::new(number, 64 << (number % 12)))
            .collect()
    });
    // Channels, so that each side learns when the other has panicked.
    let (ask, asked) = sync_channel(0);
    let (answer, answered) = sync_channel(0);
    thread::scope(|scope| {
        let kept = &mut kept;
        scope.spawn(move || {
            for () in asked {
                begin_phase();
                std::hint::black_box(vec![0x55u8; 4 << 20]);
                answer.send(()).expect("the main thread waits");
                // The main thread allocates now, without a phase of its own.
                answer.send(()).expect("the main thread waits");
                end_phase();
            }
        });
        // Moved, so that a panic here drops it and ends the other thread.
        let ask = ask;
        for turn in 0..20 {
            ask.send(()).expect("the other thread waits");
            answered.recv().expect("the other thread answers");
            kept.extend((0..20).map(|number| Block::new(turn + number, 8_000 << (number % 5))));
            check_all(&*kept);
            answered.recv().expect("the other thread answers");
        }
    });
    check_all(&kept);
    // And with phases of both.
    thread::scope(|scope| {
        scope.spawn(|| (0..20).for_each(|_| overwrite()));
        for turn in 0..20 {
            phase(|| kept.push(Block::new(turn, 10_000)));
            check_all(&kept);
        }
    });
}

/// Phases of four threads, that begin and end at any time in the others' phases.
pub(crate) fn four_threads() {
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let mut kept: Vec<Block> = Vec::new();
                for turn in 0..500 {
                    phase(|| {
                        let size = 16 + (turn * 331 + thread * 7) % 12_000;
                        let local: Vec<Block> = (0..4)
                            .map(|number| Block::new(number + turn, size))
                            .collect();
                        if turn % 5 == 0 {
                            kept.push(Block::new(turn, size));
                        }
                        check_all(&local);
                    });
                    if kept.len() > 20 {
                        kept.swap_remove(turn % 20);
                    }
                    check_all(&kept);
                }
            });
        }
    });
}

/// What the levels of nested phases make is used by the levels around them.
pub(crate) fn nested() {
    let mut kept: Vec<Block> = Vec::new();
    for turn in 0..40 {
        phase(|| {
            let outer: Vec<Block> = (0..8)
                .map(|number| Block::new(number, 3_000 << (number % 4)))
                .collect();
            let middle = phase(|| {
                let middle: Vec<Block> = (0..8).map(|number| Block::new(number, 9_000)).collect();
                kept.push(phase(|| Block::new(turn, 20_000)));
                overwrite_a_little();
                check_all(&middle);
                middle
            });
            overwrite_a_little();
            check_all(&outer);
            check_all(&middle);
        });
        overwrite_a_little();
        check_all(&kept);
    }
}
