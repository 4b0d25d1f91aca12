//! The best prices of both sides in one word.

use super::price::{Top, price};
use crate::Side;
use crate::sync::{AtomicU64, Ordering, spin_loop};

/// What stands for the best key of a side: the lowest key there is, or that the side is empty.
/// Which of the two, `edges` tells.
const LOWEST: i32 = i32::MIN;

/// Both best keys. One writer stores them, any number of readers load them.
///
/// A pair of prices of 32 bits each fills the word, so it has no value left for an empty side: such
/// a side has the key [`LOWEST`], which a level could have too. Whether a level has it stands in
/// `edges`, beside a count of how often that has changed. So at each moment the state is one pair
/// of words, and each change of the state is a store to one of them.
///
/// Both are stored inside an update of the book's [`Sequence`](super::sequence::Sequence), after the fence that opens it.
///
/// # Invariants
/// 1. `keys` is the bid key in the upper half and the ask key in the lower, [`LOWEST`] for none.
/// 2. Bit 0 of `edges` is set while bids have a level at [`LOWEST`], bit 1 while asks have one. The
///    bits above count the changes.
#[derive(Debug)]
pub(crate) struct TopCell {
    keys: AtomicU64,
    edges: AtomicU64,
}

impl TopCell {
    pub(crate) fn new() -> Self {
        Self {
            keys: AtomicU64::new(pack(LOWEST, LOWEST)),
            edges: AtomicU64::new(0),
        }
    }

    /// Publishes the best keys of bids and asks.
    #[inline]
    pub(crate) fn publish(&self, keys: [i32; 2]) {
        // ORDERING: Relaxed: the Release fence that opened the update stands before it, so that who
        // sees these keys, and then fences or loads with Acquire, sees the odd count and the edges of earlier updates.
        self.keys.store(pack(keys[0], keys[1]), Ordering::Relaxed);
    }

    /// Publishes whether a side (0 or 1) has a level at the lowest key.
    pub(crate) fn publish_edge(&self, side: usize, present: bool) {
        // ORDERING: Relaxed: only the writer stores it.
        let before = self.edges.load(Ordering::Relaxed);
        let flags = before & 3 & !(1 << side) | u64::from(present) << side;
        // ORDERING: Relaxed: the same fence stands before it, so that who sees this change with Acquire
        // sees the keys that earlier updates published.
        self.edges
            .store((before & !3).wrapping_add(4) | flags, Ordering::Relaxed);
    }

    /// The best prices at one moment during the call.
    #[inline]
    pub(crate) fn load(&self) -> Top {
        // ORDERING: Relaxed: one word, and nothing is read on the strength of it here. Who then looks at
        // levels does so under the sequence count, whose Acquire fence comes after this load.
        let keys = unpack(self.keys.load(Ordering::Relaxed));
        if keys.contains(&LOWEST) {
            return self.load_edge();
        }
        top(keys, 3)
    }

    #[cold]
    fn load_edge(&self) -> Top {
        loop {
            // ORDERING: Acquire pairs with the fence before the store in `publish_edge`.
            let edges = self.edges.load(Ordering::Acquire);
            // ORDERING: Acquire pairs with the fence before the store in `publish`. If the keys are younger than the
            // edges, the second look at those sees a younger one too.
            let keys = unpack(self.keys.load(Ordering::Acquire));
            // ORDERING: Relaxed: the load before is an Acquire, so this one comes after it.
            if self.edges.load(Ordering::Relaxed) == edges {
                return top(keys, edges);
            }
            spin_loop();
        }
    }
}

const fn pack(bid: i32, ask: i32) -> u64 {
    (bid as u32 as u64) << 32 | ask as u32 as u64
}

const fn unpack(keys: u64) -> [i32; 2] {
    [(keys >> 32) as i32, keys as i32]
}

fn top(keys: [i32; 2], edges: u64) -> Top {
    let at = |index: usize, side| {
        let present = keys[index] != LOWEST || edges >> index & 1 == 1;
        present.then(|| price(side, keys[index]))
    };
    Top {
        bid: at(0, Side::Bid),
        ask: at(1, Side::Ask),
    }
}
