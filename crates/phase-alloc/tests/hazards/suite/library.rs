//! Memory that the standard library, or a static of the program, keeps from its first use on.

use super::support::{Block, check_all, check_words, overwrite, overwrite_a_little, word, words};
use crate::subject::phase;
use std::cell::RefCell;
use std::io::BufRead as _;
use std::sync::{Mutex, OnceLock};
use std::thread;

static TABLE: OnceLock<Vec<u64>> = OnceLock::new();

/// A table that is made when it is first asked for, which happens to be in a phase.
pub(crate) fn once_lock() {
    let table = || TABLE.get_or_init(|| words(13, 5_000));
    for _ in 0..5 {
        phase(|| check_words(table(), 13));
        overwrite();
        check_words(table(), 13);
    }
}

thread_local! {
    static SCRATCH: RefCell<(Vec<u64>, Vec<Block>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// Scratch space of two threads, which each phase makes a little longer.
pub(crate) fn thread_local_grown() {
    let grow = || {
        for turn in 0..200 {
            phase(|| {
                SCRATCH.with_borrow_mut(|(words, blocks)| {
                    words.extend((words.len() as u64..).take(40).map(|place| word(14, place)));
                    blocks.push(Block::new(turn, 3_000 + turn * 20));
                });
            });
            overwrite_a_little();
        }
        SCRATCH.with_borrow(|(words, blocks)| {
            assert_eq!(words.len(), 8_000);
            check_words(words, 14);
            check_all(blocks);
        });
    };
    grow();
    thread::scope(|scope| {
        scope.spawn(grow);
        (0..200).for_each(|_| overwrite_a_little());
    });
}

/// The lines that the harness writes to the standard input of this program.
pub(crate) fn input_line(number: usize) -> String {
    format!("line {number} of the standard input")
}

/// Lines that the harness writes: more than one buffer of the standard library holds.
pub(crate) const INPUT_LINES: usize = 1_000;

/// The buffer of the standard input is made when it is first locked.
pub(crate) fn stdin_lines() {
    let mut read = 0;
    let mut next = || {
        let mut line = String::new();
        let bytes = std::io::stdin()
            .lock()
            .read_line(&mut line)
            .expect("the harness writes lines");
        assert_eq!(line.trim_end(), input_line(read));
        read += 1;
        bytes
    };
    phase(|| (0..10).for_each(|_| _ = next()));
    for _ in 0..9 {
        overwrite();
        (0..50).for_each(|_| _ = next());
        phase(|| (0..50).for_each(|_| _ = next()));
    }
}

static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A log behind a lock that every phase adds to, as do threads without phases.
pub(crate) fn log_of_strings() {
    const PHASES: usize = 2_000;
    let entry = |turn: usize| {
        format!(
            "{turn} {}",
            "x".repeat(
                20 + if turn.is_multiple_of(50) {
                    6_000
                } else {
                    turn % 90
                }
            )
        )
    };
    let add = |turn| LOG.lock().expect("no one panics with it").push(entry(turn));
    thread::scope(|scope| {
        scope.spawn(|| (PHASES..PHASES + 500).for_each(add));
        for turn in 0..PHASES {
            phase(|| {
                add(turn);
                std::hint::black_box(vec![0x55u8; 9_000]);
            });
        }
    });
    overwrite();
    let log = LOG.lock().expect("no one panics with it");
    let mut seen = vec![false; PHASES + 500];
    for line in log.iter() {
        let number = line
            .split(' ')
            .next()
            .and_then(|number| number.parse::<usize>().ok());
        let number = number
            .filter(|number| *number < seen.len())
            .expect("a line begins with its number");
        assert!(*line == entry(number), "line {number} has changed");
        seen[number] = true;
    }
    assert!(seen.iter().all(|seen| *seen), "a line is lost");
}
