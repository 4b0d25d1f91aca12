//! Positions in the order of their keys: a B+ tree that calls user code in searches only.
//!
//! R. Bayer, E. McCreight, "Organization and Maintenance of Large Ordered Indices", 1972; the variant with all entries
//! in linked leaves is in D. Comer, "The Ubiquitous B-Tree", 1979. Beside each position stands a prefix of its key, a
//! number whose order agrees with that of the keys; where prefixes differ, no record is looked at.
//!
//! A search leaves a [`Path`]; insertion and removal take one, and move entries without comparing any. So a comparison
//! that lies or panics cannot leave the tree half changed.
//!
//! Invariant: a separator is the first entry of the subtree at its right. Neighbours under one node that would fit in
//! three quarters of a node are merged, so two neighbours have 25 entries together at least.

mod change;
mod cursor;
mod node;

use crate::allocator::Allocator;
use crate::errors::TryReserveError;
use crate::slab::Position;
use allocator_api2::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
pub(crate) use cursor::{Cursor, Span};
use node::{FANOUT, Inner, LEAF, Leaf};

/// No node: the end of a chain.
const NIL: u32 = u32::MAX;

/// More levels than 2^32 entries can need, when neighbours have 25 entries together.
const DEPTH: usize = 10;

/// A position with a prefix of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) prefix: u64,
    pub(crate) position: Position,
}

/// Where an entry is, or would go. Good until the tree changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    /// Inner nodes from the root down, and which child was taken.
    steps: [(u32, u8); DEPTH],
    leaf: u32,
    at: u8,
}

impl Path {
    pub(crate) const fn cursor(&self) -> Cursor {
        Cursor {
            leaf: self.leaf,
            at: self.at as u32,
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
        let mut path = Path {
            steps: [(NIL, 0); DEPTH],
            leaf: NIL,
            at: 0,
        };
        if self.root == NIL {
            return Err(path);
        }
        let mut node = self.root;
        for step in &mut path.steps[..self.height as usize] {
            let inner = self.inner(node);
            let child =
                match node::search(inner.prefixes(), inner.positions(), prefix, &mut compare) {
                    Ok(separator) => separator + 1,
                    Err(child) => child,
                };
            *step = (node, child as u8);
            node = inner.child(child);
        }
        let leaf = self.leaf(node);
        path.leaf = node;
        match node::search(leaf.prefixes(), leaf.positions(), prefix, &mut compare) {
            Ok(at) => Ok(Path {
                at: at as u8,
                ..path
            }),
            Err(at) => Err(Path {
                at: at as u8,
                ..path
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
        let mut path = self.first_path()?;
        loop {
            if let Some(at) = self
                .leaf(path.leaf)
                .positions()
                .iter()
                .position(|found| *found == position)
            {
                path.at = at as u8;
                return Some(path);
            }
            // The next leaf: up to the first node that has a child more, and down its left side.
            let up = (0..self.height as usize).rev().find(|level| {
                let (inner, child) = path.steps[*level];
                usize::from(child) + 1 < self.inner(inner).children()
            })?;
            path.steps[up].1 += 1;
            self.descend_left(&mut path, up + 1);
        }
    }

    fn first_path(&self) -> Option<Path> {
        (self.root != NIL).then(|| {
            let mut path = Path {
                steps: [(NIL, 0); DEPTH],
                leaf: NIL,
                at: 0,
            };
            self.descend_left(&mut path, 0);
            path
        })
    }

    /// Completes a path whose steps above `level` are set by the first children.
    fn descend_left(&self, path: &mut Path, level: usize) {
        let mut node = match level.checked_sub(1) {
            None => self.root,
            Some(above) => self
                .inner(path.steps[above].0)
                .child(path.steps[above].1.into()),
        };
        for step in &mut path.steps[level..self.height as usize] {
            *step = (node, 0);
            node = self.inner(node).child(0);
        }
        path.leaf = node;
    }

    /// The path behind the last entry.
    fn last_path(&self) -> Path {
        let mut path = Path {
            steps: [(NIL, 0); DEPTH],
            leaf: NIL,
            at: 0,
        };
        if self.root == NIL {
            return path;
        }
        let mut node = self.root;
        for step in &mut path.steps[..self.height as usize] {
            let inner = self.inner(node);
            let child = inner.children() - 1;
            *step = (node, child as u8);
            node = inner.child(child);
        }
        path.leaf = node;
        path.at = self.leaf(node).len() as u8;
        path
    }

    /// Makes sure that `additional` entries can be inserted without allocating.
    #[inline]
    pub(crate) fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        // A split makes a node of half the size at least.
        let leaves = additional.div_ceil(LEAF / 2).saturating_add(1);
        let inners = leaves
            .div_ceil(FANOUT / 2 - 1)
            .saturating_add(self.height as usize + 1);
        reserve(&mut self.leaves, self.spare_leaves, leaves)?;
        reserve(&mut self.inners, self.spare_inners, inners)
    }

    /// Says what is wrong with the structure, if anything. Does not look at records.
    pub(crate) fn check(&self) -> Result<(), alloc::string::String> {
        let mut chain = alloc::vec::Vec::new();
        let (mut at, mut before) = (self.first, NIL);
        while at != NIL && chain.len() <= self.leaves.len() {
            if self.leaf(at).before != before {
                return Err(alloc::format!("leaf {at} has the wrong neighbour"));
            }
            chain.push(at);
            (before, at) = (at, self.leaf(at).after);
        }
        if at != NIL || before != self.last {
            return Err("the chain of leaves has a cycle, or ends too early".into());
        }
        let entries: usize = chain.iter().map(|leaf| self.leaf(*leaf).len()).sum();
        if entries != self.len() {
            return Err(alloc::format!(
                "the tree counts {} entries and has {entries}",
                self.len
            ));
        }
        let mut met = alloc::vec::Vec::new();
        if self.root != NIL {
            self.check_below(self.root, self.height, &mut met)?;
        }
        if met != chain {
            return Err("the chain of leaves is not that of the tree".into());
        }
        Ok(())
    }

    /// The first entry below a node, if it has one; the leaves met go to `met`.
    fn check_below(
        &self,
        node: u32,
        height: u32,
        met: &mut alloc::vec::Vec<u32>,
    ) -> Result<Option<Entry>, alloc::string::String> {
        if height == 0 {
            met.push(node);
            let leaf = self.leaf(node);
            if leaf.len() == 0 && node != self.root {
                return Err(alloc::format!("leaf {node} is empty"));
            }
            return Ok((leaf.len() > 0).then(|| leaf.entry(0)));
        }
        let inner = self.inner(node);
        let first = self.check_below(inner.child(0), height - 1, met)?;
        for child in 1..inner.children() {
            if self.check_below(inner.child(child), height - 1, met)?
                != Some(inner.separator(child - 1))
            {
                return Err(alloc::format!(
                    "separator {} of node {node} is not the first entry at its right",
                    child - 1
                ));
            }
        }
        Ok(first)
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
