//! Memory with known contents, and phases that overwrite what they can reach.

use crate::subject::phase;
use std::hint::black_box;

/// What [`overwrite`] fills its memory with; no [`Block`] is marked so.
const FILLER: u8 = 0x55;

/// Bytes that are all the same, so that one comparison checks them.
pub(crate) struct Block {
    bytes: Vec<u8>,
    mark: u8,
}

impl Block {
    /// A block of `size` bytes. The mark is the number's, and never the filler.
    pub(crate) fn new(number: usize, size: usize) -> Self {
        let mark = u8::try_from(number % 83 + 1).expect("83 fits");
        // Else an optimised build drops blocks that are freed unread, and knows what others hold.
        let bytes = black_box(vec![mark; size]);
        Self { bytes, mark }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Makes it longer or shorter by way of `realloc`.
    pub(crate) fn resize(&mut self, size: usize) {
        self.bytes.resize(size, self.mark);
        if size < self.bytes.capacity() / 2 {
            self.bytes.shrink_to_fit();
        }
    }

    /// Panics if a byte has changed.
    pub(crate) fn check(&self) {
        let bytes = self.bytes.as_slice();
        let same =
            bytes.is_empty() || (bytes[0] == self.mark && bytes[1..] == bytes[..bytes.len() - 1]);
        assert!(
            same,
            "{} bytes marked {:#04x} hold {:#04x}",
            bytes.len(),
            self.mark,
            bytes.iter().find(|byte| **byte != self.mark).unwrap_or(&0)
        );
    }
}

/// Checks each.
pub(crate) fn check_all<'a>(blocks: impl IntoIterator<Item = &'a Block>) {
    blocks.into_iter().for_each(Block::check);
}

/// Words that depend on their place, so that a copy to the wrong place shows.
pub(crate) fn words(seed: u64, count: usize) -> Vec<u64> {
    black_box((0..count as u64).map(|place| word(seed, place)).collect())
}

/// The word at a place.
pub(crate) fn word(seed: u64, place: u64) -> u64 {
    (seed << 32) ^ place.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Panics if a word has changed.
pub(crate) fn check_words(words: &[u64], seed: u64) {
    for (place, found) in words.iter().enumerate() {
        let wanted = word(seed, place as u64);
        assert_eq!(
            *found,
            wanted,
            "word {place} of {} has changed",
            words.len()
        );
    }
}

/// A phase that allocates and fills blocks of every size, 8 MiB in all: what a later phase's work does
/// to memory that was taken back too early.
pub(crate) fn overwrite() {
    phase(|| {
        let large = vec![FILLER; 4 << 20];
        let sizes = [
            16, 24, 64, 100, 256, 520, 1024, 2000, 4096, 6400, 16384, 40_000, 131_072, 300_000,
        ];
        let small: Vec<Vec<u8>> = (0..8 * sizes.len())
            .map(|number| vec![FILLER; sizes[number % sizes.len()]])
            .collect();
        black_box((large, small));
    });
}

/// The same with 100 KiB, for programs of thousands of phases.
pub(crate) fn overwrite_a_little() {
    phase(|| {
        let large = vec![FILLER; 64 << 10];
        let small: Vec<Vec<u8>> = (0..24)
            .map(|number| vec![FILLER; 16 << (number % 8)])
            .collect();
        black_box((large, small));
    });
}

/// Numbers without a pattern, the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).map_or(0, |number| number % limit)
    }
}

/// The memory that is resident now, where the system says it.
pub(crate) fn resident_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: usize = line.split_whitespace().next()?.parse().ok()?;
    Some(kib << 10)
}
