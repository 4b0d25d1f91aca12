//! What grows that should not: memory, comparisons, calls of the hasher.

use adversary::alloc::Shadowed;
use allocator_api2::alloc::Global;
use idmap::{IdHashItem, IdHashMap, IdOrdItem, IdOrdMap, id_upcast};
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::hash::RandomState;

thread_local! {
    static COMPARISONS: Cell<u64> = const { Cell::new(0) };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Counted(u64);
impl Ord for Counted {
    fn cmp(&self, other: &Self) -> Ordering {
        COMPARISONS.set(COMPARISONS.get() + 1);
        self.0.cmp(&other.0)
    }
}
impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
struct Item(Counted);
impl IdOrdItem for Item {
    type Key<'a> = Counted;
    fn key(&self) -> Counted {
        self.0
    }
    id_upcast!();
}
impl IdHashItem for Item {
    type Key<'a> = Counted;
    fn key(&self) -> Counted {
        self.0
    }
    id_upcast!();
}

fn bytes(heap: &Shadowed<Global>) -> usize {
    heap.live().iter().map(|it| it.1.size()).sum()
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Each round replaces all of 1,000 records, one after the other.
macro_rules! churn {
    ($map:expr, $heap:expr, $new:expr, $oldest:literal) => {{
        let (heap, mut map) = ($heap, $map);
        let mut random = Random(7);
        let mut live: VecDeque<u64> = (0..1000).collect();
        live.iter()
            .for_each(|n| drop(map.insert_unique(Item(Counted(*n)))));
        let before = bytes(heap);
        for round in 1..30 {
            COMPARISONS.set(0);
            for n in round * 1000..(round + 1) * 1000 {
                let at = if $oldest {
                    0
                } else {
                    random.below(1000) as usize
                };
                let gone = live.remove(at).unwrap();
                let new: fn(u64, u64) -> u64 = $new;
                let new = new(n, random.below(1 << 40));
                assert!(map.remove(Counted(gone)).is_some());
                assert!(map.insert_unique(Item(Counted(new))).is_ok());
                live.push_back(new);
            }
            // Twice a search for each record, in a tree of two levels.
            assert!(
                COMPARISONS.get() < 1000 * 2 * 14,
                "{} comparisons",
                COMPARISONS.get()
            );
            assert!(
                bytes(heap) <= before + before / 8,
                "{} bytes, of {before}",
                bytes(heap)
            );
        }
        map.clear();
        map.shrink_to_fit();
        assert_eq!(bytes(heap), 0);
    }};
}

#[test]
fn a_map_that_loses_a_record_for_each_that_it_gains_costs_no_more_in_the_end() {
    let heap = Shadowed::new(Global);
    churn!(IdOrdMap::<Item, _>::new_in(&heap), &heap, |n, _| n, true);
    churn!(
        IdOrdMap::<Item, _>::new_in(&heap),
        &heap,
        |n, _| u64::MAX - n,
        true
    );
    churn!(
        IdOrdMap::<Item, _>::new_in(&heap),
        &heap,
        |n, random| n + (random << 20),
        true
    );
    churn!(
        IdOrdMap::<Item, _>::new_in(&heap),
        &heap,
        |n, random| n + (random << 20),
        false
    );
    churn!(
        IdHashMap::<Item, RandomState, _>::with_hasher_in(RandomState::new(), &heap),
        &heap,
        |n, _| n,
        false
    );
}
