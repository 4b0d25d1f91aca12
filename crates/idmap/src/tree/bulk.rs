//! What changes all entries at once, in the memory that there is.

use super::node::{FULL, Inner};
use super::{NIL, Tree};
use crate::allocator::Allocator;
use crate::slab::Position;

impl<A: Allocator> Tree<A> {
    /// Removes every entry; keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.leaves.clear();
        self.inners.clear();
        (
            self.free_leaf,
            self.free_inner,
            self.spare_leaves,
            self.spare_inners,
        ) = (NIL, NIL, 0, 0);
        (self.root, self.height, self.first, self.last, self.len) = (NIL, 0, NIL, NIL, 0);
    }

    /// Changes every position in place.
    pub(crate) fn remap(&mut self, mut change: impl FnMut(Position) -> Position) {
        let mut each = |positions: &mut [Position]| {
            positions
                .iter_mut()
                .for_each(|position| *position = change(*position));
        };
        self.leaves
            .iter_mut()
            .for_each(|leaf| each(leaf.positions_mut()));
        self.inners
            .iter_mut()
            .for_each(|inner| each(inner.positions_mut()));
    }

    /// Changes every prefix in place. Their order must stay.
    pub(crate) fn change_prefixes(&mut self, change: impl Fn(u64) -> u64) {
        let each = |prefixes: &mut [u64]| {
            prefixes
                .iter_mut()
                .for_each(|prefix| *prefix = change(*prefix));
        };
        self.leaves
            .iter_mut()
            .for_each(|leaf| each(leaf.prefixes_mut()));
        self.inners
            .iter_mut()
            .for_each(|inner| each(inner.prefixes_mut()));
    }

    /// Removes the entries whose position is not kept, and packs the rest. `keep` must not panic.
    pub(crate) fn retain(&mut self, keep: impl FnMut(Position) -> bool) {
        let leaves = self.sort_leaves();
        self.pack(leaves, keep);
        self.build();
    }

    /// Packs the entries, and gives back the memory that they do not need.
    pub(crate) fn shrink(&mut self) {
        self.retain(|_| true);
        self.leaves.shrink_to_fit();
        self.inners.shrink_to_fit();
    }

    /// Puts the leaves where they are in the order, and those that are free behind them. Returns how many are not.
    /// The parents in them, and the links, are good no more.
    fn sort_leaves(&mut self) -> usize {
        self.leaves.iter_mut().for_each(|leaf| leaf.parent = NIL);
        let (mut at, mut rank) = (self.first, 0);
        while at != NIL {
            let leaf = &mut self.leaves[at as usize];
            (leaf.parent, at) = (rank, leaf.after);
            rank += 1;
        }
        // Each swap brings a leaf home.
        for at in 0..self.leaves.len() {
            loop {
                let home = self.leaves[at].parent;
                if home == NIL || home as usize == at {
                    break;
                }
                self.leaves.swap(at, home as usize);
            }
        }
        rank as usize
    }

    /// Moves the entries that are kept to the left, in leaves that are sorted.
    fn pack(&mut self, leaves: usize, mut keep: impl FnMut(Position) -> bool) {
        let (mut to, mut len) = (0, 0);
        for from in 0..leaves {
            for at in 0..self.leaves[from].len() {
                let entry = self.leaves[from].entry(at);
                if !keep(entry.position) {
                    continue;
                }
                if len == FULL {
                    self.leaves[to].set_len(len);
                    (to, len) = (to + 1, 0);
                }
                self.leaves[to].set(len, entry);
                len += 1;
            }
        }
        self.len = (to * FULL + len) as u32;
        if len > 0 {
            self.leaves[to].set_len(len);
            to += 1;
        }
        self.leaves.truncate(to);
    }

    /// Links sorted leaves, and makes the nodes above them: no more than before, so this allocates nothing.
    fn build(&mut self) {
        let leaves = self.leaves.len() as u32;
        for (at, leaf) in (0..leaves).zip(&mut self.leaves) {
            leaf.before = at.checked_sub(1).unwrap_or(NIL);
            leaf.after = if at + 1 < leaves { at + 1 } else { NIL };
            leaf.parent = NIL;
        }
        self.inners.clear();
        (self.free_leaf, self.spare_leaves) = (NIL, 0);
        (self.free_inner, self.spare_inners) = (NIL, 0);
        (self.first, self.last) = (
            if leaves > 0 { 0 } else { NIL },
            leaves.checked_sub(1).unwrap_or(NIL),
        );
        // One level after the other: its nodes, and how many leaves are below each.
        let (mut start, mut end, mut below) = (0, leaves, 1);
        self.height = 0;
        while end - start > 1 {
            let above = self.inners.len() as u32;
            for first in (start..end).step_by(FULL) {
                let mut node = Inner::new(first);
                for child in first + 1..end.min(first + FULL as u32) {
                    let leaf = (child - start) as usize * below;
                    node.push(self.leaves[leaf].entry(0), child);
                }
                self.inners.push(node);
                self.adopt(self.height, self.inners.len() as u32 - 1);
            }
            (start, end, below) = (above, self.inners.len() as u32, below * FULL);
            self.height += 1;
        }
        self.root = if leaves > 0 { start } else { NIL };
    }
}
