//! Freed blocks, kept for a while.

use block_guard::GuardedLayout;
use core::ptr::NonNull;

/// Blocks that one quarantine keeps.
const BLOCKS: usize = 512;
/// Bytes that one quarantine keeps; a larger block is not kept at all.
pub(super) const BYTES: usize = 4 << 20;

/// A retired block that belongs to whoever holds this value.
#[derive(Debug)]
pub(super) struct Retired {
    pub(super) user: NonNull<u8>,
    pub(super) layout: GuardedLayout,
}

// SAFETY: a retired block is memory that no thread has a claim on; the value is its only handle.
unsafe impl Send for Retired {}

/// A queue of retired blocks, bounded in number and bytes.
///
/// # Invariants
///
/// 1. The `length` places from `oldest` on, around the end, are `Some`; the others are `None`.
/// 2. `bytes` is the sum of their users' sizes.
pub(super) struct Quarantine {
    places: [Option<Retired>; BLOCKS],
    oldest: usize,
    length: usize,
    bytes: usize,
}

impl Quarantine {
    pub(super) const fn new() -> Self {
        Self {
            places: [const { None }; BLOCKS],
            oldest: 0,
            length: 0,
            bytes: 0,
        }
    }

    /// Takes the oldest block out, if one more of `size` bytes would not fit beside it.
    pub(super) fn make_room(&mut self, size: usize) -> Option<Retired> {
        if self.length == BLOCKS || self.bytes.saturating_add(size) > BYTES {
            self.take()
        } else {
            None
        }
    }

    /// Keeps a block. There must be room: [`Quarantine::make_room`] returned `None`.
    pub(super) fn keep(&mut self, block: Retired) {
        self.bytes += block.layout.user().size();
        self.places[(self.oldest + self.length) % BLOCKS] = Some(block);
        self.length += 1;
        // INVARIANT: 1 and 2, by one place and its size.
    }

    /// Takes the oldest block out.
    pub(super) fn take(&mut self) -> Option<Retired> {
        let block = self.places[self.oldest].take()?;
        self.oldest = (self.oldest + 1) % BLOCKS;
        self.length -= 1;
        self.bytes -= block.layout.user().size();
        // INVARIANT: 1 and 2, by one place and its size.
        Some(block)
    }

    /// The blocks, the oldest first.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &Retired> {
        let (tail, head) = self.places.split_at(self.oldest);
        head.iter().chain(tail).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::alloc::Layout;
    use std::vec::Vec;

    fn block(number: usize, size: usize) -> Retired {
        let layout = Layout::from_size_align(size, 1).unwrap();
        Retired {
            user: NonNull::without_provenance(number.try_into().unwrap()),
            layout: GuardedLayout::new(layout).unwrap(),
        }
    }

    fn keep(quarantine: &mut Quarantine, block: Retired) -> Vec<usize> {
        let mut evicted = Vec::new();
        while let Some(old) = quarantine.make_room(block.layout.user().size()) {
            evicted.push(old.user.addr().get());
        }
        quarantine.keep(block);
        evicted
    }

    #[test]
    fn the_oldest_block_leaves_first_when_the_number_is_reached() {
        let mut quarantine = Quarantine::new();
        for number in 1..=BLOCKS {
            assert!(keep(&mut quarantine, block(number, 0)).is_empty());
        }
        assert_eq!(keep(&mut quarantine, block(BLOCKS + 1, 0)), [1]);
        assert_eq!(keep(&mut quarantine, block(BLOCKS + 2, 0)), [2]);
        let kept: Vec<usize> = quarantine.blocks().map(|b| b.user.addr().get()).collect();
        assert_eq!(kept, (3..=BLOCKS + 2).collect::<Vec<_>>());
    }

    #[test]
    fn as_many_blocks_leave_as_the_bytes_ask_for() {
        let mut quarantine = Quarantine::new();
        for number in 1..=4 {
            assert!(keep(&mut quarantine, block(number, BYTES / 4)).is_empty());
        }
        assert_eq!(keep(&mut quarantine, block(5, BYTES / 2)), [1, 2]);
        assert_eq!(keep(&mut quarantine, block(6, BYTES)), [3, 4, 5]);
        assert_eq!(quarantine.take().map(|b| b.user.addr().get()), Some(6));
        assert!(quarantine.take().is_none());
        assert_eq!((quarantine.bytes, quarantine.length), (0, 0));
    }
}
