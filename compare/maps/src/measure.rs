//! One contender through all operations. Times are nanoseconds of one operation, of this thread's
//! processor time: what else the machine does does not count, unless it takes cache and memory.

use crate::contenders::{Map, Multi};
use crate::records::{Data, Key, Payload, Several};
use crate::workloads::SMALL;
use compare_harness::{counting, processor_time};
use std::hint::black_box;
use std::time::Duration;

/// Each operation is done that often, in as many passes as it takes; the median pass counts.
const ENOUGH: usize = 100_000;

pub const MEMORY: &str = "memory";
pub const PEAK: &str = "memory at most, while building";

/// One contender's figures of one round, each with the name of its operation.
#[derive(Default)]
pub struct Figures(pub Vec<(&'static str, f64)>);

impl Figures {
    /// Times passes, which are numbered.
    fn add(&mut self, operation: &'static str, count: usize, pass: impl FnMut(usize) -> Duration) {
        let passes = (ENOUGH / count).max(1);
        self.add_times(operation, count, (0..passes).map(pass).collect());
    }

    fn add_times(&mut self, operation: &'static str, count: usize, mut times: Vec<Duration>) {
        times.sort();
        let median = times[times.len() / 2].as_nanos() as f64;
        self.0.push((operation, median / count as f64));
    }

    /// Bytes for each record after building the map one by one, and at most meanwhile.
    fn add_memory<M>(&mut self, records: usize, build: impl FnOnce() -> M) {
        let bytes = counting::count(build);
        self.0.push((MEMORY, bytes.live / records as f64));
        self.0.push((PEAK, bytes.peak / records as f64));
    }
}

/// A map with one key. Memory is the same in each round.
pub fn single<K: Key, M: Map<K>>(data: &Data<K>, first_round: bool) -> Figures {
    let mut figures = Figures::default();
    if first_round {
        figures.add_memory(data.len, || {
            let mut map = M::with_capacity(0);
            data.records(0).for_each(|it| map.insert(it));
            map
        });
    }
    let build = |variant: usize, capacity: usize| {
        let mut map = M::with_capacity(capacity);
        let elapsed = fill(data.records(variant).collect(), |it| map.insert(it));
        (black_box(map), elapsed)
    };
    let mut first = None;
    figures.add("insert", data.len, |pass| {
        let (map, elapsed) = build(pass, 0);
        first.get_or_insert(map);
        elapsed
    });
    if M::RESERVES {
        figures.add("insert, reserved", data.len, |pass| build(pass, data.len).1);
    }
    let mut map = first.expect("there is a pass");
    read(&mut figures, data, &map);
    write(&mut figures, data, &mut map);
    remove(&mut figures, data, &mut map);
    figures
}

fn read<K: Key, M: Map<K>>(figures: &mut Figures, data: &Data<K>, map: &M) {
    figures.add("get", data.hits.len(), |_| {
        look_up(&data.hits, |key| map.get(key))
    });
    figures.add("get, missing", data.misses.len(), |_| {
        look_up(&data.misses, |key| map.get(key))
    });
    figures.add("iter", data.len, |_| {
        timed(|| {
            let mut sum = 0_u64;
            map.each(|payload| sum = sum.wrapping_add(payload[2]));
            black_box(sum);
        })
    });
    if M::RANGES {
        let starts = &data.hits[..data.hits.len() / 100];
        figures.add("range of 100", starts.len(), |_| {
            timed(|| {
                starts
                    .iter()
                    .for_each(|key| _ = black_box(map.sum_of_100(key)))
            })
        });
    }
    figures.add("clone", data.len, |_| {
        let mut copy = None;
        let elapsed = timed(|| copy = black_box(Some(map.clone())));
        drop(copy);
        elapsed
    });
}

fn write<K: Key, M: Map<K>>(figures: &mut Figures, data: &Data<K>, map: &mut M) {
    figures.add("get_mut", data.hits.len(), |_| {
        let bump = |payload: &mut Payload| payload[1] = payload[1].wrapping_add(1);
        timed(|| data.hits.iter().for_each(|key| map.update(key, bump)))
    });
    figures.add("iter_mut", data.len, |_| {
        timed(|| map.each_mut(|payload| payload[3] = payload[3].wrapping_add(1)))
    });
}

fn remove<K: Key, M: Map<K>>(figures: &mut Figures, data: &Data<K>, map: &mut M) {
    let count = data.removals(0).len();
    let mut removed = Vec::with_capacity(count);
    let mut refills = Vec::new();
    figures.add("remove", count, |pass| {
        let keys = data.removals(pass).iter();
        let elapsed = timed(|| removed.extend(keys.filter_map(|key| map.remove(key))));
        assert_eq!(removed.len(), count);
        refills.push(timed(|| removed.drain(..).for_each(|it| map.insert(it))));
        elapsed
    });
    figures.add_times("refill", count, refills);
    // Each takes linear time.
    if M::KEEPS_ORDER && data.len <= SMALL {
        figures.add("remove, keeping the order", count, |pass| {
            let keys = data.removals(pass).iter();
            let elapsed = timed(|| removed.extend(keys.filter_map(|key| map.remove_in_order(key))));
            assert_eq!(removed.len(), count);
            removed.drain(..).for_each(|it| map.insert(it));
            elapsed
        });
    }
    if M::SHRINKS {
        data.removals(0)
            .iter()
            .for_each(|key| drop(map.remove(key)));
        figures.add("shrink", data.len - count, |_| {
            let mut copy = map.clone();
            let elapsed = timed(|| copy.shrink());
            drop(black_box(copy));
            elapsed
        });
    }
}

/// A map with several keys.
pub fn multi<K: Key, const N: usize, M: Multi<K, N>>(data: &Data<K>, first_round: bool) -> Figures {
    let mut figures = Figures::default();
    if first_round {
        figures.add_memory(data.len, || {
            let mut map = M::new();
            data.several(0).for_each(|it| map.insert(it));
            map
        });
    }
    let build = |variant: usize| {
        let mut map = M::new();
        let records: Vec<Several<K, N>> = data.several(variant).collect();
        let elapsed = fill(records, |it| map.insert(it));
        (black_box(map), elapsed)
    };
    let mut first = None;
    figures.add("insert", data.len, |pass| {
        let (map, elapsed) = build(pass);
        first.get_or_insert(map);
        elapsed
    });
    let mut map = first.expect("there is a pass");
    figures.add("get by the first", data.hits.len(), |_| {
        look_up(&data.hits, |key| map.by_first(key))
    });
    figures.add("get by the last", data.hits.len(), |_| {
        look_up(&data.hits_by_last, |key| map.by_last(key))
    });
    if M::WRITES {
        figures.add("iter_mut", data.len, |_| {
            timed(|| map.each_mut(|payload| payload[3] = payload[3].wrapping_add(1)))
        });
    }
    let count = data.removals(0).len();
    let mut removed = Vec::with_capacity(count);
    figures.add("remove", count, |pass| {
        let keys = data.removals(pass).iter();
        let elapsed = timed(|| removed.extend(keys.filter_map(|key| map.remove(key))));
        assert_eq!(removed.len(), count);
        removed.drain(..).for_each(|it| map.insert(it));
        elapsed
    });
    figures
}

fn timed(operation: impl FnOnce()) -> Duration {
    let start = processor_time();
    operation();
    processor_time() - start
}

/// Looks for each key and reads what is found.
fn look_up<'m, K>(keys: &[K], get: impl Fn(&K) -> Option<&'m Payload>) -> Duration {
    timed(|| {
        let mut sum = 0_u64;
        for key in keys {
            sum = sum.wrapping_add(get(key).map_or(1, |payload| payload[0]));
        }
        black_box(sum);
    })
}

/// Puts all into a map; what held them is dropped when the time has been taken.
fn fill<R>(items: Vec<R>, insert: impl FnMut(R)) -> Duration {
    let mut items = items.into_iter();
    let elapsed = timed(|| items.by_ref().for_each(insert));
    drop(items);
    elapsed
}
