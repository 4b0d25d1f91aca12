//! Whether a rate that is asked for is reached: what `velox run --rate` does, from the generator to the output.
//!
//! Transactions are generated as they are sent, applied to the books and put out in bundles, with the telemetry on. What
//! was put out in the time is compared with what was to be sent in it.

use crate::Options;
use crate::flow::{
    LAYOUTS, Sum, Threads, books, options as pinned, rate as pace, synthetic, too_few,
};
use compare_harness::{Samples, turns};
use velox::clock::Clock;
use velox::pipeline;
use velox::telemetry::Timed;

pub const RATES: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 5_000_000];

/// Percent of the rate that was reached less than asked for, or more.
pub const OFF: &str = "% off";
const REACHED: &str = "transactions/s";
const P99: &str = "us late, 99 of 100";

pub fn workload(rate: u64) -> String {
    format!("rate: {} k/s", rate / 1_000)
}

/// Rounds at most: each takes as long as the rates are held.
const ROUNDS: usize = 5;

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let clock = Clock::new();
    let rounds = options.rounds.min(ROUNDS);
    for rate in RATES {
        let workload = workload(rate);
        for round in 0..rounds {
            eprintln!("{workload}: round {} of {rounds}", round + 1);
            let mut figures: [Option<Figures>; LAYOUTS.len()] = Default::default();
            for turn in turns(LAYOUTS.len(), round) {
                figures[turn] = hold(&LAYOUTS[turn], rate, options, &clock);
            }
            for (threads, figures) in LAYOUTS.iter().zip(figures) {
                let Some(figures) = figures else { continue };
                samples.add(&workload, REACHED, threads.name, figures.reached);
                let off = 100.0 * (figures.reached / rate as f64 - 1.0);
                samples.add(&workload, OFF, threads.name, off);
                samples.add(&workload, P99, threads.name, figures.p99_us);
            }
        }
    }
    let without = LAYOUTS
        .iter()
        .filter(|it| pinned(it.layout, pace(1)).is_none());
    without.map(|it| too_few("rate", it.layout)).collect()
}

struct Figures {
    reached: f64,
    p99_us: f64,
}

fn hold(threads: &Threads, rate: u64, options: &Options, clock: &Clock) -> Option<Figures> {
    let nanoseconds = options.hold.as_nanos() as u64;
    let options_of = pinned(threads.layout, pace(rate))?;
    let pinned = pipeline::Options {
        duration_ns: Some(nanoseconds),
        ..options_of
    };
    let source = synthetic(options.seed, rate);
    let running = pipeline::start(&pinned, *clock, source, books(), Sum::default());
    let running = running.expect("the processors are there");
    let finished = running.finish().expect("no thread panics");
    assert_eq!(finished.snapshot.lost(), 0);
    Some(Figures {
        reached: finished.snapshot.output as f64 / options.hold.as_secs_f64(),
        p99_us: finished.latencies.total(Timed::EndToEnd).p99 as f64 / 1e3,
    })
}
