//! A panic in every call into the keys, of every operation.

use crate::record::{Map, Record, each_map};
use adversary::countdown;
use adversary::drops::Ledger;
use adversary::liar::Liar;
use idmap::{BiHashMap, TriHashMap};

/// After a panic the structure is whole, no record is lent twice, lost without its drop or dropped twice, and the map
/// takes records and gives them back.
fn sweep<M: Map>(records: u32, operation: impl Fn(&mut M)) -> u64 {
    let setup = || {
        let ledger = Ledger::new();
        let map: M = (0..records)
            .map(|key| Record::counted(key * 2, &ledger))
            .collect();
        (ledger, map)
    };
    countdown::for_each_call(
        setup,
        |(_, map)| operation(map),
        |(ledger, mut map), _| {
            map.check();
            assert_eq!(map.touch_all(), map.len());
            assert_eq!(map.ids().len(), map.len());
            map.shrink();
            map.check();
            for key in 1000..(if cfg!(miri) { 1001 } else { 1040 }) {
                assert!(map.insert_unique(Record::counted(key, &ledger)).is_ok());
                assert!(map.get(&Liar::new(key)).is_some());
            }
            map.check();
            drop(map);
            ledger.assert_clean();
        },
    )
}

fn every_call_of_every_operation_may_panic<M: Map>() {
    let few = if cfg!(miri) { 2 } else { 40 };
    let mut swept = 0;
    let keys: &[u32] = if cfg!(miri) { &[0] } else { &[0, 3, few] };
    for &key in keys {
        let liar = || Liar::new(key);
        let record = || Record::new(key, 1);
        swept += sweep::<M>(few, |map| {
            let _ = map.get(&liar()).is_some();
        });
        swept += sweep::<M>(few, |map| {
            let _ = map.get_mut(&liar()).map(|mut record| record.payload = 3);
        });
        swept += sweep::<M>(few, |map| drop(map.remove(&liar())));
        swept += sweep::<M>(few, |map| drop(map.insert_unique(record())));
        swept += sweep::<M>(few, |map| drop(map.insert_overwrite(record())));
        swept += sweep::<M>(few, |map| {
            let _ = map.or_insert(record());
        });
        // The same key, one that comes next, that of another record, one behind all.
        let keys = [key, key + 1, key + 2, 2001];
        for &to in if cfg!(miri) { &keys[1..3] } else { &keys[..] } {
            swept += sweep::<M>(few, |map| {
                let _ = map.update(&liar(), to);
            });
        }
    }
    // The operations on all records.
    let all = if cfg!(miri) { 1 } else { few };
    swept += sweep::<M>(all, |map| {
        map.retain(|record| {
            countdown::tick();
            record.id() % 3 == 0
        });
    });
    swept += sweep::<M>(all, |map| {
        drop(map.extract(|record| {
            countdown::tick();
            record.id() % 3 == 0
        }));
    });
    swept += sweep::<M>(all, |map| drop(map.clone()));
    swept += sweep::<M>(all, |map| {
        let _ = map.clone() == *map;
    });
    swept += sweep::<M>(all, Map::clear);
    swept += sweep::<M>(all, Map::shrink);
    swept += sweep::<M>(all, |map| {
        let _ = map.reserve(if cfg!(miri) { 6 } else { 100 });
    });
    assert!(swept > if cfg!(miri) { 20 } else { 100 }, "{swept} calls");
}

each_map!(every_call_of_every_operation_may_panic);

/// The operations on several keys at once, where one record has some of them, or several have.
macro_rules! keys_in_part {
    ($test:ident, $map:ident, $module:ident, |$keys:ident| $queries:tt) => {
        #[test]
        fn $test() {
            type Map = $map<Record>;
            let mut swept = 0;
            // Of one record; of two; of three, or two and none; of none.
            let all: &[[u32; 3]] = if cfg!(miri) { &[[2, 4, 0]] } else { &[[2, 2, 2], [2, 4, 2], [4, 2, 0], [3, 2, 7], [3, 5, 7]] };
            for numbers in all {
                let keys = || numbers.map(Liar::new);
                let new = || Record::with(*numbers, 1);
                let operations: &[&dyn Fn(&mut Map)] = &[
                    &|map| drop(map.insert_unique(new())),
                    &|map| drop(map.insert_overwrite(new())),
                    &|map| map.extend([new()]),
                    &|map| drop(map.update1(&Liar::new(2), |record| *record = new())),
                    &|map| {
                        let $keys = keys();
                        let _ = map.get_unique $queries.is_some();
                        let _ = map.get_mut_unique $queries.map(|mut record| record.payload = 3);
                        drop(map.remove_unique $queries);
                    },
                    &|map| {
                        let $keys = keys();
                        drop(map.entry $queries.and_modify(|mut record| record.payload = 3).or_insert_with(new));
                    },
                    &|map| {
                        let $keys = keys();
                        match map.entry $queries {
                            idmap::$module::Entry::Occupied(mut entry) => drop(entry.insert(new())),
                            idmap::$module::Entry::Vacant(entry) => drop(entry.insert_entry(new())),
                        }
                    },
                    &|map| {
                        let $keys = keys();
                        if let idmap::$module::Entry::Occupied(entry) = map.entry $queries {
                            drop(entry.remove());
                        }
                    },
                ];
                for operation in operations {
                    swept += sweep::<Map>(if cfg!(miri) { 3 } else { 20 }, operation);
                }
            }
            assert!(swept > 20, "{swept} calls");
        }
    };
}

keys_in_part!(
    every_call_on_two_keys_may_panic,
    BiHashMap,
    bi_hash_map,
    |keys| (&keys[0], &keys[1])
);
keys_in_part!(
    every_call_on_three_keys_may_panic,
    TriHashMap,
    tri_hash_map,
    |keys| (&keys[0], &keys[1], &keys[2])
);
