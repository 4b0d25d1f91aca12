//! What the maps hold, and the keys that are looked for.

use std::hash::Hash;

/// Forty bytes.
pub type Payload = [u64; 5];

/// A key and its payload.
#[derive(Clone, Debug)]
pub struct Record<K> {
    pub key: K,
    pub payload: Payload,
}

/// A payload that is found by each of its keys.
#[derive(Clone, Debug)]
pub struct Several<K, const N: usize> {
    pub keys: [K; N],
    pub payload: Payload,
}

pub trait Key: Clone + Ord + Hash + Send + 'static {}

impl Key for u64 {}
impl Key for String {}

/// The key with a number, the same in each run. Keys with different numbers are different.
pub type Make<K> = fn(u64) -> K;

pub fn random(number: u64) -> u64 {
    scramble(number)
}

pub fn in_sequence(number: u64) -> u64 {
    number
}

/// `01234567-89ab-cdef-0123-456789abcdef`, 36 bytes.
pub fn uuid(number: u64) -> String {
    let (high, low) = (scramble(number), scramble(!number));
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// `sled-0123456789abcdef`, 21 bytes of which the first five are always the same.
pub fn id(number: u64) -> String {
    format!("sled-{:016x}", scramble(number))
}

/// `region-1/rack-42/sled-0123456789abcdef`, 38 bytes of which the first 22 are always the same.
pub fn path(number: u64) -> String {
    format!("region-1/rack-42/sled-{:016x}", scramble(number))
}

/// The finalizer of splitmix64, a bijection.
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// How many lookups a pass makes, at most.
const QUERIES: usize = 1 << 17;

/// How many maps of small size are built of different keys, and how often a half of their records
/// is removed in another order: a processor remembers what it has been through a few times.
const VARIANTS: usize = 16;

/// What the maps of a workload are made of, and what is looked for in them.
///
/// Queries lie side by side in the order in which they are asked, which a fixed seed has shuffled:
/// what is measured is the map's memory, not theirs.
pub struct Data<K> {
    /// How many records there are.
    pub len: usize,
    /// The keys of each variant, those of a record side by side.
    keys: Vec<Vec<K>>,
    /// First keys of records in the map, any number of times each.
    pub hits: Vec<K>,
    /// Last keys of the same records.
    pub hits_by_last: Vec<K>,
    /// First keys of records that are not in the map.
    pub misses: Vec<K>,
    /// First keys of half of the records in the map, or fewer, once each.
    removals: Vec<Vec<K>>,
}

impl<K: Key> Data<K> {
    pub fn new(make: Make<K>, len: usize, keys: u64) -> Self {
        let n = len as u64;
        let variants = (QUERIES / len).clamp(1, VARIANTS) as u64;
        let drawn = |seed: u64| {
            let queries = 0..QUERIES.min(len * 4) as u64;
            queries.map(move |it| scramble(it ^ seed << 32) % n)
        };
        let first = |record: u64| make(record * keys);
        let last = |record: u64| make(record * keys + keys - 1);
        let half = |variant: u64| {
            let mut numbers: Vec<u64> = (0..n).collect();
            numbers.sort_by_key(|it| scramble(*it ^ (3 + variant) << 32));
            numbers.truncate(QUERIES.min(len / 2));
            numbers.into_iter().map(first).collect()
        };
        let all = |variant: u64| {
            let start = variant * n * keys;
            (start..start + n * keys).map(make).collect()
        };
        Self {
            len,
            keys: (0..variants).map(all).collect(),
            hits: drawn(1).map(first).collect(),
            hits_by_last: drawn(1).map(last).collect(),
            misses: drawn(2).map(|it| first(it + n)).collect(),
            removals: (0..variants).map(half).collect(),
        }
    }

    /// The records of maps with one key. Queries are about those of variant 0.
    pub fn records(&self, variant: usize) -> impl Iterator<Item = Record<K>> {
        let record = |key: &K| Record {
            key: key.clone(),
            payload: Payload::default(),
        };
        self.keys[variant % self.keys.len()].iter().map(record)
    }

    /// The records of maps with several keys.
    pub fn several<const N: usize>(&self, variant: usize) -> impl Iterator<Item = Several<K, N>> {
        let record = |keys: &[K; N]| Several {
            keys: keys.clone(),
            payload: Payload::default(),
        };
        let keys = &self.keys[variant % self.keys.len()];
        keys.as_chunks().0.iter().map(record)
    }

    pub fn removals(&self, variant: usize) -> &[K] {
        &self.removals[variant % self.removals.len()]
    }
}
