//! Entries of maps with several keys, while these panic and lie.

use adversary::countdown::{self, Run};
use adversary::drops::Ledger;
use adversary::liar::script::random;
use adversary::liar::{Liar, Lie};
use idmap::internal::ValidateCompact;
use idmap::tri_hash_map::Entry;
use idmap::{TriHashItem, TriHashMap, tri_upcast};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Clone, Debug)]
struct Disk {
    keys: [Liar<u32>; 3],
    writes: u32,
}

impl TriHashItem for Disk {
    type K1<'a> = &'a Liar<u32>;
    type K2<'a> = &'a Liar<u32>;
    type K3<'a> = &'a Liar<u32>;
    fn key1(&self) -> &Liar<u32> {
        &self.keys[0]
    }
    fn key2(&self) -> &Liar<u32> {
        &self.keys[1]
    }
    fn key3(&self) -> &Liar<u32> {
        &self.keys[2]
    }
    tri_upcast!();
}

fn disk(keys: [u32; 3], ledger: &Ledger) -> Disk {
    Disk {
        keys: keys.map(|key| Liar::new(key).counted(ledger)),
        writes: 0,
    }
}

type Disks = TriHashMap<Disk, BuildHasherDefault<DefaultHasher>>;

fn setup() -> (Ledger, Disks) {
    let ledger = Ledger::new();
    let map = (0..8)
        .map(|n| disk([n, n + 100, n + 200], &ledger))
        .collect();
    (ledger, map)
}

/// What is done to the entry of three keys.
fn operate((ledger, map): &mut (Ledger, Disks), what: u32, wanted: [u32; 3], other: [u32; 3]) {
    let keys = wanted.map(Liar::new);
    let entry = map.entry(&keys[0], &keys[1], &keys[2]);
    match (what, entry) {
        (0, entry) => drop(entry.or_insert(disk(wanted, ledger))),
        (1, entry) => drop(entry.and_modify(|mut it| it.writes += 1)),
        (2, Entry::Occupied(entry)) => drop(entry.remove()),
        (3, Entry::Occupied(mut entry)) => {
            drop(entry.insert(disk(wanted, ledger)));
            assert!(entry.get().is_unique());
            entry.get_mut().for_each(|mut it| it.writes += 1);
        }
        (4, Entry::Occupied(mut entry)) => {
            // The entry goes on, whatever becomes of the record that it does not take.
            let refused = disk(other, ledger);
            let caught = catch_unwind(AssertUnwindSafe(|| entry.insert(refused)));
            drop(caught);
            drop(catch_unwind(AssertUnwindSafe(|| {
                let _ = entry.get();
            })));
            drop(catch_unwind(AssertUnwindSafe(|| entry.remove())));
        }
        (_, Entry::Occupied(entry)) => drop(entry.into_mut()),
        (_, Entry::Vacant(entry)) => drop(entry.insert_entry(disk(other, ledger))),
    }
}

fn check((ledger, mut map): (Ledger, Disks)) {
    map.validate_structural(ValidateCompact::NonCompact)
        .expect("it is whole");
    let (len, lent) = (map.len(), map.iter_mut().count());
    assert_eq!(len, lent);
    for n in 1000..1010 {
        let new = disk([n; 3], &ledger);
        map.insert_unique(new).expect("nobody is in the way");
    }
    drop(map);
    ledger.assert_clean();
}

/// The keys of one record, of none, of two, of three, of one and none.
const WANTED: [[u32; 3]; 5] = [
    [3, 103, 203],
    [50, 51, 52],
    [3, 104, 204],
    [3, 104, 205],
    [3, 51, 203],
];

#[test]
fn a_panic_in_each_call_of_an_entry_leaves_the_map_whole() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut swept = 0;
    for wanted in &WANTED[..if cfg!(miri) { 1 } else { 5 }] {
        for what in 0..6 {
            swept += countdown::for_each_call(
                setup,
                |state| {
                    drop(catch_unwind(AssertUnwindSafe(|| {
                        operate(state, what, *wanted, [3, 61, 62]);
                    })));
                },
                |state, _: Run<()>| check(state),
            );
        }
    }
    std::panic::set_hook(hook);
    assert!(swept > 50, "{swept}");
}

#[test]
fn lies_in_each_call_of_an_entry_leave_the_map_whole() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for seed in 0..if cfg!(miri) { 6 } else { 600 } {
        let mut state = setup();
        let lies = [
            Lie::eq(random(seed, [true, false])),
            Lie::hash(random(seed * 3 + 2, [0, 1, u64::MAX])),
        ];
        for turn in 0..6 {
            let (what, wanted) = (
                (seed + turn) as u32 % 6,
                WANTED[(seed * 7 + turn) as usize % 5],
            );
            drop(catch_unwind(AssertUnwindSafe(|| {
                operate(&mut state, what, wanted, [3, 61, 62]);
            })));
        }
        drop(lies);
        let (_, map) = &state;
        map.validate_structural(ValidateCompact::NonCompact)
            .expect("it is whole");
        let (ledger, map) = state;
        drop(map);
        ledger.assert_clean();
    }
    std::panic::set_hook(hook);
}

// Rayon has threads by crossbeam-epoch, which Miri objects to under Stacked Borrows.
#[cfg(all(feature = "rayon", not(miri)))]
#[test]
fn a_panic_in_a_thread_leaves_the_map_as_it_is() {
    use rayon::prelude::*;
    let (ledger, mut map) = setup();
    let panics = |call: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(call)).is_err();
    assert!(panics(&mut || map.par_extend(
        (0..100_u32).into_par_iter().map(|n| {
            assert!(n != 57, "it is planned");
            disk([n + 10; 3], &ledger)
        })
    )));
    assert_eq!(map.len(), 8);
    assert!(panics(&mut || map.par_iter_mut().for_each(|mut it| {
        it.writes = 7;
        // A key is changed; it is said in the thread.
        it.keys[1] = Liar::new(7);
    })));
    assert_eq!(map.len(), 8);
    map.validate_structural(ValidateCompact::Compact).unwrap();
    drop(map);
    ledger.assert_clean();
}
