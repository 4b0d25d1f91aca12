//! Insertion and removal along a path. No code of the user runs here.

use super::node::{FULL, Inner, Leaf};
use super::{Entry, NIL, Path, Tree};
use crate::allocator::Allocator;
use core::mem;

/// Neighbours under one node that have no more than this together are merged, once one of them has half of it.
const MERGED: usize = FULL / 4 * 3;

impl<A: Allocator> Tree<A> {
    /// Inserts an entry where a search said that it would go. Room for it must be reserved, or this may allocate.
    #[inline]
    pub(crate) fn insert(&mut self, path: &Path, entry: Entry) {
        if self.root == NIL {
            self.plant();
        }
        let leaf = if path.leaf == NIL {
            self.root
        } else {
            path.leaf
        };
        let at = path.at as usize;
        if at == 0 {
            self.set_first(leaf, self.leaf(leaf).parent, entry);
        }
        let node = &mut self.leaves[leaf as usize];
        if node.len() < FULL {
            node.insert(at, entry);
        } else {
            self.split_leaf(leaf, at, entry);
        }
        self.len += 1;
    }

    /// Makes a root.
    #[cold]
    fn plant(&mut self) {
        self.root = self.new_leaf();
        (self.first, self.last) = (self.root, self.root);
    }

    /// Inserts an entry behind all others.
    pub(crate) fn push(&mut self, entry: Entry) {
        let at = self
            .leaves
            .get(self.last as usize)
            .map_or(0, |leaf| leaf.len() as u32);
        self.insert(
            &Path {
                leaf: self.last,
                at,
            },
            entry,
        );
    }

    /// Inserts into a full leaf. The last leaf is not halved by what comes behind it, so that sorted input fills leaves.
    fn split_leaf(&mut self, leaf: u32, at: usize, entry: Entry) {
        let right = self.new_leaf();
        let [left, moved] = pair(&mut self.leaves, leaf, right);
        let half = if at == FULL && left.after == NIL {
            FULL
        } else {
            FULL / 2
        };
        left.move_to(half, moved);
        (moved.before, moved.after) = (leaf, left.after);
        left.after = right;
        if at > half || half == FULL {
            moved.insert(at - half, entry);
        } else {
            left.insert(at, entry);
        }
        let (separator, after) = (moved.entry(0), moved.after);
        match after {
            NIL => self.last = right,
            after => self.leaves[after as usize].before = right,
        }
        self.insert_child(leaf, separator, right, right == self.last);
    }

    /// Inserts a leaf behind another, and splits the nodes above that are full. Behind the last child of all they are
    /// not halved, so that sorted input fills them.
    fn insert_child(&mut self, mut left: u32, mut separator: Entry, mut right: u32, last: bool) {
        for level in 0.. {
            let parent = self.parent(level, left);
            if parent == NIL {
                let root = self.new_inner(left);
                self.inners[root as usize].push(separator, right);
                self.set_parent(level, left, root);
                self.set_parent(level, right, root);
                self.root = root;
                self.height += 1;
                return;
            }
            let node = &mut self.inners[parent as usize];
            let at = node.index_of(left);
            if node.children().len() < FULL {
                node.insert_behind(at, separator, right);
                self.set_parent(level, right, parent);
                return;
            }
            let half = if last && at + 1 == FULL {
                FULL - 1
            } else {
                FULL / 2
            };
            let new = self.new_inner(NIL);
            let [node, moved] = pair(&mut self.inners, parent, new);
            let between = node.split_to(half, moved);
            if at >= half {
                moved.insert_behind(at - half, separator, right);
            } else {
                node.insert_behind(at, separator, right);
                self.set_parent(level, right, parent);
            }
            self.adopt(level, new);
            (left, separator, right) = (parent, between, new);
        }
    }

    /// The node above one; level 0 is that of leaves.
    fn parent(&self, level: u32, node: u32) -> u32 {
        if level == 0 {
            self.leaf(node).parent
        } else {
            self.inner(node).parent
        }
    }

    fn set_parent(&mut self, level: u32, node: u32, parent: u32) {
        if level == 0 {
            self.leaves[node as usize].parent = parent;
        } else {
            self.inners[node as usize].parent = parent;
        }
    }

    /// Tells the children of a node that it is their parent; they are at `level`.
    pub(super) fn adopt(&mut self, level: u32, node: u32) {
        for at in 0..self.inner(node).children().len() {
            self.set_parent(level, self.inner(node).child(at), node);
        }
    }

    /// Tells the nodes above a node what its first entry is.
    fn set_first(&mut self, mut node: u32, mut parent: u32, first: Entry) {
        while let Some(inner) = self.inners.get_mut(parent as usize) {
            if let Some(separator) = inner.index_of(node).checked_sub(1) {
                inner.set_separator(separator, first);
                return;
            }
            (node, parent) = (parent, inner.parent);
        }
    }

    /// Removes the entry at the end of a path.
    #[inline]
    pub(crate) fn remove(&mut self, path: &Path) {
        let leaf = &mut self.leaves[path.leaf as usize];
        leaf.remove(path.at as usize);
        self.len -= 1;
        let (len, parent) = (leaf.len(), leaf.parent);
        if path.at == 0 && len > 0 {
            let first = leaf.entry(0);
            self.set_first(path.leaf, parent, first);
        }
        if len <= MERGED / 2 && parent != NIL {
            self.mend(path.leaf);
        }
    }

    /// Removes a leaf that is empty, or merges it with a neighbour if both fit in one.
    fn mend(&mut self, at: u32) {
        let Leaf {
            before,
            after,
            parent,
            ..
        } = *self.leaf(at);
        let len = self.leaf(at).len();
        if len == 0 {
            self.remove_child(1, parent, at);
            self.unlink(at);
            return;
        }
        let fits = |other: u32| {
            self.leaves
                .get(other as usize)
                .is_some_and(|other| other.parent == parent && other.len() + len <= MERGED)
        };
        let (left, right) = if fits(before) {
            (before, at)
        } else if fits(after) {
            (at, after)
        } else {
            return;
        };
        let [into, moved] = pair(&mut self.leaves, left, right);
        moved.move_to(0, into);
        self.remove_child(1, parent, right);
        self.unlink(right);
    }

    /// Takes an empty leaf out of the chain.
    fn unlink(&mut self, leaf: u32) {
        let Leaf { before, after, .. } = *self.leaf(leaf);
        match before {
            NIL => self.first = after,
            before => self.leaves[before as usize].after = after,
        }
        match after {
            NIL => self.last = before,
            after => self.leaves[after as usize].before = before,
        }
        self.free_leaf(leaf);
    }

    /// Removes a child of a node at `level`, and mends the nodes above.
    fn remove_child(&mut self, level: u32, node: u32, child: u32) {
        let inner = &mut self.inners[node as usize];
        let (parent, at) = (inner.parent, inner.index_of(child));
        if inner.children().len() == 1 {
            // A root has two children at least.
            self.remove_child(level + 1, parent, node);
            self.free_inner(node);
            return;
        }
        let separator = inner.remove(at);
        let children = inner.children().len();
        if at == 0 {
            self.set_first(node, parent, separator);
        }
        if parent == NIL {
            self.lower_root();
        } else if children <= MERGED / 2 {
            self.mend_inner(level, node);
        }
    }

    /// Merges a node with a neighbour if both fit in one.
    fn mend_inner(&mut self, level: u32, node: u32) {
        let above = self.inner(node).parent;
        let parent = self.inner(above);
        let at = parent.index_of(node);
        let children = |at: usize| self.inner(parent.child(at)).children().len();
        let fits = |left: usize| {
            left + 1 < parent.children().len() && children(left) + children(left + 1) <= MERGED
        };
        let left = match at.checked_sub(1) {
            Some(left) if fits(left) => left,
            _ if fits(at) => at,
            _ => return,
        };
        let (into, merged, separator) = (
            parent.child(left),
            parent.child(left + 1),
            parent.separator(left),
        );
        let [left, moved] = pair(&mut self.inners, into, merged);
        moved.merge_to(separator, left);
        self.adopt(level - 1, into);
        self.remove_child(level + 1, above, merged);
        self.free_inner(merged);
    }

    /// While the root has one child, this is the root.
    fn lower_root(&mut self) {
        while self.height > 0 && self.inner(self.root).children().len() == 1 {
            let root = self.root;
            self.root = self.inner(root).child(0);
            self.height -= 1;
            self.set_parent(self.height, self.root, NIL);
            self.free_inner(root);
        }
    }

    /// Removes the entry at the end of a path, and all behind it. Constant time for each node that goes.
    pub(crate) fn truncate(&mut self, path: &Path) {
        if path.leaf == NIL {
            return;
        }
        let leaf = &mut self.leaves[path.leaf as usize];
        self.len -= (leaf.len() - path.at as usize) as u32;
        leaf.set_len(path.at as usize);
        let (mut node, mut parent) = (path.leaf, leaf.parent);
        let mut behind = mem::replace(&mut leaf.after, NIL);
        self.last = path.leaf;
        while behind != NIL {
            let next = self.leaf(behind).after;
            self.len -= self.leaf(behind).len() as u32;
            self.free_leaf(behind);
            behind = next;
        }
        for level in 1..=self.height {
            let inner = &self.inners[parent as usize];
            let kept = inner.index_of(node) + 1;
            for child in kept..inner.children().len() {
                self.free_below(level - 1, self.inner(parent).child(child));
            }
            self.inners[parent as usize].truncate(kept);
            (node, parent) = (parent, self.inner(parent).parent);
        }
        self.lower_root();
        let leaf = self.leaf(path.leaf);
        if leaf.len() == 0 && leaf.parent != NIL {
            self.mend(path.leaf);
        }
    }

    /// Frees the inner nodes of a subtree whose root is at `level`.
    fn free_below(&mut self, level: u32, node: u32) {
        if level > 0 {
            for child in 0..self.inner(node).children().len() {
                self.free_below(level - 1, self.inner(node).child(child));
            }
            self.free_inner(node);
        }
    }

    fn new_leaf(&mut self) -> u32 {
        let leaf = self.free_leaf;
        if leaf == NIL {
            self.leaves.push(Leaf::EMPTY);
            return self.leaves.len() as u32 - 1;
        }
        self.free_leaf = mem::replace(&mut self.leaves[leaf as usize].after, NIL);
        self.spare_leaves -= 1;
        leaf
    }

    fn free_leaf(&mut self, at: u32) {
        let leaf = &mut self.leaves[at as usize];
        leaf.set_len(0);
        (leaf.before, leaf.after, leaf.parent) = (NIL, self.free_leaf, NIL);
        self.free_leaf = at;
        self.spare_leaves += 1;
    }

    /// A node with one child.
    fn new_inner(&mut self, child: u32) -> u32 {
        let at = self.free_inner;
        if at == NIL {
            self.inners.push(Inner::new(child));
            return self.inners.len() as u32 - 1;
        }
        self.free_inner = self.inners[at as usize].renew(child);
        self.spare_inners -= 1;
        at
    }

    fn free_inner(&mut self, at: u32) {
        self.inners[at as usize].renew(self.free_inner);
        self.free_inner = at;
        self.spare_inners += 1;
    }
}

/// Two nodes to change.
fn pair<N>(nodes: &mut [N], one: u32, other: u32) -> [&mut N; 2] {
    nodes
        .get_disjoint_mut([one as usize, other as usize])
        .expect("two nodes of the tree")
}
