//! A panic in every call into the keys, of every operation.

use crate::record::{Map, Record, both};
use adversary::countdown;
use adversary::drops::Ledger;
use adversary::liar::Liar;

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
            for key in 1000..(if cfg!(miri) { 1003 } else { 1040 }) {
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
    let few = if cfg!(miri) { 3 } else { 40 };
    let mut swept = 0;
    let keys: &[u32] = if cfg!(miri) { &[2] } else { &[0, 3, few] };
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
        for to in [key, key + 1, key + 2, 2001] {
            swept += sweep::<M>(few, |map| {
                let _ = map.update(&liar(), to);
            });
        }
    }
    swept += sweep::<M>(few, |map| {
        map.retain(|record| {
            countdown::tick();
            record.id() % 3 == 0
        });
    });
    swept += sweep::<M>(few, |map| {
        drop(map.extract(|record| {
            countdown::tick();
            record.id() % 3 == 0
        }));
    });
    swept += sweep::<M>(few, |map| drop(map.clone()));
    swept += sweep::<M>(few, |map| {
        let _ = map.clone() == *map;
    });
    swept += sweep::<M>(few, Map::clear);
    swept += sweep::<M>(few, Map::shrink);
    swept += sweep::<M>(few, |map| {
        let _ = map.reserve(100);
    });
    assert!(swept > if cfg!(miri) { 20 } else { 100 }, "{swept} calls");
}

both!(every_call_of_every_operation_may_panic);
