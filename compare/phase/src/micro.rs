//! The operations of an allocator, one by one, in nanoseconds.
//!
//! Every figure is a median over the turns of one process. A turn is one phase, so that an
//! allocator that only gives memory back between phases can do so.

use crate::contender::Phases;
use crate::usage::Usage;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Instant;

/// What an operation is called, and its time.
pub type Times = BTreeMap<&'static str, f64>;

const TURNS: usize = 300;
const WARM_UP: usize = 30;
const SMALL: usize = 10_000;
const SPANS: usize = 32;
/// Threads for each core, where more are wanted than can run.
const CROWD: usize = 4;
const BATCHES: usize = 1_000;
const BATCH: usize = 64;

type Sixteen = Box<[u64; 2]>;

/// A group of operations that is measured by a process of its own.
type Group = (&'static str, fn(Phases, &mut Times));

const GROUPS: &[Group] = &[
    ("sixteen", sixteen_bytes),
    ("other-thread", other_thread_frees),
    ("mixed", mixed_sizes),
    ("spans", spans),
    ("growth", growth),
    ("crowd", crowd),
];

/// The names that [`run`] takes.
pub fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|(name, _)| *name)
}

/// Runs the operations of one group.
pub fn run(group: &str, phases: Phases) -> Option<Times> {
    let (_, work) = GROUPS.iter().find(|(name, _)| *name == group)?;
    let mut times = Times::new();
    work(phases, &mut times);
    Some(times)
}

/// Times of one kind of operation, a turn each.
pub struct Turns(Vec<f64>);

impl Default for Turns {
    fn default() -> Self {
        Self(Vec::with_capacity(TURNS))
    }
}

impl Turns {
    /// Runs `work`, which does `count` operations.
    pub fn time<R>(&mut self, count: usize, work: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = work();
        self.push(start.elapsed().as_nanos() as f64 / count as f64);
        result
    }

    fn push(&mut self, time: f64) {
        self.0.push(time);
    }

    /// The middle one, without the first few.
    pub fn median(mut self) -> f64 {
        self.0.drain(..WARM_UP.min(self.0.len() / 2));
        self.0.sort_by(f64::total_cmp);
        self.0[self.0.len() / 2]
    }
}

fn sixteen_bytes(phases: Phases, times: &mut Times) {
    let mut kept: Vec<Sixteen> = Vec::with_capacity(SMALL);
    let (mut alloc, mut free) = (Turns::default(), Turns::default());
    for turn in 0..TURNS as u64 {
        let _phase = phases.start();
        alloc.time(SMALL, || fill(&mut kept, turn));
        free.time(SMALL, || kept.clear());
    }
    times.insert("16 B alloc", alloc.median());
    times.insert("16 B free, same thread", free.median());
}

fn fill(kept: &mut Vec<Sixteen>, turn: u64) {
    for number in 0..SMALL as u64 {
        kept.push(black_box(Box::new([turn, number])));
    }
}

/// A second thread frees what this one allocates; the allocations after that pay for taking the
/// memory back. The vector changes hands without an allocation.
fn other_thread_frees(phases: Phases, times: &mut Times) {
    let batch: Mutex<Vec<Sixteen>> = Mutex::new(Vec::with_capacity(SMALL));
    let turn_about = Barrier::new(2);
    let (mut alloc, mut free) = (Turns::default(), Turns::default());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..TURNS {
                turn_about.wait();
                let mut batch = batch.lock().expect("no one panics with it");
                free.time(SMALL, || batch.clear());
                drop(batch);
                turn_about.wait();
            }
        });
        for turn in 0..TURNS as u64 {
            let _phase = phases.start();
            let mut batch = batch.lock().expect("no one panics with it");
            alloc.time(SMALL, || fill(&mut batch, turn));
            drop(batch);
            turn_about.wait();
            turn_about.wait();
        }
    });
    times.insert("16 B alloc, freed by another thread", alloc.median());
    times.insert("16 B free, another thread", free.median());
}

/// A window of live blocks of 16 B to 2 KiB, where each new one replaces a random old one.
fn mixed_sizes(phases: Phases, times: &mut Times) {
    let mut random = Random(1);
    let mut replace = Turns::default();
    let mut window: Vec<Vec<u8>> = Vec::with_capacity(1_024);
    for _ in 0..TURNS {
        let _phase = phases.start();
        window.resize_with(1_024, || block(16));
        replace.time(SMALL, || {
            for _ in 0..SMALL {
                let place = random.below(1_024);
                window[place] = block(16 + random.below(2_033));
            }
        });
        window.clear();
    }
    times.insert("16 B to 2 KiB, replaced at random", replace.median());
}

/// A block whose first byte is written.
fn block(size: usize) -> Vec<u8> {
    let mut block = Vec::with_capacity(size);
    block.push(size as u8);
    black_box(block)
}

/// Spans of 160 KiB to 1.1 MiB that are not touched, allocated in order and freed in order.
fn spans(phases: Phases, times: &mut Times) {
    let mut kept: Vec<Vec<u8>> = Vec::with_capacity(SPANS);
    let (mut alloc, mut free) = (Turns::default(), Turns::default());
    for _ in 0..TURNS {
        let _phase = phases.start();
        alloc.time(SPANS, || {
            for number in 0..SPANS {
                kept.push(black_box(Vec::with_capacity((160 << 10) + (number << 15))));
            }
        });
        free.time(SPANS, || kept.clear());
    }
    times.insert("span over 128 KiB alloc, 32 live", alloc.median());
    times.insert("span over 128 KiB free, 32 live", free.median());
    let pair = |touch: bool| {
        let mut pair = Turns::default();
        for _ in 0..TURNS {
            let _phase = phases.start();
            pair.time(SPANS, || {
                for _ in 0..SPANS {
                    let mut span: Vec<u8> = Vec::with_capacity(black_box(256 << 10));
                    if touch {
                        span.push(1);
                    }
                    drop(black_box(span));
                }
            });
        }
        pair.median()
    };
    times.insert("span of 256 KiB alloc, free at once", pair(false));
    times.insert("span of 256 KiB alloc, touch, free at once", pair(true));
}

/// A vector that is pushed to without a capacity, to 4 MiB.
fn growth(phases: Phases, times: &mut Times) {
    const ITEMS: usize = 1 << 19;
    let mut push = Turns::default();
    for turn in 0..TURNS / 3 {
        let _phase = phases.start();
        push.time(ITEMS, || {
            let mut items = Vec::new();
            for item in 0..ITEMS {
                items.push(black_box(item ^ turn));
            }
            items
        });
    }
    times.insert("push to a growing vector", push.median());
}

/// More threads than cores, each of which frees what its neighbour allocated: processor time for
/// one allocation and its free.
fn crowd(phases: Phases, times: &mut Times) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores * CROWD;
    let _phase = phases.start();
    let before = Usage::now();
    let (senders, mut receivers): (Vec<_>, Vec<_>) = (0..threads).map(|_| channel()).unzip();
    receivers.rotate_left(1);
    let links = senders.into_iter().zip(receivers);
    thread::scope(|scope| {
        for (number, (sender, receiver)) in links.enumerate() {
            scope.spawn(move || member(number as u64, sender, receiver));
        }
    });
    let after = Usage::now();
    let used = after.user_us + after.system_us - before.user_us - before.system_us;
    let count = (threads * BATCHES * BATCH) as f64;
    times.insert("4 threads a core, pair", used as f64 * 1e3 / count);
}

fn member(number: u64, sender: Sender<Vec<Vec<u8>>>, receiver: Receiver<Vec<Vec<u8>>>) {
    let mut random = Random(number + 1);
    for _ in 0..BATCHES {
        let batch = (0..BATCH)
            .map(|_| block(16 + random.below(1_009)))
            .collect();
        // The neighbour may be done already.
        drop(sender.send(batch));
        drop(receiver.recv());
    }
}

/// Xorshift: fast, and the same numbers for every contender.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
