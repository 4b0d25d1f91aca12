//! The maps, each behind the same few operations.

mod borrowing;
mod several;
mod single;

pub use borrowing::*;
pub use several::*;
pub use single::*;

use crate::records::{Payload, Record, Several};

/// Hashes for every map here but multi_index_map's.
pub type Hasher = foldhash::fast::RandomState;

/// A map of payloads by one key.
pub trait Map<K>: Clone {
    /// Whether it can be given a capacity.
    const RESERVES: bool = true;
    /// Whether it can give back what it does not need.
    const SHRINKS: bool = true;
    /// Whether it has the order of insertion, and can keep it when a record is removed.
    const KEEPS_ORDER: bool = false;
    /// Whether it has an order and ranges.
    const RANGES: bool = false;

    fn with_capacity(capacity: usize) -> Self;
    /// The key is new.
    fn insert(&mut self, record: Record<K>);
    fn get(&self, key: &K) -> Option<&Payload>;
    fn update(&mut self, key: &K, write: impl FnOnce(&mut Payload));
    fn remove(&mut self, key: &K) -> Option<Record<K>>;
    fn each(&self, see: impl FnMut(&Payload));
    fn each_mut(&mut self, write: impl FnMut(&mut Payload));
    fn shrink(&mut self) {}

    /// Leaves the others in their order.
    fn remove_in_order(&mut self, _key: &K) -> Option<Record<K>> {
        None
    }

    /// Adds up a hundred records from a key on.
    fn sum_of_100(&self, _from: &K) -> u64 {
        0
    }
}

/// A map of payloads by several keys.
pub trait Multi<K, const N: usize> {
    /// Whether payloads can be written in place.
    const WRITES: bool = true;

    fn new() -> Self;
    /// The keys are new.
    fn insert(&mut self, record: Several<K, N>);
    fn by_first(&self, key: &K) -> Option<&Payload>;
    fn by_last(&self, key: &K) -> Option<&Payload>;
    /// By the first key.
    fn remove(&mut self, key: &K) -> Option<Several<K, N>>;
    fn each_mut(&mut self, write: impl FnMut(&mut Payload));
}
