//! Maps that keep keys and values apart.

use super::{Hasher, Map};
use crate::records::{Key, Payload, Record};
use std::collections::BTreeMap;

pub type Std<K> = std::collections::HashMap<K, Payload, Hasher>;
pub type Hashbrown<K> = hashbrown::HashMap<K, Payload, Hasher>;
pub type Indexmap<K> = indexmap::IndexMap<K, Payload, Hasher>;
pub type BTree<K> = BTreeMap<K, Payload>;

macro_rules! hashed {
    ($map:ident, $remove:ident $(, $remove_in_order:ident)?) => {
        impl<K: Key> Map<K> for $map<K> {
            $(
                const KEEPS_ORDER: bool = true;

                fn remove_in_order(&mut self, key: &K) -> Option<Record<K>> {
                    let (key, payload) = self.$remove_in_order(key)?;
                    Some(Record { key, payload })
                }
            )?

            fn with_capacity(capacity: usize) -> Self {
                Self::with_capacity_and_hasher(capacity, Hasher::default())
            }

            hashed!(@common $remove);

            fn shrink(&mut self) {
                self.shrink_to_fit();
            }
        }
    };
    (@common $remove:ident) => {
        #[inline]
        fn insert(&mut self, record: Record<K>) {
            assert!(self.insert(record.key, record.payload).is_none());
        }

        #[inline]
        fn get(&self, key: &K) -> Option<&Payload> {
            self.get(key)
        }

        #[inline]
        fn update(&mut self, key: &K, write: impl FnOnce(&mut Payload)) {
            if let Some(payload) = self.get_mut(key) {
                write(payload);
            }
        }

        #[inline]
        fn remove(&mut self, key: &K) -> Option<Record<K>> {
            let (key, payload) = self.$remove(key)?;
            Some(Record { key, payload })
        }

        fn each(&self, see: impl FnMut(&Payload)) {
            self.values().for_each(see);
        }

        fn each_mut(&mut self, write: impl FnMut(&mut Payload)) {
            self.values_mut().for_each(write);
        }
    };
}

hashed!(Std, remove_entry);
hashed!(Hashbrown, remove_entry);
hashed!(Indexmap, swap_remove_entry, shift_remove_entry);

impl<K: Key> Map<K> for BTree<K> {
    const RESERVES: bool = false;
    const SHRINKS: bool = false;
    const RANGES: bool = true;

    fn with_capacity(_: usize) -> Self {
        Self::new()
    }

    hashed!(@common remove_entry);

    fn sum_of_100(&self, from: &K) -> u64 {
        let range = self.range(from..).take(100);
        range.fold(0, |sum, (_, payload)| sum.wrapping_add(payload[0]))
    }
}
