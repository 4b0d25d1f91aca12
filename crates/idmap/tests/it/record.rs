//! Records whose keys tick, lie, panic, and are counted.

use adversary::drops::Ledger;
use adversary::liar::Liar;
use idmap::internal::{ValidateChaos, ValidateCompact};
use idmap::{IdHashItem, IdOrdItem, id_upcast};

/// A record with a key that calls the test-kit for all it is asked, and a payload.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) key: Liar<u32>,
    pub(crate) payload: u32,
}

impl Record {
    pub(crate) fn new(key: u32, payload: u32) -> Self {
        Self {
            key: Liar::new(key),
            payload,
        }
    }

    pub(crate) fn counted(key: u32, ledger: &Ledger) -> Self {
        Self {
            key: Liar::new(key).counted(ledger),
            payload: key,
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

/// What the two maps with one key have in common, for tests that are for both.
pub(crate) trait Map:
    Clone + PartialEq + std::fmt::Debug + Default + FromIterator<Record>
{
    fn get(&self, key: &Liar<u32>) -> Option<&Record>;
    fn get_mut(&mut self, key: &Liar<u32>) -> Option<impl std::ops::DerefMut<Target = Record>>;
    fn remove(&mut self, key: &Liar<u32>) -> Option<Record>;
    fn insert_unique(&mut self, record: Record) -> Result<(), Record>;
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

macro_rules! map {
    ($map:ty, $ordered:literal, $validate:expr) => {
        impl Map for $map {
            const ORDERED: bool = $ordered;

            fn get(&self, key: &Liar<u32>) -> Option<&Record> {
                self.get(key)
            }
            fn get_mut(
                &mut self,
                key: &Liar<u32>,
            ) -> Option<impl std::ops::DerefMut<Target = Record>> {
                self.get_mut(key)
            }
            fn remove(&mut self, key: &Liar<u32>) -> Option<Record> {
                self.remove(key)
            }
            fn insert_unique(&mut self, record: Record) -> Result<(), Record> {
                self.insert_unique(record)
                    .map_err(|error| error.into_parts().0)
            }
            fn insert_overwrite(&mut self, record: Record) -> Option<Record> {
                self.insert_overwrite(record)
            }
            fn or_insert(&mut self, record: Record) -> u32 {
                let key = record.key.clone();
                self.entry(&key).or_insert(record).payload
            }
            fn update(&mut self, key: &Liar<u32>, to: u32) -> Option<bool> {
                let changed = self.update(key, |record| {
                    *record = Record {
                        key: Liar::new(to),
                        ..*record
                    }
                });
                changed.map(|changed| changed.is_ok())
            }
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
            fn check_keys(&self) {
                let validate: fn(&Self) = $validate;
                validate(self);
            }
        }
    };
}

map!(idmap::IdHashMap<Record>, false, |map| {
    map.validate(ValidateCompact::NonCompact)
        .expect("each record is where its key says");
});
map!(idmap::IdOrdMap<Record>, true, |map| {
    map.validate(ValidateCompact::NonCompact, ValidateChaos::No)
        .expect("each record is where its key says");
});

/// Runs a test on both maps.
macro_rules! both {
    ($($test:ident),+ $(,)?) => { $(
        mod $test {
            #[test]
            fn of_a_hash_map() {
                super::$test::<idmap::IdHashMap<crate::record::Record>>();
            }

            #[test]
            fn of_an_ordered_map() {
                super::$test::<idmap::IdOrdMap<crate::record::Record>>();
            }
        }
    )+ };
}
pub(crate) use both;
