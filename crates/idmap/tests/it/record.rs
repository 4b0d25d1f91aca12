//! Records whose keys tick, lie, panic, and are counted.

use adversary::drops::Ledger;
use adversary::liar::Liar;
use idmap::index::{HashKey, Hashed, HashedMulti, Inserted, OrdKey, Ordered, OrderedMulti};
use idmap::internal::{ValidateChaos, ValidateCompact};
use idmap::{
    BiHashItem, IdHashItem, IdOrdItem, IndexedMap, TriHashItem, bi_upcast, id_upcast, tri_upcast,
};
use std::hash::{BuildHasherDefault, DefaultHasher};

/// A record with a key that calls the test-kit for all it is asked, and a payload. Its second key and its third are of
/// the same value, unless it is told otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) key: Liar<u32>,
    pub(crate) others: [Liar<u32>; 2],
    pub(crate) payload: u32,
}

impl Record {
    pub(crate) fn new(key: u32, payload: u32) -> Self {
        Self::with([key; 3], payload)
    }

    pub(crate) fn with([key, second, third]: [u32; 3], payload: u32) -> Self {
        Self {
            key: Liar::new(key),
            others: [Liar::new(second), Liar::new(third)],
            payload,
        }
    }

    pub(crate) fn counted(key: u32, ledger: &Ledger) -> Self {
        Self {
            key: Liar::new(key).counted(ledger),
            ..Self::new(key, key)
        }
    }

    pub(crate) fn id(&self) -> u32 {
        *self.key.get()
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.payload == other.payload
    }
}

impl IdHashItem for Record {
    type Key<'a> = &'a Liar<u32>;

    fn key(&self) -> &Liar<u32> {
        &self.key
    }

    id_upcast!();
}

impl IdOrdItem for Record {
    type Key<'a> = &'a Liar<u32>;

    fn key(&self) -> &Liar<u32> {
        &self.key
    }

    id_upcast!();
}

impl BiHashItem for Record {
    type K1<'a> = &'a Liar<u32>;
    type K2<'a> = &'a Liar<u32>;

    fn key1(&self) -> &Liar<u32> {
        &self.key
    }

    fn key2(&self) -> &Liar<u32> {
        &self.others[0]
    }

    bi_upcast!();
}

impl TriHashItem for Record {
    type K1<'a> = &'a Liar<u32>;
    type K2<'a> = &'a Liar<u32>;
    type K3<'a> = &'a Liar<u32>;

    fn key1(&self) -> &Liar<u32> {
        &self.key
    }

    fn key2(&self) -> &Liar<u32> {
        &self.others[0]
    }

    fn key3(&self) -> &Liar<u32> {
        &self.others[1]
    }

    tri_upcast!();
}

/// What the maps have in common, by the first key, for tests that are for all.
pub(crate) trait Map:
    Clone + PartialEq + std::fmt::Debug + Default + FromIterator<Record>
{
    fn get(&self, key: &Liar<u32>) -> Option<&Record>;
    fn get_mut(&mut self, key: &Liar<u32>) -> Option<impl std::ops::DerefMut<Target = Record>>;
    fn remove(&mut self, key: &Liar<u32>) -> Option<Record>;
    fn insert_unique(&mut self, record: Record) -> Result<(), Box<Record>>;
    fn insert_overwrite(&mut self, record: Record) -> Option<Record>;
    fn or_insert(&mut self, record: Record) -> u32;
    fn update(&mut self, key: &Liar<u32>, to: u32) -> Option<bool>;
    fn retain(&mut self, keep: impl FnMut(&mut Record) -> bool);
    fn extract(&mut self, remove: impl FnMut(&Record) -> bool) -> Vec<Record>;
    fn ids(&self) -> Vec<u32>;
    fn touch_all(&mut self) -> usize;
    fn len(&self) -> usize;
    fn clear(&mut self);
    fn shrink(&mut self);
    fn reserve(&mut self, additional: usize) -> bool;
    /// Whether the structure is whole, whatever the keys say.
    fn check(&self);
    /// Whether each record is found by its key.
    fn check_keys(&self);
    const ORDERED: bool;
}

/// What is the same in each map.
macro_rules! of_all_maps {
    () => {
        fn retain(&mut self, mut keep: impl FnMut(&mut Record) -> bool) {
            self.retain(|mut record| keep(&mut record));
        }
        fn extract(&mut self, mut remove: impl FnMut(&Record) -> bool) -> Vec<Record> {
            self.extract_if(|record| remove(&record)).collect()
        }
        fn ids(&self) -> Vec<u32> {
            self.iter().map(Record::id).collect()
        }
        fn touch_all(&mut self) -> usize {
            let mut all: Vec<_> = self.iter_mut().collect();
            // All at once: a record that were lent twice would be two `&mut` to one place, which Miri sees.
            all.iter_mut()
                .for_each(|record| record.payload = record.payload.wrapping_add(1));
            let lent = all.len();
            // Keys that lie have changed as far as the references can see.
            all.into_iter().for_each(std::mem::forget);
            lent
        }
        fn len(&self) -> usize {
            self.len()
        }
        fn clear(&mut self) {
            self.clear();
        }
        fn shrink(&mut self) {
            self.shrink_to_fit();
        }
        fn reserve(&mut self, additional: usize) -> bool {
            self.try_reserve(additional).is_ok()
        }
        fn check(&self) {
            self.validate_structural(ValidateCompact::NonCompact)
                .expect("the structure is whole");
        }
    };
}

macro_rules! map {
    (
        $map:ty, $ordered:literal, $get:ident $get_mut:ident $remove:ident $update:ident,
        |$entry:ident| $payload:expr, |$record:ident| $keys:tt, |$valid:ident| $validate:expr
    ) => {
        impl Map for $map {
            const ORDERED: bool = $ordered;

            fn get(&self, key: &Liar<u32>) -> Option<&Record> {
                self.$get(key)
            }
            fn get_mut(
                &mut self,
                key: &Liar<u32>,
            ) -> Option<impl std::ops::DerefMut<Target = Record>> {
                self.$get_mut(key)
            }
            fn remove(&mut self, key: &Liar<u32>) -> Option<Record> {
                self.$remove(key)
            }
            fn insert_unique(&mut self, record: Record) -> Result<(), Box<Record>> {
                self.insert_unique(record)
                    .map_err(|error| Box::new(error.into_parts().0))
            }
            fn insert_overwrite(&mut self, record: Record) -> Option<Record> {
                self.insert_overwrite(record).into_iter().next()
            }
            fn or_insert(&mut self, record: Record) -> u32 {
                let $record = record.clone();
                let mut $entry = self.entry $keys.or_insert(record);
                $payload
            }
            fn update(&mut self, key: &Liar<u32>, to: u32) -> Option<bool> {
                let changed =
                    self.$update(key, |record| *record = Record::new(to, record.payload));
                changed.map(|changed| changed.is_ok())
            }
            of_all_maps!();
            fn check_keys(&self) {
                let $valid = self;
                $validate.expect("each record is where its key says");
            }
        }
    };
}

macro_rules! one_key {
    ($map:ty, $ordered:literal, |$valid:ident| $validate:expr) => {
        map!($map, $ordered, get get_mut remove update, |entry| {
            let entry = &mut entry;
            entry.payload
        }, |record| (&record.key), |$valid| $validate);
    };
}

one_key!(idmap::IdHashMap<Record>, false, |map| map
    .validate(ValidateCompact::NonCompact));
one_key!(idmap::IdIndexMap<Record>, false, |map| map
    .validate(ValidateCompact::NonCompact));
one_key!(idmap::IdOrdMap<Record>, true, |map| map
    .validate(ValidateCompact::NonCompact, ValidateChaos::No));
map!(idmap::BiHashMap<Record>, false, get1 get1_mut remove1 update1,
    |entry| entry.as_unique().map_or(0, |record| record.payload),
    |record| (&record.key, &record.others[0]),
    |map| map.validate(ValidateCompact::NonCompact));
map!(idmap::TriHashMap<Record>, false, get1 get1_mut remove1 update1,
    |entry| entry.as_unique().map_or(0, |record| record.payload),
    |record| (&record.key, &record.others[0], &record.others[1]),
    |map| map.validate(ValidateCompact::NonCompact));

/// Stands for an index of a map by keys of the user's own.
pub(crate) struct Own<const N: usize>;

impl<const N: usize> HashKey<Record> for Own<N> {
    type Key<'a> = &'a Liar<u32>;

    fn key(record: &Record) -> &Liar<u32> {
        &record.key
    }
}

impl<const N: usize> OrdKey<Record> for Own<N> {
    type Key<'a> = &'a Liar<u32>;

    fn key(record: &Record) -> &Liar<u32> {
        &record.key
    }
}

type AllKinds = (
    Hashed<Own<0>>,
    HashedMulti<Own<1>>,
    Inserted<Own<2>>,
    Ordered<Own<3>>,
    OrderedMulti<Own<4>>,
);

/// A map with an index of each kind. Its hashes are the same in each run.
pub(crate) type MapByAllKinds = IndexedMap<Record, AllKinds, BuildHasherDefault<DefaultHasher>>;

impl Map for MapByAllKinds {
    const ORDERED: bool = false;

    fn get(&self, key: &Liar<u32>) -> Option<&Record> {
        let found = self.by(Own::<0>).get(key)?;
        let all = [
            self.by(Own::<1>).get_all(key).count(),
            self.by(Own::<2>).get(key).iter().len(),
            self.by(Own::<3>).get(key).iter().len(),
            self.by(Own::<4>).get_all(key).count(),
        ];
        // Keys that lie may be found by some.
        (all == [1; 4]).then_some(found)
    }
    fn get_mut(&mut self, key: &Liar<u32>) -> Option<impl std::ops::DerefMut<Target = Record>> {
        let handle = self.by(Own::<3>).handle(key)?;
        self.get_mut_by_handle(handle)
    }
    fn remove(&mut self, key: &Liar<u32>) -> Option<Record> {
        let handle = self.by(Own::<0>).handle(key)?;
        self.remove_by_handle(handle)
    }
    fn insert_unique(&mut self, record: Record) -> Result<(), Box<Record>> {
        self.insert_unique(record)
            .map_err(|error| Box::new(error.into_parts().0))
    }
    fn insert_overwrite(&mut self, record: Record) -> Option<Record> {
        let replaced = self.remove(&record.key);
        self.extend([record]);
        replaced
    }
    fn or_insert(&mut self, record: Record) -> u32 {
        if let Some(kept) = self.by(Own::<2>).get(&record.key) {
            return kept.payload;
        }
        let payload = record.payload;
        drop(self.insert_unique(record));
        payload
    }
    fn update(&mut self, key: &Liar<u32>, to: u32) -> Option<bool> {
        let handle = self.by(Own::<4>).handles(key).next()?;
        let changed =
            self.update_by_handle(handle, |record| *record = Record::new(to, record.payload));
        changed.map(|changed| changed.is_ok())
    }
    of_all_maps!();
    fn check_keys(&self) {
        self.validate(ValidateCompact::NonCompact)
            .expect("each record is where its key says");
    }
}

/// Runs a test on each map.
macro_rules! each_map {
    ($($test:ident),+ $(,)?) => { $(
        mod $test {
            super::each_map!(@one $test of_a_hash_map IdHashMap);
            super::each_map!(@one $test of_a_map_in_the_order_of_insertion IdIndexMap);
            super::each_map!(@one $test of_an_ordered_map IdOrdMap);
            super::each_map!(@one $test of_a_map_by_two_keys BiHashMap);
            super::each_map!(@one $test of_a_map_by_three_keys TriHashMap);

            #[test]
            fn of_a_map_by_keys_of_all_kinds() {
                super::$test::<crate::record::MapByAllKinds>();
            }
        }
    )+ };
    (@one $test:ident $name:ident $map:ident) => {
        #[test]
        fn $name() {
            super::$test::<idmap::$map<crate::record::Record>>();
        }
    };
}
pub(crate) use each_map;
