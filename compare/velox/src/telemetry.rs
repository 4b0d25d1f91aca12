//! What it costs to record latencies: the same pipelines with and without.
//!
//! The transactions are made before. *At once*: each is due when it is taken, so that those of a batch have one moment.
//! *Late*: each was due at a moment of its own, a nanosecond after the one before, and all are late, so that each is
//! recorded by itself; nothing that flows can cost more. What is timed is the thread that has the book, from a quarter of
//! the transactions on until the last: to start and to finish takes a millisecond, whatever flows. One thread's time is
//! its processor time, that of two is what the clock on the wall says.

use crate::Options;
use crate::flow::{Made, Sum, books, options as pinned, rate, too_few};
use compare_harness::{Samples, counting, processor_time, turns};
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use velox::clock::Clock;
use velox::pipeline::{self, Book, Finished, Layout, Output, Pace};
use velox::telemetry::Timed;
use velox::{Books, Bundle, Transaction};

pub const ON: &str = "on";
const OFF: &str = "off";
const UNIT: &str = "ns";
/// What it takes longer with it, round by round.
pub const COST: &str = "%";
pub const WORKLOADS: [&str; 4] = [
    "telemetry: one thread, at once",
    "telemetry: one thread, late",
    "telemetry: two threads, at once",
    "telemetry: two threads, late",
];
pub const ALLOCATIONS: &str = "telemetry: allocations";
pub const BLOCKS: &str = "blocks for each transaction";

/// Runs of each kind in a round.
const RUNS: usize = 4;

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let source = Made::new(options.seed, options.count);
    let clock = Clock::new();
    let works = [
        (Layout::Fused, Pace::Max),
        (Layout::Fused, rate(1_000_000_000)),
        (Layout::Two, Pace::Max),
        (Layout::Two, rate(1_000_000_000)),
    ];
    let mut not_run = Vec::new();
    for (workload, (layout, pace)) in WORKLOADS.into_iter().zip(works) {
        let Some(pinned) = pinned(layout, pace) else {
            not_run.push(too_few(workload, layout));
            continue;
        };
        for round in 0..options.rounds {
            eprintln!("{workload}: round {} of {}", round + 1, options.rounds);
            let mut times = [Duration::ZERO; 2];
            for turn in turns(2 * RUNS, round) {
                let options = pipeline::Options {
                    telemetry: turn % 2 == 0,
                    ..pinned.clone()
                };
                times[turn % 2] += time(&options, &clock, &source);
            }
            let count = (RUNS * (source.len() - source.len() / 4)) as f64;
            let [on, off] = times.map(|it| it.as_secs_f64() * 1e9 / count);
            samples.add(workload, UNIT, OFF, off);
            samples.add(workload, UNIT, ON, on);
            samples.add(workload, COST, ON, 100.0 * (on / off - 1.0));
        }
    }
    count(options, &clock, source, samples);
    not_run
}

fn time(options: &pipeline::Options, clock: &Clock, source: &Made) -> Duration {
    let count = source.len();
    let book = Timer {
        books: books(),
        seen: 0,
        first: count / 4,
        last: count,
        layout: options.layout,
        at: [Duration::ZERO; 2],
    };
    let finished = finished(options, clock, source.clone(), book, Sum::default());
    assert_eq!(finished.snapshot.output, count as u64);
    let recorded = finished.latencies.total(Timed::EndToEnd).count;
    assert_eq!(recorded, if options.telemetry { count as u64 } else { 0 });
    let [first, last] = finished.book.at;
    last - first
}

/// Starts and finishes, neither of which fails on a machine that has the processors.
fn finished<B: Book, O: Output>(
    options: &pipeline::Options,
    clock: &Clock,
    source: Made,
    book: B,
    output: O,
) -> Finished<Made, B, O> {
    let running = pipeline::start(options, *clock, source, book, output);
    let running = running.expect("the processors are there");
    running.finish().expect("no thread panics")
}

/// Books that look at the time twice.
struct Timer {
    books: Books,
    seen: usize,
    first: usize,
    last: usize,
    layout: Layout,
    at: [Duration; 2],
}

impl Book for Timer {
    #[inline]
    fn apply(&mut self, transaction: &Transaction) -> bool {
        self.seen += 1;
        if self.seen == self.first {
            self.at[0] = now(self.layout);
        } else if self.seen == self.last {
            self.at[1] = now(self.layout);
        }
        Book::apply(&mut self.books, transaction)
    }
}

fn now(layout: Layout) -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    match layout {
        Layout::Fused => processor_time(),
        _ => START.elapsed(),
    }
}

/// A book that keeps nothing, so that what is allocated is the pipeline's. It counts from the second half on: by then the
/// threads have started.
struct Watched {
    seen: usize,
    half: usize,
    blocks: u64,
}

impl Book for Watched {
    fn apply(&mut self, _: &Transaction) -> bool {
        self.seen += 1;
        if self.seen == self.half {
            counting::start();
        } else if self.seen == 2 * self.half {
            self.blocks = counting::stop();
        }
        true
    }
}

fn count(options: &Options, clock: &Clock, source: Made, samples: &mut Samples) {
    let half = source.len() / 2;
    for round in 0..options.rounds {
        let layouts = [Layout::Fused, Layout::Two];
        let pinned = layouts.into_iter().filter_map(|it| pinned(it, Pace::Max));
        for options in pinned {
            eprintln!("{ALLOCATIONS}: round {}", round + 1);
            let book = Watched {
                seen: 0,
                half,
                blocks: u64::MAX,
            };
            let put = |bundle: &Bundle| _ = black_box(bundle.intended_ns().len());
            let finished = finished(&options, clock, source.clone(), book, put);
            let blocks = finished.book.blocks as f64 / half as f64;
            samples.add(ALLOCATIONS, BLOCKS, ON, blocks);
        }
    }
}
