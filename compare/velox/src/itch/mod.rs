//! Parsers of ITCH 5.0 over one synthetic day in memory.
//!
//! *Fields*: the time of every message, and of those about orders the reference and the shares, are summed up. Each
//! contender goes through its own interface, and all sums must agree. *Transactions*: what a book needs of each message
//! about an order is put into velox's 32 bytes, one message after the other, and summed up from there. The floor reads the
//! same bytes as words of eight and sums them up: no parser can be faster than that for long.

mod contenders;

use crate::Options;
use crate::measure::timed;
use crate::report::Samples;
use contenders::{FIELDS, TRANSACTIONS, Work, floor};
use std::hint::black_box;
use velox::synthetic::{Config, write_day};

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

pub fn run(options: &Options, samples: &mut Samples) {
    let (elapsed, file) = timed(|| day(options.seed, options.count));
    eprintln!(
        "a day of {} messages, {:.1} MB, made in {:.2} s",
        options.count,
        file.len() as f64 / 1e6,
        elapsed.as_secs_f64()
    );
    for round in 0..options.rounds {
        eprintln!("itch: round {} of {}", round + 1, options.rounds);
        for (name, works) in [
            ("itch: fields", FIELDS),
            ("itch: transactions", TRANSACTIONS),
        ] {
            compare(name, works, round, &file, options.count, samples);
        }
    }
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
    for turn in 0..works.len() {
        let place = (turn + round) % works.len();
        let (elapsed, sum) = timed(|| (works[place].run)(black_box(file)));
        figures[place] = (elapsed.as_secs_f64(), sum);
    }
    let (elapsed, _) = timed(|| black_box(floor(black_box(file))));
    for (work, (seconds, sum)) in works.iter().zip(&figures) {
        assert_eq!(*sum, figures[0].1, "{} came to another sum", work.contender);
        samples.add(
            workload,
            work.contender,
            "M messages/s",
            messages as f64 / seconds / 1e6,
        );
    }
    for (work, (seconds, _)) in works.iter().zip(&figures) {
        samples.add(
            workload,
            work.contender,
            "GB/s",
            file.len() as f64 / seconds / 1e9,
        );
    }
    samples.add(
        workload,
        "the bytes alone",
        "GB/s",
        file.len() as f64 / elapsed.as_secs_f64() / 1e9,
    );
}
