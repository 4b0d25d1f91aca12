//! Order books over one stream of orders that come and are cancelled: each event changes one level, and the best prices
//! of both sides are read after each.
//!
//! *Deep* has 4000 orders at about 150 prices, so that few events make or empty a level; *thin* has 150 orders at about as
//! many prices, so that most do. The best prices of all contenders are summed up and must agree. Books that match orders
//! get orders, which never cross; those of levels get the change of the level, or what it holds afterwards,
//! as their interface has it.

mod contended;
mod contenders;
mod stream;

use crate::Options;
use compare_harness::{Samples, timed, turns};
use contenders::{Contender, all};
use std::hint::black_box;
use std::time::Duration;
use stream::{Event, Shape, events};

/// Events at most: what comes after is the same.
const EVENTS_MAX: usize = 1_000_000;

/// Events that are timed together. They are gone through once before, so that they are in the cache: their way from
/// memory is not the books'.
const CHUNK: usize = 4096;

pub const DEEP: &str = "book: deep";
pub const THIN: &str = "book: thin";
pub const WRITER: &str = "velox, one writer";
pub const SHARED: &str = "velox, shared";
pub const UNIT: &str = "ns";

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let shapes = [
        Shape {
            name: DEEP,
            orders: 4000,
        },
        Shape {
            name: THIN,
            orders: 150,
        },
    ];
    let count = options.count.min(EVENTS_MAX);
    for shape in shapes {
        let (events, turns) = events(&shape, options.seed, count);
        eprintln!(
            "{}: {:.1} % of the events make or empty a level",
            shape.name,
            100.0 * turns as f64 / count as f64
        );
        for round in 0..options.rounds {
            eprintln!("{}: round {} of {}", shape.name, round + 1, options.rounds);
            compare(shape.name, round, &events, samples);
        }
    }
    contended::run(options, samples)
}

fn compare(workload: &str, round: usize, events: &[Event], samples: &mut Samples) {
    let contenders = all();
    let mut figures = vec![(0.0, 0); contenders.len()];
    for place in turns(contenders.len(), round) {
        figures[place] = (contenders[place].run)(events);
    }
    let alone = by_chunks(events, |chunk| _ = black_box(alone(chunk)));
    for (contender, (nanoseconds, sum)) in contenders.iter().zip(&figures) {
        assert_eq!(
            *sum, figures[0].1,
            "{} has other best prices",
            contender.name
        );
        samples.add(workload, UNIT, contender.name, *nanoseconds);
    }
    samples.add(workload, UNIT, "the events alone", alone);
}

/// A book that takes part.
trait Book {
    fn new() -> Self;
    fn apply(&mut self, event: &Event);
    /// The best bid and ask in ticks, 0 for none.
    fn best(&mut self) -> [i64; 2];
}

/// Nanoseconds for each event, and the sum of the best prices after each. The first tenth is not timed: the book
/// fills up meanwhile.
fn measure<B: Book>(events: &[Event]) -> (f64, i64) {
    let mut book = B::new();
    let (warm_up, rest) = events.split_at(events.len() / 10);
    let mut sum = 0_i64;
    let mut go = |events: &[Event]| {
        // In a register, as long as these take.
        let mut part = 0_i64;
        for event in events {
            book.apply(event);
            let [bid, ask] = book.best();
            part = part.wrapping_add(bid.wrapping_mul(3)).wrapping_add(ask);
        }
        sum = sum.wrapping_add(part);
    };
    go(warm_up);
    let nanoseconds = by_chunks(rest, go);
    (nanoseconds, sum)
}

/// Nanoseconds for each event.
fn by_chunks(events: &[Event], mut go: impl FnMut(&[Event])) -> f64 {
    let mut elapsed = Duration::ZERO;
    for chunk in events.chunks(CHUNK) {
        black_box(alone(chunk));
        elapsed += timed(|| go(chunk)).0;
    }
    elapsed.as_secs_f64() * 1e9 / events.len() as f64
}

/// What it takes to read the events.
fn alone(events: &[Event]) -> i64 {
    let change = |it: &Event| i64::from(it.ticks) ^ contenders::change(it) ^ i64::from(it.ask);
    events.iter().map(change).fold(0, i64::wrapping_add)
}

/// The contender of a name.
fn contender<B: Book>(name: &'static str) -> Contender {
    Contender {
        name,
        run: measure::<B>,
    }
}
