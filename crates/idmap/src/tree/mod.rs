//! Positions in the order of their keys: a B+ tree that calls user code in searches only.
//!
//! R. Bayer, E. McCreight, "Organization and Maintenance of Large Ordered Indices", 1972; the variant with all entries
//! in linked leaves is in D. Comer, "The Ubiquitous B-Tree", 1979. Beside each position stands a prefix of its key, a
//! number whose order agrees with that of the keys; where prefixes differ, no record is looked at.
//!
//! A search leaves a [`Path`]; insertion and removal take one, and move entries without comparing any. So a comparison
//! that lies or panics cannot leave the tree half changed.
//!
//! Invariants, which [`Tree::check`] tests:
//! 1. All leaves are at one level, and their chain is in the order of the tree.
//! 2. A separator is the first entry of the subtree at its right.
//! 3. A node knows its parent. A root that is no leaf has two children at least.
//! 4. No leaf is empty but a root.
//! 5. A node that is not in the tree is in one of the two chains of free ones.
//!
//! A node that has 12 entries or fewer after a removal is merged with a neighbour under the same parent, if the two have
//! 24 together at most. Heights and the memory for an entry are bound by this in all but contrived cases; nothing relies
//! on it.

mod bulk;
mod change;
mod check;
mod cursor;
mod node;
// Safe code by itself; under Miri the tests of the maps run, on keys and allocators that are not.
#[cfg(all(test, not(miri)))]
mod tests;
mod walk;

use crate::allocator::Allocator;
use crate::errors::TryReserveError;
use crate::slab::Position;
use allocator_api2::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
pub(crate) use cursor::{Cursor, Span};
use node::{FULL, Inner, Leaf};
pub(crate) use walk::Walk;

/// No node: the end of a chain.
const NIL: u32 = u32::MAX;

/// A position with a prefix of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) prefix: u64,
    pub(crate) position: Position,
}

/// Where an entry is, or would go: in a leaf, or behind its last entry. Good until the tree changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    leaf: u32,
    at: u32,
}

impl Path {
    pub(crate) const fn cursor(&self) -> Cursor {
        Cursor {
            leaf: self.leaf,
            at: self.at,
        }
    }
}

/// Positions in the order of their keys.
#[derive(Clone)]
pub(crate) struct Tree<A: Allocator> {
    leaves: Vec<Leaf, A>,
    inners: Vec<Inner, A>,
    free_leaf: u32,
    free_inner: u32,
    /// How many nodes the two chains have.
    spare_leaves: u32,
    spare_inners: u32,
    /// A leaf if `height` is 0. [`NIL`] in a tree that was never inserted into.
    root: u32,
    height: u32,
    first: u32,
    last: u32,
    len: u32,
}

impl<A: Allocator> Tree<A> {
    /// An empty tree, with an allocator for each kind of node.
    pub(crate) const fn new_in(leaves: A, inners: A) -> Self {
        Self {
            leaves: Vec::new_in(leaves),
            inners: Vec::new_in(inners),
            free_leaf: NIL,
            free_inner: NIL,
            spare_leaves: 0,
            spare_inners: 0,
            root: NIL,
            height: 0,
            first: NIL,
            last: NIL,
            len: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    fn leaf(&self, leaf: u32) -> &Leaf {
        &self.leaves[leaf as usize]
    }

    fn inner(&self, inner: u32) -> &Inner {
        &self.inners[inner as usize]
    }

    /// Searches for an entry, from the root to a leaf: `Ok` where it is, `Err` where it would go. Logarithmic time.
    ///
    /// `compare` says how the wanted key stands to that of a position. It is called where prefixes are equal, or
    /// everywhere if `prefix` is `None`.
    #[inline]
    pub(crate) fn search(
        &self,
        prefix: Option<u64>,
        mut compare: impl FnMut(Position) -> Ordering,
    ) -> Result<Path, Path> {
        if self.root == NIL {
            return Err(Path { leaf: NIL, at: 0 });
        }
        let mut leaf = self.root;
        for _ in 0..self.height {
            leaf = self.inner(leaf).search(prefix, &mut compare);
        }
        match self.leaf(leaf).search(prefix, &mut compare) {
            Ok(at) => Ok(Path {
                leaf,
                at: at as u32,
            }),
            Err(at) => Err(Path {
                leaf,
                at: at as u32,
            }),
        }
    }

    /// The position at the end of a path that a search found.
    pub(crate) fn position(&self, path: &Path) -> Position {
        self.leaf(path.leaf).positions()[path.at as usize]
    }

    /// The path to a position, from one end of the tree to the other. Linear time.
    #[cold]
    pub(crate) fn scan(&self, position: Position) -> Option<Path> {
        let mut leaf = self.first;
        while leaf != NIL {
            let node = self.leaf(leaf);
            if let Some(at) = node.positions().iter().position(|found| *found == position) {
                return Some(Path {
                    leaf,
                    at: at as u32,
                });
            }
            leaf = node.after;
        }
        None
    }

    /// Makes sure that `additional` entries can be inserted without allocating.
    #[inline]
    pub(crate) fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        // While all entries would fit into one leaf, none is full.
        let (leaves, inners) = if additional == 1 && self.len() >= FULL {
            (1, self.height as usize + 1)
        } else {
            self.nodes_for(additional)
        };
        reserve(&mut self.leaves, self.spare_leaves, leaves)?;
        reserve(&mut self.inners, self.spare_inners, inners)
    }

    /// The most leaves and inner nodes that so many insertions can need.
    ///
    /// A node that is halved has room for half as many entries, or children, until it is full again. Those that are full
    /// already are no more than a part of all: hence a share of the insertions, and one of the nodes. The last node of
    /// each level, which is not halved, can add two. What the last insertion may ask for before it knows is left over.
    fn nodes_for(&self, additional: usize) -> (usize, usize) {
        if self.len().saturating_add(additional) <= FULL {
            return (usize::from(self.root == NIL), 0);
        }
        if additional == 0 {
            return (0, 0);
        }
        let leaves = additional.min(self.len() / FULL + additional / (FULL / 2) + 3);
        let levels = self.height as usize + leaves.ilog(FULL / 2) as usize + 2;
        let inners =
            (self.leaves.len() + self.inners.len()) / FULL + leaves / (FULL / 2 - 1) + 3 * levels;
        (
            leaves + 1,
            inners.min(leaves.saturating_mul(levels)) + levels,
        )
    }
}

/// Reserves room for `wanted` nodes more, of which `spare` are in a chain.
#[inline]
fn reserve<N, A: Allocator>(
    nodes: &mut Vec<N, A>,
    spare: u32,
    wanted: usize,
) -> Result<(), TryReserveError> {
    let pushes = wanted.saturating_sub(spare as usize);
    if pushes > nodes.capacity() - nodes.len() {
        nodes
            .try_reserve(pushes)
            .map_err(|error| TryReserveError::from_vec(&error))?;
    }
    Ok(())
}

impl<A: Allocator> fmt::Debug for Tree<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("len", &self.len)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}
