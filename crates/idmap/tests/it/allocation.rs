//! A failure of every allocation, of every operation, and a panic in its place.

use adversary::alloc::Scripted;
use adversary::countdown::{self, Fault};
use allocator_api2::alloc::Global;
use idmap::index::{HashKey, Hashed, Inserted, OrdKey, OrderedMulti};
#[cfg(not(miri))]
use idmap::index::{HashedMulti, Ordered};
use idmap::internal::{ValidateChaos, ValidateCompact};
use idmap::{
    BiHashItem, BiHashMap, Handle, IdHashItem, IdHashMap, IdIndexMap, IdOrdItem, IdOrdMap,
    IndexedMap, TriHashItem, TriHashMap, bi_upcast, id_upcast, tri_upcast,
};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A record whose keys are all the same.
#[derive(Clone, Debug, PartialEq)]
struct Small(u64);

macro_rules! keys {
    ($trait:ident $upcast:ident $($K:ident $key:ident),+) => {
        impl $trait for Small {
            $(
                type $K<'a> = u64;
                fn $key(&self) -> u64 {
                    self.0
                }
            )+
            $upcast!();
        }
    };
}

keys!(IdHashItem id_upcast Key key);
keys!(IdOrdItem id_upcast Key key);
keys!(BiHashItem bi_upcast K1 key1, K2 key2);
keys!(TriHashItem tri_upcast K1 key1, K2 key2, K3 key3);

struct Own<const N: usize>;

impl<const N: usize> HashKey<Small> for Own<N> {
    type Key<'a> = u64;
    fn key(small: &Small) -> u64 {
        small.0
    }
}

impl<const N: usize> OrdKey<Small> for Own<N> {
    type Key<'a> = u64;
    fn key(small: &Small) -> u64 {
        small.0
    }
}

/// Where each access is interpreted, one of each kind of table.
#[cfg(miri)]
type OfAllKinds = (Hashed<Own<0>>, Inserted<Own<2>>, OrderedMulti<Own<4>>);
#[cfg(not(miri))]
type OfAllKinds = (
    Hashed<Own<0>>,
    HashedMulti<Own<1>>,
    Inserted<Own<2>>,
    Ordered<Own<3>>,
    OrderedMulti<Own<4>>,
);

trait Map: Clone {
    fn new() -> Self;
    fn try_reserve(&mut self, additional: usize) -> bool;
    fn insert(&mut self, key: u64) -> bool;
    fn overwrite(&mut self, key: u64);
    fn update(&mut self, from: u64, to: u64);
    fn shrink(&mut self);
    fn remove(&mut self, key: u64);
    fn find(&self, key: u64) -> Option<Handle>;
    fn keys(&self) -> Vec<u64>;
    fn check(&self);
}

/// A map; how it is made; what gives the handle of a key; what inserts a record in the place of others; what checks it.
macro_rules! map {
    ($test:ident, $map:ty, $new:expr, $handle:expr, $overwrite:expr, $check:expr) => {
        impl Map for $map {
            fn new() -> Self {
                let new: fn(In) -> Self = $new;
                new(Scripted::new(Global))
            }
            fn try_reserve(&mut self, additional: usize) -> bool {
                self.try_reserve(additional)
                    .and_then(|()| self.try_reserve(0))
                    .is_ok()
            }
            fn insert(&mut self, key: u64) -> bool {
                self.insert_unique(Small(key)).is_ok()
            }
            fn overwrite(&mut self, key: u64) {
                let overwrite: fn(&mut Self, Small) = $overwrite;
                overwrite(self, Small(key));
            }
            fn update(&mut self, from: u64, to: u64) {
                if let Some(handle) = self.find(from) {
                    drop(self.update_by_handle(handle, |small| small.0 = to));
                }
            }
            fn shrink(&mut self) {
                self.shrink_to_fit();
            }
            fn remove(&mut self, key: u64) {
                let handle = self.find(key);
                handle.and_then(|handle| self.remove_by_handle(handle));
            }
            fn find(&self, key: u64) -> Option<Handle> {
                let find: fn(&Self, u64) -> Option<Handle> = $handle;
                find(self, key)
            }
            fn keys(&self) -> Vec<u64> {
                let mut keys: Vec<u64> = self.iter_handles().map(|(_, small)| small.0).collect();
                keys.sort_unstable();
                keys
            }
            fn check(&self) {
                self.validate_structural(ValidateCompact::NonCompact)
                    .expect("the structure is whole");
                let check: fn(&Self) -> bool = $check;
                assert!(check(self), "each record is where its key says");
            }
        }

        mod $test {
            use super::*;

            #[test]
            fn is_as_before_where_there_is_no_memory() {
                every_allocation_may_fail::<$map>();
            }

            #[test]
            fn is_whole_when_the_allocator_panics() {
                every_allocation_may_panic::<$map>();
            }
        }
    };
}

type In = Scripted<Global>;
/// The same in each run: how a tree by hashes grows depends on them.
type Hasher = BuildHasherDefault<DefaultHasher>;
const LOOSE: ValidateCompact = ValidateCompact::NonCompact;

map!(hash_map, IdHashMap<Small, Hasher, In>, |alloc| Self::with_hasher_in(Hasher::default(), alloc),
    |map, key| map.handle(key),
    |map, small| assert!(map.insert_overwrite(small).iter().len() < 2),
    |map| map.validate(LOOSE).is_ok());
map!(index_map, IdIndexMap<Small, Hasher, In>, |alloc| Self::with_hasher_in(Hasher::default(), alloc),
    |map, key| map.handle(key),
    |map, small| assert!(map.insert_overwrite(small).iter().len() < 2),
    |map| map.validate(LOOSE).is_ok());
map!(ord_map, IdOrdMap<Small, In>, Self::new_in,
    |map, key| map.handle(key),
    |map, small| assert!(map.insert_overwrite(small).iter().len() < 2),
    |map| map.validate(LOOSE, ValidateChaos::No).is_ok());
map!(bi_map, BiHashMap<Small, Hasher, In>, |alloc| Self::with_hasher_in(Hasher::default(), alloc),
    |map, key| map.handle2(key),
    |map, small| assert!(map.insert_overwrite(small).iter().len() < 2),
    |map| map.validate(LOOSE).is_ok());
map!(tri_map, TriHashMap<Small, Hasher, In>, |alloc| Self::with_hasher_in(Hasher::default(), alloc),
    |map, key| map.handle3(key),
    |map, small| assert!(map.insert_overwrite(small).iter().len() < 2),
    |map| map.validate(LOOSE).is_ok());
map!(map_by_all_kinds_of_keys, IndexedMap<Small, OfAllKinds, Hasher, In>, |alloc| Self::with_hasher_in(Hasher::default(), alloc),
    |map, key| map.by(Own::<0>).handle(&key),
    |map, small| {
        map.try_reserve(1).expect("there is memory");
        map.extend([small]);
    },
    |map| map.validate(LOOSE).is_ok());

const SIZES: &[u64] = if cfg!(miri) {
    &[1]
} else {
    &[0, 1, 2, 3, 4, 12, 16, 31, 32, 33, 64, 500]
};

/// How many records go in after a panic.
const FRESH: u64 = if cfg!(miri) { 1 } else { 10 };

fn filled<M: Map>(records: u64) -> M {
    let mut map = M::new();
    (0..records).for_each(|key| assert!(map.insert(key)));
    map
}

/// What can say so gives an error, or unwinds; what was reserved is there.
fn every_allocation_may_fail<M: Map>() {
    let more: &[u64] = if cfg!(miri) {
        &[6]
    } else {
        &[1, 2, 20, 29, 33, 600]
    };
    let mut swept = 0;
    for (&records, &more) in SIZES
        .iter()
        .flat_map(|records| more.iter().map(move |more| (records, more)))
    {
        swept += countdown::for_each(
            Fault::AllocFails,
            || filled::<M>(records),
            |map| map.try_reserve(more as usize),
            |mut map, run| {
                assert_eq!(run.result.ok(), Some(!run.fired));
                map.check();
                assert!(map.keys().into_iter().eq(0..records));
                if !run.fired {
                    let inserted =
                        countdown::run_counted(|| (1000..1000 + more).all(|key| map.insert(key)));
                    assert_eq!(
                        (inserted.result.ok(), inserted.allocations),
                        (Some(true), 0)
                    );
                    map.check();
                }
            },
        );
    }
    for &records in SIZES {
        swept += countdown::for_each(
            Fault::AllocFails,
            || filled::<M>(records),
            |map| catch_unwind(AssertUnwindSafe(|| map.overwrite(1000))).is_ok(),
            |map, run| {
                assert_eq!(run.result.ok(), Some(!run.fired));
                map.check();
                let new = (!run.fired).then_some(1000);
                assert!(map.keys().into_iter().eq((0..records).chain(new)));
            },
        );
    }
    assert!(swept > 0);
}

/// A panic of the allocator changes nothing that was there, though it may keep out what was to come.
fn every_allocation_may_panic<M: Map>() {
    let operations: [fn(&mut M); 8] = [
        |map| _ = map.try_reserve(if cfg!(miri) { 4 } else { 40 }),
        |map| _ = map.insert(1000),
        |map| map.overwrite(0),
        |map| map.overwrite(1000),
        |map| map.update(0, 0),
        |map| map.update(0, 1000),
        |map| map.shrink(),
        |map| drop(map.clone()),
    ];
    let mut swept = 0;
    for &records in SIZES {
        for operation in operations {
            swept += countdown::for_each(
                Fault::AllocPanics,
                || {
                    let mut map = filled::<M>(records + 2);
                    map.remove(records + 1);
                    map.remove(1);
                    map
                },
                operation,
                |mut map, _| {
                    map.check();
                    let all = (1..=records).chain([0, 1000]);
                    assert!(
                        map.keys()
                            .into_iter()
                            .all(|key| all.clone().any(|kept| kept == key))
                    );
                    assert!((2..=records).all(|key| map.find(key).is_some()));
                    assert!((2000..2000 + FRESH).all(|key| map.insert(key)));
                    map.shrink();
                    map.check();
                },
            );
        }
    }
    assert!(swept > 0);
}
