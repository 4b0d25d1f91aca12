//! Nodes: arrays of prefixes and positions, side by side.

use super::{Entry, NIL};
use crate::slab::Position;
use core::cmp::Ordering;
use core::mem;

/// Entries of a leaf, and children of an inner node.
pub(super) const FULL: usize = 32;

/// Prefixes that [`Run::below`] looks at in its second step: those of a cache line.
const BLOCK: usize = 8;

/// Up to [`FULL`] entries.
#[derive(Clone, Debug)]
struct Run {
    /// Those behind `len` are the greatest number, so that counting those below a number takes no look at `len`.
    prefixes: [u64; FULL],
    positions: [Position; FULL],
    len: u32,
}

impl Run {
    const EMPTY: Self = Self {
        prefixes: [u64::MAX; FULL],
        positions: [0; FULL],
        len: 0,
    };

    #[inline]
    const fn len(&self) -> usize {
        self.len as usize
    }

    fn prefixes_mut(&mut self) -> &mut [u64] {
        let len = self.len();
        &mut self.prefixes[..len]
    }

    #[inline]
    fn positions(&self) -> &[Position] {
        &self.positions[..self.len()]
    }

    #[inline]
    fn positions_mut(&mut self) -> &mut [Position] {
        let len = self.len();
        &mut self.positions[..len]
    }

    #[inline]
    fn insert(&mut self, at: usize, entry: Entry) {
        let len = self.len();
        self.prefixes.copy_within(at..len, at + 1);
        self.positions.copy_within(at..len, at + 1);
        self.set(at, entry);
        self.len += 1;
    }

    #[inline]
    fn remove(&mut self, at: usize) -> Entry {
        let (entry, len) = (self.entry(at), self.len());
        self.prefixes.copy_within(at + 1..len, at);
        self.positions.copy_within(at + 1..len, at);
        self.prefixes[len - 1] = u64::MAX;
        self.len -= 1;
        entry
    }

    #[inline]
    fn entry(&self, at: usize) -> Entry {
        Entry {
            prefix: self.prefixes[at],
            position: self.positions[at],
        }
    }

    #[inline]
    fn set(&mut self, at: usize, entry: Entry) {
        self.prefixes[at] = entry.prefix;
        self.positions[at] = entry.position;
    }

    /// Says how many entries there are, all of them set.
    fn set_len(&mut self, len: usize) {
        self.prefixes[len..].fill(u64::MAX);
        self.len = len as u32;
    }

    /// Moves the entries from `at` on behind those of another run.
    fn move_to(&mut self, at: usize, other: &mut Self) {
        let (len, end) = (self.len(), other.len());
        let moved = len - at;
        other.prefixes[end..end + moved].copy_from_slice(&self.prefixes[at..len]);
        other.positions[end..end + moved].copy_from_slice(&self.positions[at..len]);
        other.len += moved as u32;
        self.set_len(at);
    }

    /// How many prefixes are below a number: first among the last of each block, then in one block.
    #[inline]
    fn below(&self, prefix: u64) -> usize {
        let count = |sum: usize, found: &u64| sum + usize::from(*found < prefix);
        let (blocks, _) = self.prefixes.as_chunks::<BLOCK>();
        let [before @ .., _] = blocks else { return 0 };
        let block = before.iter().map(|block| &block[BLOCK - 1]).fold(0, count);
        blocks[block].iter().fold(block * BLOCK, count)
    }

    /// Searches by prefix, and by comparison among equal prefixes.
    #[inline]
    fn search(
        &self,
        prefix: Option<u64>,
        compare: &mut impl FnMut(Position) -> Ordering,
    ) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        if let Some(prefix) = prefix {
            low = self.below(prefix);
            if low == high || self.prefixes[low] != prefix {
                return Err(low);
            }
            if self.prefixes.get(low + 1) != Some(&prefix) {
                high = low + 1;
            } else if let Some(next) = prefix.checked_add(1) {
                high = self.below(next);
            }
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(self.positions[middle]) {
                Ordering::Less => high = middle,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => low = middle + 1,
            }
        }
        Err(low)
    }
}

/// A node with entries, linked to its neighbours.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    run: Run,
    pub(super) before: u32,
    /// The neighbour, or the next of the chain of free leaves.
    pub(super) after: u32,
    pub(super) parent: u32,
}

impl Leaf {
    pub(super) const EMPTY: Self = Self {
        run: Run::EMPTY,
        before: NIL,
        after: NIL,
        parent: NIL,
    };

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.run.len()
    }

    #[inline]
    pub(super) fn positions(&self) -> &[Position] {
        self.run.positions()
    }

    pub(super) fn positions_mut(&mut self) -> &mut [Position] {
        self.run.positions_mut()
    }

    pub(super) fn prefixes_mut(&mut self) -> &mut [u64] {
        self.run.prefixes_mut()
    }

    #[inline]
    pub(super) fn entry(&self, at: usize) -> Entry {
        self.run.entry(at)
    }

    #[inline]
    pub(super) fn set(&mut self, at: usize, entry: Entry) {
        self.run.set(at, entry);
    }

    /// Says how many entries there are, all of them set.
    pub(super) fn set_len(&mut self, len: usize) {
        self.run.set_len(len);
    }

    #[inline]
    pub(super) fn insert(&mut self, at: usize, entry: Entry) {
        self.run.insert(at, entry);
    }

    #[inline]
    pub(super) fn remove(&mut self, at: usize) {
        self.run.remove(at);
    }

    pub(super) fn move_to(&mut self, at: usize, other: &mut Self) {
        self.run.move_to(at, &mut other.run);
    }

    #[inline]
    pub(super) fn search(
        &self,
        prefix: Option<u64>,
        compare: &mut impl FnMut(Position) -> Ordering,
    ) -> Result<usize, usize> {
        self.run.search(prefix, compare)
    }

    /// Says what is wrong with the numbers behind the last prefix, if anything.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        self.run.check()
    }
}

impl Run {
    fn check(&self) -> Result<(), &'static str> {
        if self.prefixes[self.len()..]
            .iter()
            .all(|prefix| *prefix == u64::MAX)
        {
            Ok(())
        } else {
            Err("a prefix is left behind the last entry")
        }
    }
}

/// A node with children, and a separator before each but the first.
#[derive(Clone, Debug)]
pub(super) struct Inner {
    run: Run,
    children: [u32; FULL],
    pub(super) parent: u32,
}

impl Inner {
    /// A node with one child. The first child of a free node is the next of the chain.
    pub(super) const fn new(child: u32) -> Self {
        Self {
            run: Run::EMPTY,
            children: [child; FULL],
            parent: NIL,
        }
    }

    /// Makes a node one like a new one. Returns its first child.
    pub(super) fn renew(&mut self, child: u32) -> u32 {
        self.truncate(1);
        self.parent = NIL;
        mem::replace(&mut self.children[0], child)
    }

    #[inline]
    pub(super) fn children(&self) -> &[u32] {
        &self.children[..=self.run.len()]
    }

    #[inline]
    pub(super) fn child(&self, at: usize) -> u32 {
        self.children[at]
    }

    /// Which child a node is.
    #[inline]
    pub(super) fn index_of(&self, child: u32) -> usize {
        self.children()
            .iter()
            .position(|found| *found == child)
            .expect("a node is a child of its parent")
    }

    pub(super) fn prefixes_mut(&mut self) -> &mut [u64] {
        self.run.prefixes_mut()
    }

    pub(super) fn positions_mut(&mut self) -> &mut [Position] {
        self.run.positions_mut()
    }

    pub(super) fn separator(&self, at: usize) -> Entry {
        self.run.entry(at)
    }

    pub(super) fn set_separator(&mut self, at: usize, entry: Entry) {
        self.run.set(at, entry);
    }

    /// The child where a search goes on.
    #[inline]
    pub(super) fn search(
        &self,
        prefix: Option<u64>,
        compare: &mut impl FnMut(Position) -> Ordering,
    ) -> u32 {
        match self.run.search(prefix, compare) {
            Ok(separator) => self.children[separator + 1],
            Err(child) => self.children[child],
        }
    }

    /// Inserts a child behind another, with its separator.
    pub(super) fn insert_behind(&mut self, at: usize, separator: Entry, child: u32) {
        let children = self.children().len();
        self.children.copy_within(at + 1..children, at + 2);
        self.children[at + 1] = child;
        self.run.insert(at, separator);
    }

    /// Inserts a child behind the last.
    pub(super) fn push(&mut self, separator: Entry, child: u32) {
        self.insert_behind(self.run.len(), separator, child);
    }

    /// Removes a child that is not the only one. Returns the separator that goes with it: the one at its left, or for
    /// the first child that at its right, which is the first entry of the node from here on.
    pub(super) fn remove(&mut self, child: usize) -> Entry {
        let children = self.children().len();
        self.children.copy_within(child + 1..children, child);
        self.run.remove(child.saturating_sub(1))
    }

    /// Keeps some children, one at least.
    pub(super) fn truncate(&mut self, children: usize) {
        self.run.set_len(children - 1);
    }

    /// Moves the children from `at` on to a node that has none. Returns the separator before them.
    pub(super) fn split_to(&mut self, at: usize, other: &mut Self) -> Entry {
        let children = self.children().len();
        other.children[..children - at].copy_from_slice(&self.children[at..children]);
        other.run.set_len(0);
        self.run.move_to(at, &mut other.run);
        self.run.remove(at - 1)
    }

    /// Moves all children behind those of another node; `separator` is the first entry below them.
    pub(super) fn merge_to(&mut self, separator: Entry, other: &mut Self) {
        let (end, moved) = (other.children().len(), self.children().len());
        other.children[end..end + moved].copy_from_slice(&self.children[..moved]);
        other.run.insert(end - 1, separator);
        self.run.move_to(0, &mut other.run);
    }

    /// Says what is wrong with the numbers behind the last prefix, if anything.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        self.run.check()
    }
}
