//! Insertion and removal along a path. No code of the user runs here.

use super::node::{FANOUT, Inner, LEAF, Leaf};
use super::{Entry, NIL, Path, Tree};
use crate::allocator::Allocator;
use crate::slab::Position;
use core::mem;

/// Neighbours that have no more than this together are merged.
const MERGED: usize = LEAF / 4 * 3;

impl<A: Allocator> Tree<A> {
    /// Inserts an entry where a search said that it would go. Room for it must be reserved, or this may allocate.
    pub(crate) fn insert(&mut self, path: &Path, entry: Entry) {
        self.len += 1;
        if self.root == NIL {
            self.root = self.new_leaf();
            (self.first, self.last) = (self.root, self.root);
            self.leaves[self.root as usize].insert(0, entry);
            return;
        }
        let at = usize::from(path.at);
        if at == 0 {
            self.set_first(path, self.height, entry);
        }
        let leaf = &mut self.leaves[path.leaf as usize];
        if leaf.len() < LEAF {
            leaf.insert(at, entry);
        } else {
            self.split_leaf(path, entry);
        }
    }

    /// Inserts an entry behind all others.
    pub(crate) fn push(&mut self, entry: Entry) {
        self.insert(&self.last_path(), entry);
    }

    /// Inserts into a full leaf. The last leaf is not halved by what comes behind it, so that sorted input fills leaves.
    fn split_leaf(&mut self, path: &Path, entry: Entry) {
        let (at, right) = (usize::from(path.at), self.new_leaf());
        let left = &mut self.leaves[path.leaf as usize];
        let half = if at == LEAF && left.after == NIL {
            LEAF
        } else {
            LEAF / 2
        };
        let mut moved = Leaf::between(path.leaf, left.after);
        left.move_to(half, &mut moved);
        left.after = right;
        if at > half || half == LEAF {
            moved.insert(at - half, entry);
        } else {
            left.insert(at, entry);
        }
        match moved.after {
            NIL => self.last = right,
            after => self.leaves[after as usize].before = right,
        }
        let separator = moved.entry(0);
        self.leaves[right as usize] = moved;
        self.insert_child(path, separator, right);
    }

    /// Inserts a node behind that which a path goes through, and splits the nodes above that are full.
    fn insert_child(&mut self, path: &Path, mut separator: Entry, mut child: u32) {
        for (node, at) in path.steps[..self.height as usize]
            .iter()
            .rev()
            .map(|(node, at)| (*node, usize::from(*at)))
        {
            if self.inner(node).children() < FANOUT {
                self.inners[node as usize].insert_behind(at, separator, child);
                return;
            }
            let right = self.new_inner(NIL);
            let left = &mut self.inners[node as usize];
            let half = if at + 1 == FANOUT {
                FANOUT - 1
            } else {
                FANOUT / 2
            };
            let mut moved = Inner::new(NIL);
            let between = left.split_to(half, &mut moved);
            if at >= half {
                moved.insert_behind(at - half, separator, child);
            } else {
                left.insert_behind(at, separator, child);
            }
            self.inners[right as usize] = moved;
            (separator, child) = (between, right);
        }
        let root = self.new_inner(self.root);
        self.inners[root as usize].insert_behind(0, separator, child);
        self.root = root;
        self.height += 1;
    }

    /// Tells the nodes above a node what its first entry is; the node is on the path, at `level` (0 is the root).
    fn set_first(&mut self, path: &Path, level: u32, first: Entry) {
        if let Some((node, child)) = path.steps[..level as usize]
            .iter()
            .rev()
            .find(|(_, child)| *child > 0)
        {
            self.inners[*node as usize].set_separator(usize::from(*child) - 1, first);
        }
    }

    /// Removes the entry at the end of a path.
    pub(crate) fn remove(&mut self, path: &Path) {
        let (at, leaf) = (usize::from(path.at), path.leaf);
        self.leaves[leaf as usize].remove(at);
        self.len -= 1;
        if at == 0 && self.leaf(leaf).len() > 0 {
            self.set_first(path, self.height, self.leaf(leaf).entry(0));
        }
        let Some(level) = self.height.checked_sub(1) else {
            return;
        };
        let (parent, child) = path.steps[level as usize];
        let (parent, child) = (self.inner(parent), usize::from(child));
        let fits = |at: usize| self.leaf(parent.child(at)).len() + self.leaf(leaf).len() <= MERGED;
        if self.leaf(leaf).len() == 0 {
            self.remove_child(path, level);
            self.unlink(leaf);
        } else if child > 0 && fits(child - 1) {
            self.merge_leaves(parent.child(child - 1), leaf);
            self.remove_child(path, level);
        } else if child + 1 < parent.children() && fits(child + 1) {
            self.merge_leaves(leaf, parent.child(child + 1));
            let mut right = *path;
            right.steps[level as usize].1 += 1;
            self.remove_child(&right, level);
        }
    }

    fn merge_leaves(&mut self, left: u32, right: u32) {
        let mut moved = mem::replace(&mut self.leaves[right as usize], Leaf::EMPTY);
        moved.move_to(0, &mut self.leaves[left as usize]);
        (
            self.leaves[right as usize].before,
            self.leaves[right as usize].after,
        ) = (moved.before, moved.after);
        self.unlink(right);
    }

    /// Takes an empty leaf out of the chain.
    fn unlink(&mut self, leaf: u32) {
        let Leaf { before, after, .. } = self.leaves[leaf as usize];
        match before {
            NIL => self.first = after,
            before => self.leaves[before as usize].after = after,
        }
        match after {
            NIL => self.last = before,
            after => self.leaves[after as usize].before = before,
        }
        self.leaves[leaf as usize] = Leaf::between(NIL, self.free_leaf);
        self.free_leaf = leaf;
        self.spare_leaves += 1;
    }

    /// Removes from the node at `level` of a path the child that the path goes through, and mends the nodes above.
    fn remove_child(&mut self, path: &Path, level: u32) {
        let (node, child) = path.steps[level as usize];
        let (at, child) = (node as usize, usize::from(child));
        if self.inners[at].children() == 1 {
            // The tree has an entry left elsewhere: an empty root is a leaf.
            match level.checked_sub(1) {
                Some(above) => self.remove_child(path, above),
                None => (self.root, self.height) = (NIL, 0),
            }
            self.free_inner(node);
            return;
        }
        let separator = self.inners[at].remove(child);
        if child == 0 {
            self.set_first(path, level, separator);
        }
        let Some(above) = level.checked_sub(1) else {
            while self.height > 0 && self.inner(self.root).children() == 1 {
                let root = self.root;
                self.root = self.inner(root).child(0);
                self.height -= 1;
                self.free_inner(root);
            }
            return;
        };
        let (parent, child) = path.steps[above as usize];
        let (parent, child) = (self.inner(parent), usize::from(child));
        let fits = |at: usize| {
            self.inner(parent.child(at)).children() + self.inner(node).children() <= MERGED
        };
        let right = if child > 0 && fits(child - 1) {
            child
        } else if child + 1 < parent.children() && fits(child + 1) {
            child + 1
        } else {
            return;
        };
        let (left, merged, separator) = (
            parent.child(right - 1),
            parent.child(right),
            parent.separator(right - 1),
        );
        let mut moved = mem::replace(&mut self.inners[merged as usize], Inner::new(NIL));
        moved.merge_to(separator, &mut self.inners[left as usize]);
        let mut to_right = *path;
        to_right.steps[above as usize].1 = right as u8;
        self.remove_child(&to_right, above);
        self.free_inner(merged);
    }

    fn new_leaf(&mut self) -> u32 {
        let leaf = self.free_leaf;
        if leaf == NIL {
            self.leaves.push(Leaf::EMPTY);
            return self.leaves.len() as u32 - 1;
        }
        self.free_leaf = mem::replace(&mut self.leaves[leaf as usize], Leaf::EMPTY).after;
        self.spare_leaves -= 1;
        leaf
    }

    fn new_inner(&mut self, child: u32) -> u32 {
        let inner = self.free_inner;
        if inner == NIL {
            self.inners.push(Inner::new(child));
            return self.inners.len() as u32 - 1;
        }
        self.free_inner =
            mem::replace(&mut self.inners[inner as usize], Inner::new(child)).child(0);
        self.spare_inners -= 1;
        inner
    }

    fn free_inner(&mut self, inner: u32) {
        self.inners[inner as usize] = Inner::new(self.free_inner);
        self.free_inner = inner;
        self.spare_inners += 1;
    }

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

    /// Removes the entries whose position is not kept, and packs the rest.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(Position) -> bool) {
        let kept: alloc::vec::Vec<Entry> = self
            .entries()
            .filter(|entry| keep(entry.position))
            .collect();
        if kept.len() < self.len() {
            self.clear();
            kept.into_iter().for_each(|entry| self.push(entry));
        }
    }

    /// Packs the entries, and gives back the memory that they do not need.
    pub(crate) fn shrink(&mut self) {
        let entries: alloc::vec::Vec<Entry> = self.entries().collect();
        self.clear();
        self.leaves.shrink_to(entries.len().div_ceil(LEAF));
        self.inners.shrink_to(0);
        entries.into_iter().for_each(|entry| self.push(entry));
        self.inners.shrink_to_fit();
    }
}
