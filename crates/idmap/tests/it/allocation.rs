//! A failure of every allocation, of every operation.

use adversary::alloc::Scripted;
use adversary::countdown::{self, Fault};
use allocator_api2::alloc::Global;
use idmap::{IdHashItem, IdHashMap, IdOrdItem, IdOrdMap, id_upcast};

#[derive(Clone, Debug, PartialEq)]
struct Small(u64);

impl IdHashItem for Small {
    type Key<'a> = u64;
    fn key(&self) -> u64 {
        self.0
    }
    id_upcast!();
}

impl IdOrdItem for Small {
    type Key<'a> = u64;
    fn key(&self) -> u64 {
        self.0
    }
    id_upcast!();
}

macro_rules! sweep {
    ($new:expr, $check:expr) => {{
        let (new, check) = ($new, $check);
        let mut swept_all = 0;
        let sizes: &[u64] = if cfg!(miri) {
            &[0, 3]
        } else {
            &[0, 1, 2, 3, 4, 12, 16, 31, 32, 33, 64, 500]
        };
        let more: &[usize] = if cfg!(miri) {
            &[20]
        } else {
            &[1, 2, 20, 29, 33, 600]
        };
        for (&records, &more) in sizes
            .iter()
            .flat_map(|records| more.iter().map(move |more| (records, more)))
        {
            let swept = countdown::for_each(
                Fault::AllocFails,
                || {
                    let mut map = new();
                    (0..records).for_each(|key| map.insert_unique(Small(key)).unwrap());
                    map
                },
                |map| {
                    map.try_reserve(more)
                        .and_then(|()| map.try_reserve(0))
                        .is_ok()
                },
                |mut map, run| {
                    assert_eq!(run.result.ok(), Some(!run.fired));
                    check(&map);
                    assert!((0..records).all(|key| map.get(&key).is_some()));
                    // What was reserved is there: nothing allocates.
                    if !run.fired {
                        let inserted = countdown::run_counted(|| {
                            (1000..1000 + more as u64)
                                .for_each(|key| map.insert_unique(Small(key)).unwrap());
                        });
                        assert_eq!(inserted.allocations, 0);
                        check(&map);
                    }
                },
            );
            swept_all += swept;
        }
        assert!(swept_all > 0);
    }};
}

#[test]
fn a_hash_map_without_memory_is_as_before() {
    sweep!(
        || IdHashMap::<Small, _, _>::new_in(Scripted::new(Global)),
        |map: &IdHashMap<Small, _, Scripted<Global>>| {
            map.validate(idmap::internal::ValidateCompact::NonCompact)
                .unwrap();
        }
    );
}

#[test]
fn an_ordered_map_without_memory_is_as_before() {
    sweep!(
        || IdOrdMap::<Small, _>::new_in(Scripted::new(Global)),
        |map: &IdOrdMap<Small, Scripted<Global>>| {
            map.validate(
                idmap::internal::ValidateCompact::NonCompact,
                idmap::internal::ValidateChaos::No,
            )
            .unwrap();
        }
    );
}
