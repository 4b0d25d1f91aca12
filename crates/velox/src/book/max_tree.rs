//! The highest occupied leaf of two sides, in one word, for many writers.
//!
//! A tree of maxima after P. Jayanti, "f-arrays: implementation and applications" (2002): who
//! changes a leaf *refreshes* every node above it from its children, and where that fails twice,
//! somebody else's refresh has begun after the leaf was changed and covers it. So a change takes a
//! bounded number of steps, and a look is one load.
//!
//! Jayanti's nodes are load-linked. These carry a tag that each refresh counts up: a node whose value
//! came back is not taken for one that has not changed. A refresh would have to be interrupted for
//! 2^30 others for the tag to come back too.

use crate::sync::{AtomicU64, Ordering, fence_after_exchange_or_load, zeroed};

/// Children of a node. Models have small trees.
pub(super) const FAN: usize = if cfg!(loom) { 2 } else { 16 };

/// Bits of a rank and one more, for "none", in the root.
const RANK_BITS: u32 = 17;
const RANK_MASK: u64 = (1 << RANK_BITS) - 1;

/// Bits of a leaf that count who has changed it from empty to occupied, or back, and has not yet
/// brought that to the root.
pub(super) const CLIMBING_BITS: u32 = 16;
/// One of them.
pub(super) const CLIMBING: u64 = 1;
/// All of them.
pub(super) const CLIMBING_MASK: u64 = (1 << CLIMBING_BITS) - 1;

/// One side: leaves, and the levels of nodes above them up to one of at most [`FAN`] nodes.
///
/// A node's lower half is the highest rank of an occupied leaf below it plus 1, or 0 for none; its
/// upper half is the tag.
#[derive(Debug)]
struct Side {
    /// A quantity above [`CLIMBING_BITS`] bits of a count, by rank.
    leaves: Box<[AtomicU64]>,
    levels: Vec<Box<[AtomicU64]>>,
}

impl Side {
    fn new(leaves: usize) -> Self {
        let (mut levels, mut len) = (Vec::new(), leaves);
        while len > FAN {
            len = len.div_ceil(FAN);
            levels.push(zeroed(len));
        }
        Self {
            leaves: zeroed(leaves),
            levels,
        }
    }

    /// The highest occupied rank plus 1 under the children of node `index` of level `level`. Level
    /// `levels.len()` has one node, whose place is in the root.
    #[inline(always)]
    fn highest_below(&self, level: usize, index: usize) -> u64 {
        let first = index * FAN;
        if level == 0 {
            // ORDERING: Relaxed: who sees what this refresh publishes comes after this load, and so finds the leaf
            // no older.
            let end = (first + FAN).min(self.leaves.len());
            let occupied = |leaf: &AtomicU64| leaf.load(Ordering::Relaxed) > CLIMBING_MASK;
            let found = self.leaves[first..end].iter().rposition(occupied);
            found.map_or(0, |at| (first + at) as u64 + 1)
        } else {
            let nodes = &self.levels[level - 1];
            // ORDERING: Acquire pairs with the Release of who wrote the node: who sees what this refresh
            // publishes sees the leaf that the node comes from, which this thread has not looked at.
            let end = (first + FAN).min(nodes.len());
            let values = nodes[first..end].iter().rev();
            let mut values = values.map(|node| node.load(Ordering::Acquire) & u64::from(u32::MAX));
            values.find(|value| *value != 0).unwrap_or(0)
        }
    }

    /// Brings a node up to date with its children; false if another refresh came in between.
    #[inline(always)]
    fn refresh(&self, level: usize, index: usize) -> bool {
        let node = &self.levels[level][index];
        // ORDERING: Relaxed: the fence below stands between it and the loads of the children.
        let before = node.load(Ordering::Relaxed);
        // ORDERING: pairs with the fences in `climb`. If this one comes after one of those, the children
        // are read as that thread left or saw them; if before, that thread finds this node no older
        // than here, and its exchange or its second one succeeds, or meets one that comes after.
        fence_after_exchange_or_load();
        let after = (before >> 32).wrapping_add(1) << 32 | self.highest_below(level, index);
        // ORDERING: Release pairs with the Acquire in `highest_below`. Nothing is read on the strength of a failure.
        let exchange = node.compare_exchange(before, after, Ordering::Release, Ordering::Relaxed);
        exchange.is_ok()
    }
}

/// The leaves of both sides and the trees above them.
#[derive(Debug)]
pub(super) struct MaxTree {
    sides: [Side; 2],
    root: AtomicU64,
}

impl MaxTree {
    /// A tree of so many leaves on each side, at most 2^16.
    pub(super) fn new(leaves: usize) -> Self {
        Self {
            sides: [Side::new(leaves), Side::new(leaves)],
            root: AtomicU64::new(0),
        }
    }

    #[inline(always)]
    pub(super) fn leaf(&self, side: usize, rank: usize) -> &AtomicU64 {
        &self.sides[side].leaves[rank]
    }

    /// The highest occupied ranks of both sides.
    #[inline]
    pub(super) fn highest(&self) -> [Option<usize>; 2] {
        // ORDERING: Acquire pairs with the Release in `refresh_root`: who sees a rank there sees the
        // leaf that it comes from.
        let root = self.root.load(Ordering::Acquire);
        [root >> RANK_BITS & RANK_MASK, root & RANK_MASK]
            .map(|found| (found as usize).checked_sub(1))
    }

    /// The highest rank below `limit` whose leaf was occupied at a moment of the call.
    pub(super) fn highest_below(&self, side: usize, limit: usize) -> Option<usize> {
        let leaves = &self.sides[side].leaves;
        // ORDERING: Relaxed, here and below: the caller looks at the leaf again.
        let occupied = |rank: &usize| leaves[*rank].load(Ordering::Relaxed) > CLIMBING_MASK;
        let Some(nodes) = self.sides[side].levels.first() else {
            return (0..limit).rfind(occupied);
        };
        let near = (limit / FAN * FAN..limit).rfind(occupied);
        near.or_else(|| {
            let groups = (0..limit / FAN).rev();
            let mut taken = groups.filter(|at| nodes[*at].load(Ordering::Relaxed) as u32 != 0);
            taken.find_map(|at| (at * FAN..(at + 1) * FAN).rfind(occupied))
        })
    }

    /// Brings a change of a leaf, or what was seen of one, to the root. Whoever looks there after
    /// this sees it, or something later.
    pub(super) fn climb(&self, side: usize, rank: usize) {
        let it = &self.sides[side];
        // ORDERING: pairs with the fence in `refresh`: a refresh that starts from what the node
        // becomes after this point sees the leaf.
        fence_after_exchange_or_load();
        let mut index = rank;
        for level in 0..it.levels.len() {
            index /= FAN;
            let _ = it.refresh(level, index) || it.refresh(level, index);
            // ORDERING: pairs with the fence in `refresh` one level up. The node may have been written by
            // another thread, and the exchange that failed has published nothing: this fence
            // publishes that the node was seen.
            fence_after_exchange_or_load();
        }
        let _ = self.refresh_root() || self.refresh_root();
        // ORDERING: pairs with the fence after an update that does not climb, of a thread that looks at the root
        // then: it sees this change there, or this one's next look sees that update.
        fence_after_exchange_or_load();
    }

    #[inline(always)]
    fn refresh_root(&self) -> bool {
        // ORDERING: Relaxed: the fence below stands between it and the loads of the children.
        let before = self.root.load(Ordering::Relaxed);
        // ORDERING: as in `Side::refresh`.
        fence_after_exchange_or_load();
        let [bid, ask] =
            [&self.sides[0], &self.sides[1]].map(|it| it.highest_below(it.levels.len(), 0));
        let tag = (before >> (2 * RANK_BITS)).wrapping_add(1);
        let after = tag << (2 * RANK_BITS) | bid << RANK_BITS | ask;
        // ORDERING: Release pairs with the Acquire in `highest`. Nothing is read on the strength of a failure.
        let exchange =
            self.root
                .compare_exchange(before, after, Ordering::Release, Ordering::Relaxed);
        exchange.is_ok()
    }
}
