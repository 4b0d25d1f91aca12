//! Parsers of ITCH 5.0 over one synthetic day in memory.
//!
//! *Fields*: the time of every message, and of those about orders the reference and the shares, are summed up. Each
//! contender goes through its own interface, and all sums must agree. *Transactions*: what a book needs of each message
//! about an order is put into velox's 32 bytes, one message after the other, and summed up from there. *Books*: the messages
//! are applied to the books of all instruments; those of the rivals' parsers to velox's, and to what one writes without it.
//! All books must have the same levels in the end. The floor reads the same bytes as words of eight and sums them up: no
//! parser can be faster than that for long.

mod contenders;
mod targets;

use crate::Options;
use compare_harness::{Samples, timed, turns};
use contenders::{Work, floor};
use std::hint::black_box;
use velox::synthetic::{Config, write_day};

pub const FIELDS: &str = "itch: fields";
pub const TRANSACTIONS: &str = "itch: transactions";
pub const BOOKS: &str = "itch: books";
pub const OURS: &str = "velox";
pub const UNIT: &str = "M messages/s";

const WORKLOADS: [(&str, &[Work]); 3] = [
    (FIELDS, contenders::FIELDS),
    (TRANSACTIONS, contenders::TRANSACTIONS),
    (BOOKS, contenders::BOOKS),
];

/// Ten instruments with a thousand orders each.
fn day(seed: u64, messages: usize) -> Vec<u8> {
    let config = Config {
        instruments: 10,
        ..Config::default()
    };
    let mut file = write_day(config, seed, messages as u64, Vec::new()).expect("memory takes all");
    // The length of 0 at the end, which not all contenders know.
    file.truncate(file.len() - 2);
    file
}

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let (elapsed, file) = timed(|| day(options.seed, options.count));
    eprintln!(
        "a day of {} messages, {:.1} MB, made in {:.2} s",
        options.count,
        file.len() as f64 / 1e6,
        elapsed.as_secs_f64()
    );
    for round in 0..options.rounds {
        eprintln!("itch: round {} of {}", round + 1, options.rounds);
        for (name, works) in WORKLOADS {
            compare(name, works, round, &file, options.count, samples);
        }
    }
    Vec::new()
}

fn compare(
    workload: &str,
    works: &[Work],
    round: usize,
    file: &[u8],
    messages: usize,
    samples: &mut Samples,
) {
    let mut figures = vec![(0.0, 0); works.len()];
    for place in turns(works.len(), round) {
        let (elapsed, sum) = timed(|| (works[place].run)(black_box(file)));
        figures[place] = (elapsed.as_secs_f64(), sum);
    }
    let (elapsed, _) = timed(|| black_box(floor(black_box(file))));
    for (work, (seconds, sum)) in works.iter().zip(&figures) {
        assert_eq!(*sum, figures[0].1, "{} came to another sum", work.contender);
        let value = messages as f64 / seconds / 1e6;
        samples.add(workload, UNIT, work.contender, value);
    }
    let gigabytes = file.len() as f64 / 1e9;
    for (work, (seconds, _)) in works.iter().zip(&figures) {
        samples.add(workload, "GB/s", work.contender, gigabytes / seconds);
    }
    let alone = gigabytes / elapsed.as_secs_f64();
    samples.add(workload, "GB/s", "the bytes alone", alone);
}
