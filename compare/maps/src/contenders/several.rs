//! Maps with several keys that keep keys and values apart, or copies of the keys.

use super::{Hasher, Multi};
use crate::records::{Key, Payload, Several};
use multi_index_map::MultiIndexMap;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher as State};

/// The payload by the first key, and the first key by each other one.
pub struct ByHand<K, const N: usize> {
    records: HashMap<K, Several<K, N>, Hasher>,
    firsts: Vec<HashMap<K, K, Hasher>>,
}

impl<K: Key, const N: usize> Multi<K, N> for ByHand<K, N> {
    fn new() -> Self {
        Self {
            records: HashMap::default(),
            firsts: vec![HashMap::default(); N - 1],
        }
    }

    fn insert(&mut self, record: Several<K, N>) {
        let [first, others @ ..] = record.keys.as_slice() else {
            return;
        };
        for (key, firsts) in others.iter().zip(&mut self.firsts) {
            assert!(firsts.insert(key.clone(), first.clone()).is_none());
        }
        assert!(self.records.insert(first.clone(), record).is_none());
    }

    fn by_first(&self, key: &K) -> Option<&Payload> {
        self.records.get(key).map(|record| &record.payload)
    }

    fn by_last(&self, key: &K) -> Option<&Payload> {
        self.by_first(self.firsts.last()?.get(key)?)
    }

    fn remove(&mut self, key: &K) -> Option<Several<K, N>> {
        let record = self.records.remove(key)?;
        for (key, firsts) in record.keys[1..].iter().zip(&mut self.firsts) {
            firsts.remove(key);
        }
        Some(record)
    }

    fn each_mut(&mut self, write: impl FnMut(&mut Payload)) {
        let payloads = self.records.values_mut().map(|it| &mut it.payload);
        payloads.for_each(write);
    }
}

/// bimap has no values; the right key carries them.
pub type Bimap<K> = bimap::BiHashMap<K, Right<K>, Hasher, Hasher>;

/// A key that nobody sees the payload of.
pub struct Right<K> {
    key: K,
    payload: Payload,
}

impl<K: PartialEq> PartialEq for Right<K> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<K: Eq> Eq for Right<K> {}

impl<K: Hash> Hash for Right<K> {
    fn hash<H: State>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl Borrow<u64> for Right<u64> {
    fn borrow(&self) -> &u64 {
        &self.key
    }
}

impl Borrow<String> for Right<String> {
    fn borrow(&self) -> &String {
        &self.key
    }
}

impl<K: Key> Multi<K, 2> for Bimap<K>
where
    Right<K>: Borrow<K>,
{
    const WRITES: bool = false;

    fn new() -> Self {
        Self::with_hashers(Hasher::default(), Hasher::default())
    }

    fn insert(&mut self, record: Several<K, 2>) {
        let [left, key] = record.keys;
        let payload = record.payload;
        assert!(
            self.insert_no_overwrite(left, Right { key, payload })
                .is_ok()
        );
    }

    fn by_first(&self, key: &K) -> Option<&Payload> {
        self.get_by_left(key).map(|right| &right.payload)
    }

    fn by_last(&self, key: &K) -> Option<&Payload> {
        self.by_first(self.get_by_right(key)?)
    }

    fn remove(&mut self, key: &K) -> Option<Several<K, 2>> {
        let (left, right) = self.remove_by_left(key)?;
        Some(Several {
            keys: [left, right.key],
            payload: right.payload,
        })
    }

    fn each_mut(&mut self, _: impl FnMut(&mut Payload)) {}
}

macro_rules! multi_index {
    ($module:ident, $key:ty) => {
        mod $module {
            use super::*;

            #[derive(MultiIndexMap, Clone)]
            pub struct Triple {
                #[multi_index(hashed_unique)]
                first: $key,
                #[multi_index(hashed_unique)]
                second: $key,
                #[multi_index(hashed_unique)]
                third: $key,
                payload: Payload,
            }

            impl Multi<$key, 3> for MultiIndexTripleMap {
                fn new() -> Self {
                    Self::default()
                }

                fn insert(&mut self, record: Several<$key, 3>) {
                    let [first, second, third] = record.keys;
                    let payload = record.payload;
                    let triple = Triple {
                        first,
                        second,
                        third,
                        payload,
                    };
                    assert!(self.try_insert(triple).is_ok());
                }

                fn by_first(&self, key: &$key) -> Option<&Payload> {
                    self.get_by_first(key).map(|triple| &triple.payload)
                }

                fn by_last(&self, key: &$key) -> Option<&Payload> {
                    self.get_by_third(key).map(|triple| &triple.payload)
                }

                fn remove(&mut self, key: &$key) -> Option<Several<$key, 3>> {
                    let triple = self.remove_by_first(key)?;
                    Some(Several {
                        keys: [triple.first, triple.second, triple.third],
                        payload: triple.payload,
                    })
                }

                fn each_mut(&mut self, mut write: impl FnMut(&mut Payload)) {
                    self.iter_mut().for_each(|(payload,)| write(payload));
                }
            }
        }
    };
}

multi_index!(by_number, u64);
multi_index!(by_text, String);

pub use by_number::MultiIndexTripleMap as MultiIndexByNumber;
pub use by_text::MultiIndexTripleMap as MultiIndexByText;
