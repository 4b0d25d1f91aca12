//! spsc-ring against other queues.
//!
//! Every contender does every workload once in each round, in an order that rotates, on the same
//! two pinned cores; the table has medians over the rounds with the quartiles beside them. The
//! round trips stand beside what the machine needs to move a bare cache line to and fro, measured
//! in the same rounds. Every item is written and read, and a checksum says that all arrived.
#![forbid(unsafe_code)]

mod drive;
mod floor;
mod item;
mod report;
mod rivals;

use drive::{Cores, Outcome};
use item::{Item, expected};
use report::{Report, Row, Spread};
use rivals::*;
use std::process::ExitCode;

type Throughput = fn(Setup) -> Outcome;
type Trips = fn(Setup) -> Vec<f64>;

/// A queue, and how many items it is given in a round, so that each takes some tens of
/// milliseconds.
struct Contender<F> {
    name: &'static str,
    share: u64,
    run: F,
}

const fn contender<F>(name: &'static str, share: u64, run: F) -> Contender<F> {
    Contender { name, share, run }
}

const OURS: &str = "spsc-ring";

fn single<T: Item>() -> Vec<Contender<Throughput>> {
    vec![
        contender(OURS, 1, spsc_ring_::single::<T>),
        contender("rtrb", 1, rtrb_::single::<T>),
        contender("ringbuf", 1, ringbuf_::single::<T>),
        contender("disruptor", 1, disruptor_::single::<T>),
        contender("heapless", 10, heapless_::single::<T>),
        contender("crossbeam ArrayQueue", 20, crossbeam_::single::<T>),
        contender("std sync_channel", 20, std_::single::<T>),
    ]
}

fn in_place<T: Item>() -> Vec<Contender<Throughput>> {
    vec![
        contender(OURS, 1, spsc_ring_::in_place::<T>),
        contender("rtrb", 1, rtrb_::in_place::<T>),
        contender("ringbuf", 1, ringbuf_::in_place::<T>),
        contender("disruptor", 1, disruptor_::in_place::<T>),
    ]
}

fn copied<T: Item>() -> Vec<Contender<Throughput>> {
    vec![
        contender(OURS, 1, spsc_ring_::copied::<T>),
        contender("rtrb", 1, rtrb_::copied::<T>),
        contender("ringbuf", 1, ringbuf_::copied::<T>),
    ]
}

fn trips() -> Vec<Contender<Trips>> {
    vec![
        contender("floor, one cache line", 1, floor::one_line),
        contender("floor, two cache lines", 1, floor::two_lines),
        contender(OURS, 1, spsc_ring_::trips),
        contender("rtrb", 1, rtrb_::trips),
        contender("ringbuf", 1, ringbuf_::trips),
        contender("disruptor", 1, disruptor_::trips),
        contender("heapless", 1, heapless_::trips),
        contender("crossbeam ArrayQueue", 1, crossbeam_::trips),
        contender("std sync_channel", 1, std_::trips),
    ]
}

/// One workload, its contenders, and what each round gave them.
struct Throughputs {
    workload: String,
    bytes: usize,
    contenders: Vec<Contender<Throughput>>,
    samples: Vec<Vec<f64>>,
    checksum: fn(u64) -> u64,
}

impl Throughputs {
    fn new<T: Item>(workload: &str, contenders: Vec<Contender<Throughput>>) -> Self {
        let samples = contenders.iter().map(|_| Vec::new()).collect();
        let workload = format!("{workload}, {} B", T::BYTES);
        Self {
            workload,
            bytes: T::BYTES,
            contenders,
            samples,
            checksum: expected::<T>,
        }
    }

    /// Runs the contenders once, beginning with another one each round.
    fn round(&mut self, round: usize, setup: Setup) {
        for turn in 0..self.contenders.len() {
            let index = (turn + round) % self.contenders.len();
            let contender = &self.contenders[index];
            let items = setup.items / contender.share / (self.bytes as u64 / 8);
            let outcome = (contender.run)(Setup { items, ..setup });
            assert_eq!(
                outcome.sum,
                (self.checksum)(items),
                "{} lost items",
                contender.name
            );
            self.samples[index].push(items as f64 / outcome.elapsed.as_secs_f64() / 1e6);
        }
    }

    fn rows(&self) -> Vec<Row> {
        let of = |(contender, samples): (&Contender<Throughput>, &Vec<f64>)| Row {
            workload: self.workload.clone(),
            contender: contender.name.to_owned(),
            unit: "M items/s",
            median: Spread::of(samples),
            p999: None,
        };
        self.contenders.iter().zip(&self.samples).map(of).collect()
    }
}

/// The round trips: each round gives a median and a 99.9th percentile.
struct RoundTrips {
    contenders: Vec<Contender<Trips>>,
    medians: Vec<Vec<f64>>,
    tails: Vec<Vec<f64>>,
}

impl RoundTrips {
    fn new() -> Self {
        let contenders = trips();
        let empty: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
        Self {
            medians: empty.clone(),
            tails: empty,
            contenders,
        }
    }

    fn round(&mut self, round: usize, setup: Setup) {
        for turn in 0..self.contenders.len() {
            let index = (turn + round) % self.contenders.len();
            let mut times = (self.contenders[index].run)(setup);
            times.sort_by(f64::total_cmp);
            self.medians[index].push(times[times.len() / 2]);
            self.tails[index].push(times[times.len() * 999 / 1000]);
        }
    }

    fn rows(&self) -> Vec<Row> {
        let of = |index: usize| Row {
            workload: "round trip, 8 B".to_owned(),
            contender: self.contenders[index].name.to_owned(),
            unit: "ns",
            median: Spread::of(&self.medians[index]),
            p999: Some(Spread::of(&self.tails[index])),
        };
        (0..self.contenders.len()).map(of).collect()
    }
}

/// The command line.
struct Options {
    rounds: usize,
    items: u64,
    trips: u64,
    capacity: usize,
    out: Option<String>,
    figures: Option<String>,
}

impl Options {
    const USAGE: &str = "usage: compare-ring [--rounds N] [--items N] [--trips N] [--capacity N] \
                         [--out FILE] [--figures FILE]";

    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self {
            rounds: 9,
            items: 16_000_000,
            trips: 100_000,
            capacity: 4096,
            out: None,
            figures: None,
        };
        while let Some(name) = args.next() {
            let value = args.next()?;
            match name.as_str() {
                "--rounds" => options.rounds = value.parse().ok()?,
                "--items" => options.items = value.parse().ok()?,
                "--trips" => options.trips = value.parse().ok()?,
                "--capacity" => options.capacity = value.parse().ok()?,
                "--out" => options.out = Some(value),
                "--figures" => options.figures = Some(value),
                _ => return None,
            }
        }
        (options.rounds > 0).then_some(options)
    }
}

fn main() -> ExitCode {
    let Some(options) = Options::parse(std::env::args().skip(1)) else {
        eprintln!("{}", Options::USAGE);
        return ExitCode::from(2);
    };
    let setup = Setup {
        cores: Cores(0, 1),
        capacity: options.capacity,
        items: options.items,
    };
    let mut throughputs = vec![
        Throughputs::new::<u64>("single", single::<u64>()),
        Throughputs::new::<u64>("batch in place", in_place::<u64>()),
        Throughputs::new::<u64>("batch copied", copied::<u64>()),
        Throughputs::new::<[u64; 4]>("single", single::<[u64; 4]>()),
        Throughputs::new::<[u64; 4]>("batch in place", in_place::<[u64; 4]>()),
        Throughputs::new::<[u64; 4]>("batch copied", copied::<[u64; 4]>()),
    ];
    let mut round_trips = RoundTrips::new();
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        for workload in &mut throughputs {
            workload.round(round, setup);
        }
        round_trips.round(
            round,
            Setup {
                items: options.trips,
                ..setup
            },
        );
    }
    let mut rows: Vec<Row> = throughputs.iter().flat_map(Throughputs::rows).collect();
    rows.extend(round_trips.rows());
    let report = Report::new(
        options.rounds,
        options.items,
        options.trips,
        options.capacity,
        rows,
    );
    print!("{}", report.table());
    let out = options.out.map(|path| (report.data(), path));
    let figures = options.figures.map(|path| (report.figures(), path));
    for (text, path) in out.into_iter().chain(figures) {
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("failed to write {path}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
