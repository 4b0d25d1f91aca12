//! Code that asks its user twice, and takes it that the second answer is the first.

use super::Region;
use std::borrow::Borrow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Index;

/// Counts the matches to make room, then looks for them again to write them.
pub(crate) fn matches_counted<K: Borrow<u32>>(keys: &[K], wanted: u32) -> Region<usize> {
    let count = keys.iter().filter(|it| *(*it).borrow() == wanted).count();
    let mut region = Region::new(count);
    let found = (0..keys.len()).filter(|it| *keys[*it].borrow() == wanted);
    for (index, position) in found.enumerate() {
        region.write_unchecked(index, position);
    }
    region
}

/// Looks for them once.
pub(crate) fn matches_kept<K: Borrow<u32>>(keys: &[K], wanted: u32) -> Region<usize> {
    let found = (0..keys.len()).filter(|it| *keys[*it].borrow() == wanted);
    super::collect::collect_by_items(found.collect::<Vec<_>>().into_iter())
}

/// Distributes keys over buckets that were measured with the same hashes, a moment ago.
pub(crate) fn buckets_hashed_twice<K: Hash>(keys: &[K]) -> Vec<Region<usize>> {
    let mut sizes = [0; 4];
    keys.iter().for_each(|key| sizes[bucket(key)] += 1);
    fill(sizes, keys.iter().map(bucket))
}

/// Keeps the hashes.
pub(crate) fn buckets_hashed_once<K: Hash>(keys: &[K]) -> Vec<Region<usize>> {
    let hashed: Vec<usize> = keys.iter().map(bucket).collect();
    let mut sizes = [0; 4];
    hashed.iter().for_each(|bucket| sizes[*bucket] += 1);
    fill(sizes, hashed.into_iter())
}

fn bucket<K: Hash>(key: &K) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    (hasher.finish() % 4) as usize
}

fn fill(sizes: [usize; 4], buckets: impl Iterator<Item = usize>) -> Vec<Region<usize>> {
    let mut regions: Vec<_> = sizes.into_iter().map(Region::new).collect();
    let mut filled = [0; 4];
    for (position, bucket) in buckets.enumerate() {
        regions[bucket].write_unchecked(filled[bucket], position);
        filled[bucket] += 1;
    }
    regions
}

/// Checks an offset, and then uses the one that it gets.
pub(crate) fn lookup_checked_then_asked_again(
    offsets: &impl Index<usize, Output = usize>,
    memory: &mut Region<u8>,
) -> Option<u8> {
    if offsets[0] >= memory.len() {
        return None;
    }
    memory.read_unchecked(offsets[0]).copied()
}

/// Uses the one that it has checked.
pub(crate) fn lookup_checked(
    offsets: &impl Index<usize, Output = usize>,
    memory: &mut Region<u8>,
) -> Option<u8> {
    let offset = offsets[0];
    if offset >= memory.len() {
        return None;
    }
    memory.read_unchecked(offset).copied()
}
