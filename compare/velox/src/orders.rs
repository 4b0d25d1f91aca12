//! Maps of orders over one stream of references.
//!
//! References come in sequence with small gaps, as an exchange numbers orders. Of those that go, nine of ten are among the
//! thousand youngest, the others any. Each order is reduced once on average before it goes. The quantities that each map
//! gives back are summed up and must agree.

use crate::Options;
use compare_harness::{Samples, timed, turns};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hint::black_box;
use std::time::Duration;
use velox::{Order, OrderMap, Price, Side};

enum Event {
    Insert(u64, u32),
    Reduce(u64),
    Remove(u64),
}

/// Events that are timed together. They are read once before: their way from memory is not the maps'.
const CHUNK: usize = 4096;

/// Orders at a time that the stream comes to, and its name.
const SIZES: [usize; 2] = [20_000, 500_000];
pub const WORKLOADS: [&str; 2] = ["orders: 20 thousand", "orders: 500 thousand"];
pub const OURS: &str = "velox";
pub const UNIT: &str = "ns";

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    for (alive, workload) in SIZES.into_iter().zip(WORKLOADS) {
        let events = events(options.seed, options.count, alive);
        for round in 0..options.rounds {
            eprintln!("{workload}: round {} of {}", round + 1, options.rounds);
            compare(workload, round, &events, samples);
        }
    }
    Vec::new()
}

fn events(seed: u64, count: usize, wanted: usize) -> Vec<Event> {
    let mut state = seed;
    let mut below = move |end: u64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % end
    };
    let (mut alive, mut next) = (Vec::<u64>::new(), 0);
    let mut events = Vec::with_capacity(count);
    while events.len() < count {
        let len = alive.len() as u64;
        let young = |below: &mut dyn FnMut(u64) -> u64| match below(10) {
            0 => below(len) as usize,
            _ => (len - 1 - below(len.min(1000))) as usize,
        };
        // Grows to what is wanted, and then stays there.
        let share = if alive.len() < wanted { 70 } else { 50 };
        if len == 0 || below(100) < share {
            next += 1 + below(4);
            alive.push(next);
            events.push(Event::Insert(next, 2 + below(1000) as u32));
        } else {
            let reduced = alive[young(&mut below)];
            events.push(Event::Reduce(reduced));
            let at = young(&mut below);
            // Among the old ones order does not matter, and to keep it would take long.
            let old = len as usize - at > 2000;
            let gone = if old {
                alive.swap_remove(at)
            } else {
                alive.remove(at)
            };
            events.push(Event::Remove(gone));
        }
    }
    events.truncate(count);
    events
}

type Contender = (&'static str, fn(&[Event]) -> (f64, u64));

fn compare(workload: &str, round: usize, events: &[Event], samples: &mut Samples) {
    let contenders: [Contender; 3] = [
        (OURS, measure::<OrderMap>),
        (
            "HashMap, foldhash",
            measure::<HashMap<u64, Order, foldhash::fast::FixedState>>,
        ),
        ("HashMap, std", measure::<HashMap<u64, Order>>),
    ];
    let mut figures = [(0.0, 0); 3];
    for place in turns(contenders.len(), round) {
        figures[place] = contenders[place].1(events);
    }
    for ((name, _), (nanoseconds, sum)) in contenders.iter().zip(&figures) {
        assert_eq!(*sum, figures[0].1, "{name} gave other orders");
        samples.add(workload, UNIT, name, *nanoseconds);
    }
}

trait Map: Default {
    fn put(&mut self, reference: u64, order: Order);
    /// Takes one share, and gives what there was.
    fn reduce(&mut self, reference: u64) -> u32;
    fn take(&mut self, reference: u64) -> u32;
}

/// The first half is not timed: the map grows meanwhile.
fn measure<M: Map>(events: &[Event]) -> (f64, u64) {
    let mut map = M::default();
    let order = |quantity| Order {
        price: Price::new(quantity as i32),
        quantity,
        instrument: 1,
        side: Side::Bid,
    };
    let mut sum = 0_u64;
    let mut go = |events: &[Event]| {
        let mut part = 0_u64;
        for event in events {
            part += u64::from(match event {
                Event::Insert(reference, quantity) => {
                    map.put(*reference, order(*quantity));
                    0
                }
                Event::Reduce(reference) => map.reduce(*reference),
                Event::Remove(reference) => map.take(*reference),
            });
        }
        sum += part;
    };
    let (warm_up, rest) = events.split_at(events.len() / 2);
    go(warm_up);
    let mut elapsed = Duration::ZERO;
    for chunk in rest.chunks(CHUNK) {
        black_box(read(chunk));
        elapsed += timed(|| go(chunk)).0;
    }
    (elapsed.as_secs_f64() * 1e9 / rest.len() as f64, sum)
}

/// Brings events into the cache.
fn read(events: &[Event]) -> u64 {
    let reference = |event: &Event| match event {
        Event::Insert(it, _) | Event::Reduce(it) | Event::Remove(it) => *it,
    };
    events.iter().map(reference).fold(0, u64::wrapping_add)
}

impl Map for OrderMap {
    fn put(&mut self, reference: u64, order: Order) {
        self.insert(reference, order).expect("references are new");
    }

    fn reduce(&mut self, reference: u64) -> u32 {
        Self::reduce(self, reference, 1).map_or(0, |it| it.quantity)
    }

    fn take(&mut self, reference: u64) -> u32 {
        self.remove(reference).map_or(0, |it| it.quantity)
    }
}

impl<S: BuildHasher + Default> Map for HashMap<u64, Order, S> {
    fn put(&mut self, reference: u64, order: Order) {
        self.insert(reference, order);
    }

    fn reduce(&mut self, reference: u64) -> u32 {
        let Some(order) = self.get_mut(&reference) else {
            return 0;
        };
        let before = order.quantity;
        order.quantity -= 1;
        if order.quantity == 0 {
            self.remove(&reference);
        }
        before
    }

    fn take(&mut self, reference: u64) -> u32 {
        self.remove(&reference).map_or(0, |it| it.quantity)
    }
}
