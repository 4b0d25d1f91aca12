//! From when a transaction was to be sent until it is out, against what the machine needs for that.
//!
//! A hundred thousand a second, each in a bundle of its own, so that nothing waits for company. On two threads there is one
//! hop of a cache line, measured in the same round as half of there and back between the same two processors. On one
//! thread there is none: it is compared with the same hop, for a thread that takes longer than that would be better two.
//! Below both lie two looks at the clock, the one that finds the transaction due and the one that finds it out.

use crate::Options;
use crate::flow::{LAYOUTS, Made, Sum, books, options as pinned, rate, too_few};
use compare_harness::Samples;
use std::hint::black_box;
use std::time::Instant;
use velox::clock::{Clock, Time, exchange};
use velox::pipeline::{self, Layout};
use velox::telemetry::Timed;

pub const WORKLOAD: &str = "end to end";
pub const UNIT: &str = "ns";
const P999: &str = "ns, 999 of 1000";
const LOOKS: &str = "two looks at the clock";
pub const HOP: &str = "a hop of a cache line";

const RATE: u64 = 100_000;

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let clock = Clock::new();
    let mut not_run = Vec::new();
    // As long as a rate is held.
    let count = (RATE as f64 * options.hold.as_secs_f64()) as usize;
    let source = Made::new(options.seed, count);
    for round in 0..options.rounds {
        eprintln!("{WORKLOAD}: round {} of {}", round + 1, options.rounds);
        samples.add(WORKLOAD, UNIT, LOOKS, 2.0 * look(&clock));
        let two = pinned(Layout::Two, rate(RATE));
        if let Some(hop) = two.and_then(|it| hop(&clock, &it.pin)) {
            samples.add(WORKLOAD, UNIT, HOP, hop);
        }
        for threads in &LAYOUTS {
            let Some(pinned) = pinned(threads.layout, rate(RATE)) else {
                if round == 0 {
                    not_run.push(too_few(WORKLOAD, threads.layout));
                }
                continue;
            };
            let pinned = pipeline::Options {
                bundle_max: 1,
                ..pinned
            };
            let running = pipeline::start(&pinned, clock, source.clone(), books(), Sum::default());
            let running = running.expect("the processors are there");
            let finished = running.finish().expect("no thread panics");
            let summary = finished.latencies.total(Timed::EndToEnd);
            samples.add(WORKLOAD, UNIT, threads.name, summary.p50 as f64);
            samples.add(WORKLOAD, P999, threads.name, summary.p999 as f64);
        }
    }
    not_run
}

/// Nanoseconds of one look at the clock, when one follows the other.
fn look(clock: &Clock) -> f64 {
    const LOOKS: u32 = 100_000;
    let mut best = f64::MAX;
    for _ in 0..9 {
        let start = Instant::now();
        for _ in 0..LOOKS {
            black_box(clock.now_ns());
        }
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(LOOKS));
    }
    best
}

/// The median of half of there and back.
fn hop(clock: &Clock, cpus: &[usize]) -> Option<f64> {
    const ROUNDS: u32 = 50_000;
    const WARM_UP: usize = 1_000;
    let exchanges = exchange(cpus[0], cpus[1], ROUNDS).ok()?;
    let ticks = exchanges[WARM_UP..]
        .iter()
        .map(|it| it.received.wrapping_sub(it.sent));
    let mut ticks: Vec<u64> = ticks.collect();
    ticks.sort_unstable();
    let median = ticks[ticks.len() / 2];
    Some(clock.calibration().scale().ns(median) as f64 / 2.0)
}
