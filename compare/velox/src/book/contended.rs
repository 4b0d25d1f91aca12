//! Two threads that update one book at once, each pinned to a processor of its own.
//!
//! Each has orders of its own, at the same prices as the other's: a deep stream each. Both read the best prices after each
//! update. Beside the shared book stand what one writes otherwise: a lock around ordered maps, and around the book for one
//! writer. All must end with the same best prices.

use super::Book;
use super::contenders::{Maps, change, side};
use super::stream::{Event, Shape, events};
use crate::Options;
use compare_harness::{Samples, turns};
use std::hint::black_box;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Instant;
use velox::affinity::{pin, processors};
use velox::{BookWriter, Price, SharedBook, SharedBookConfig};

const WORKLOAD: &str = "book: two threads at once";
const UNIT: &str = "ns for both threads' updates, each";
const RETRIES: &str = "% of updates that met another";

/// What both threads update.
trait Common: Sync {
    fn new() -> Self;
    /// Applies an event, and gives the best prices after it.
    fn apply(&self, event: &Event) -> [i64; 2];
    /// How often an update had to be tried again.
    fn retries(&self) -> Option<u64> {
        None
    }
}

impl Common for SharedBook {
    fn new() -> Self {
        Self::new(SharedBookConfig {
            first: Price::new(8_000),
            slots: 4096,
            step: 1,
        })
    }

    fn apply(&self, event: &Event) -> [i64; 2] {
        let done = self.update(side(event), Price::new(event.ticks), change(event));
        debug_assert!(done.is_ok());
        let top = self.top();
        [top.bid, top.ask].map(super::contenders::ticks)
    }

    fn retries(&self) -> Option<u64> {
        Some(Self::retries(self))
    }
}

impl Common for Mutex<BookWriter> {
    fn new() -> Self {
        Self::new(BookWriter::new())
    }

    fn apply(&self, event: &Event) -> [i64; 2] {
        let mut book = self.lock().expect("nobody panics");
        let done = book.update(side(event), Price::new(event.ticks), change(event));
        debug_assert!(done.is_ok());
        let top = book.top();
        [top.bid, top.ask].map(super::contenders::ticks)
    }
}

impl Common for Mutex<Maps> {
    fn new() -> Self {
        Self::new(<Maps as Book>::new())
    }

    fn apply(&self, event: &Event) -> [i64; 2] {
        let mut book = self.lock().expect("nobody panics");
        book.apply(event);
        book.best()
    }
}

type Contender = (&'static str, fn([&[Event]; 2], [usize; 2]) -> Figures);

#[derive(Clone, Copy, Default)]
struct Figures {
    nanoseconds: f64,
    best: [i64; 2],
    retries: Option<u64>,
}

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let &[first, second, ..] = processors().as_slice() else {
        return vec![format!("{WORKLOAD}: it takes two processors")];
    };
    let contenders: [Contender; 3] = [
        (super::SHARED, measure::<SharedBook>),
        (
            "velox, one writer behind a lock",
            measure::<Mutex<BookWriter>>,
        ),
        ("two BTreeMaps behind a lock", measure::<Mutex<Maps>>),
    ];
    let count = options.count.min(super::EVENTS_MAX) / 2;
    let shape = Shape {
        name: WORKLOAD,
        orders: 2000,
    };
    let streams = [0, 1].map(|it| events(&shape, options.seed + it, count).0);
    for round in 0..options.rounds {
        eprintln!("{WORKLOAD}: round {} of {}", round + 1, options.rounds);
        let mut figures = [Figures::default(); 3];
        for turn in turns(contenders.len(), round) {
            let streams = [&streams[0], &streams[1]].map(Vec::as_slice);
            figures[turn] = (contenders[turn].1)(streams, [first, second]);
        }
        for ((name, _), it) in contenders.iter().zip(figures) {
            assert_eq!(it.best, figures[0].best, "{name} has other best prices");
            samples.add(WORKLOAD, UNIT, name, it.nanoseconds);
            if let Some(retries) = it.retries {
                let share = 100.0 * retries as f64 / (2 * count) as f64;
                samples.add(WORKLOAD, RETRIES, name, share);
            }
        }
    }
    Vec::new()
}

/// Wall time by the updates of both: the threads run at once, so one alone would need twice that for each of its own.
fn measure<C: Common>(streams: [&[Event]; 2], cpus: [usize; 2]) -> Figures {
    let book = C::new();
    let start = Barrier::new(2);
    let go = |stream: &[Event], cpu| {
        pin(cpu).expect("the processor is there");
        black_box(super::alone(stream));
        start.wait();
        let begin = Instant::now();
        let mut sum = 0_i64;
        for event in stream {
            let [bid, ask] = book.apply(event);
            sum = sum.wrapping_add(bid ^ ask);
        }
        black_box(sum);
        (begin, Instant::now())
    };
    let times = thread::scope(|scope| {
        let threads = [0, 1].map(|it| scope.spawn(move || go(streams[it], cpus[it])));
        threads.map(|it| it.join().expect("no thread panics"))
    });
    let begin = times[0].0.min(times[1].0);
    let elapsed = times[0].1.max(times[1].1) - begin;
    // An event that changes nothing tells the best prices at the end.
    let last = Event {
        order: 0,
        ticks: 9_000,
        quantity: 0,
        level: 0,
        ask: false,
        add: true,
    };
    let count = streams[0].len() + streams[1].len();
    Figures {
        nanoseconds: elapsed.as_secs_f64() * 1e9 / count as f64,
        best: book.apply(&last),
        retries: book.retries(),
    }
}
