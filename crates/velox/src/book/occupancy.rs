//! Which slots of a window are occupied: a bit for each, and a bit for each word of bits that is
//! not empty, and so on up to one word.

use crate::sync::{AtomicU64, Ordering, zeroed};

/// Levels of words at most: 64^3 slots.
const HEIGHT_MAX: usize = 3;

/// A hierarchical bitmap that one writer changes. Readers may look at any time; what they see is
/// whole only under the sequence count of the book.
///
/// # Invariants
/// 1. Bit `s` of the lowest level is set if and only if slot `s` is occupied.
/// 2. Bit `w` of a higher level is set if and only if word `w` of the level below is not 0.
#[derive(Debug)]
pub(crate) struct Occupancy {
    words: Box<[AtomicU64]>,
    /// Where each level starts in `words`.
    starts: [usize; HEIGHT_MAX],
    height: usize,
}

// ORDERING: Relaxed throughout: only the writer stores, and readers check what they have read
// against the sequence count, whose fences order these accesses.
impl Occupancy {
    pub(crate) fn new(slots: usize) -> Self {
        let (mut starts, mut height, mut total, mut bits) = ([0; HEIGHT_MAX], 0, 0, slots);
        loop {
            starts[height] = total;
            height += 1;
            bits = bits.div_ceil(64);
            total += bits;
            if bits == 1 {
                break;
            }
        }
        Self {
            words: zeroed(total),
            starts,
            height,
        }
    }

    #[inline]
    fn word(&self, level: usize, index: usize) -> &AtomicU64 {
        &self.words[self.starts[level] + index]
    }

    /// Marks a slot occupied.
    #[inline]
    pub(crate) fn set(&self, slot: usize) {
        let mut index = slot;
        for level in 0..self.height {
            let word = self.word(level, index / 64);
            let before = word.load(Ordering::Relaxed);
            word.store(before | 1 << (index % 64), Ordering::Relaxed);
            if before != 0 {
                break;
            }
            index /= 64;
        }
    }

    /// Marks a slot empty.
    #[inline]
    pub(crate) fn clear(&self, slot: usize) {
        let mut index = slot;
        for level in 0..self.height {
            let word = self.word(level, index / 64);
            let after = word.load(Ordering::Relaxed) & !(1 << (index % 64));
            word.store(after, Ordering::Relaxed);
            if after != 0 {
                break;
            }
            index /= 64;
        }
    }

    /// The highest occupied slot.
    #[inline]
    pub(crate) fn highest(&self) -> Option<usize> {
        self.descend(self.height, 0)
    }

    /// The highest occupied slot below `limit`, which is a slot.
    #[inline]
    pub(crate) fn highest_below(&self, limit: usize) -> Option<usize> {
        let mut index = limit;
        for level in 0..self.height {
            let (word, bit) = (index / 64, index % 64);
            let below = self.word(level, word).load(Ordering::Relaxed) & ((1 << bit) - 1);
            if let Some(highest) = below.checked_ilog2() {
                return self.descend(level, word * 64 + highest as usize);
            }
            index = word;
        }
        None
    }

    /// The highest occupied slot under the bit `index` of `level`. None only when the bits change meanwhile, or all are 0.
    #[inline]
    fn descend(&self, level: usize, mut index: usize) -> Option<usize> {
        for level in (0..level).rev() {
            let word = self.word(level, index).load(Ordering::Relaxed);
            index = index * 64 + word.checked_ilog2()? as usize;
        }
        Some(index)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Occupancy;
    use std::collections::BTreeSet;

    #[test]
    fn searches_agree_with_a_set_at_every_height() {
        // Each look at many words takes Miri a while.
        let sizes: &[usize] = match cfg!(miri) {
            true => &[64, 4096, 8192],
            false => &[64, 128, 4096, 8192, 1 << 18],
        };
        for slots in sizes.iter().copied() {
            let (occupancy, mut set) = (Occupancy::new(slots), BTreeSet::new());
            let mut state = 1_u64;
            for _ in 0..if cfg!(miri) { 20 } else { 5000 } {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let slot = (state >> 33) as usize % slots;
                if set.remove(&slot) {
                    occupancy.clear(slot);
                } else {
                    set.insert(slot);
                    occupancy.set(slot);
                }
                assert_eq!(occupancy.highest(), set.last().copied());
                let limit = (state >> 13) as usize % slots;
                let below = set.range(..limit).next_back().copied();
                assert_eq!(occupancy.highest_below(limit), below);
            }
        }
    }
}
