//! Nodes: arrays of prefixes and positions, side by side.

use super::{Entry, NIL};
use crate::slab::Position;
use core::cmp::Ordering;

/// Entries of a leaf.
pub(super) const LEAF: usize = 32;

/// Children of an inner node.
pub(super) const FANOUT: usize = 32;

/// Up to `N` entries.
#[derive(Clone, Debug)]
struct Run<const N: usize> {
    prefixes: [u64; N],
    positions: [Position; N],
    len: u8,
}

impl<const N: usize> Run<N> {
    const EMPTY: Self = Self {
        prefixes: [0; N],
        positions: [0; N],
        len: 0,
    };

    #[inline]
    const fn len(&self) -> usize {
        self.len as usize
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

    /// Moves the entries from `at` on behind those of another run.
    fn move_to(&mut self, at: usize, other: &mut Self) {
        let (len, end, moved) = (self.len(), other.len(), self.len() - at);
        other.prefixes[end..end + moved].copy_from_slice(&self.prefixes[at..len]);
        other.positions[end..end + moved].copy_from_slice(&self.positions[at..len]);
        other.len += moved as u8;
        self.len = at as u8;
    }
}

/// A node with entries, linked to its neighbours.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    run: Run<LEAF>,
    pub(super) before: u32,
    /// The neighbour, or the next of the chain of free leaves.
    pub(super) after: u32,
}

impl Leaf {
    pub(super) const EMPTY: Self = Self::between(NIL, NIL);

    /// An empty leaf with its neighbours.
    pub(super) const fn between(before: u32, after: u32) -> Self {
        Self {
            run: Run::EMPTY,
            before,
            after,
        }
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.run.len()
    }

    #[inline]
    pub(super) fn prefixes(&self) -> &[u64] {
        &self.run.prefixes[..self.len()]
    }

    #[inline]
    pub(super) fn positions(&self) -> &[Position] {
        &self.run.positions[..self.len()]
    }

    pub(super) fn positions_mut(&mut self) -> &mut [Position] {
        let len = self.len();
        &mut self.run.positions[..len]
    }

    #[inline]
    pub(super) fn entry(&self, at: usize) -> Entry {
        self.run.entry(at)
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
}

/// A node with children, and a separator before each but the first.
#[derive(Clone, Debug)]
pub(super) struct Inner {
    run: Run<{ FANOUT - 1 }>,
    children: [u32; FANOUT],
}

impl Inner {
    /// A node with one child. The first child of a free node is the next of the chain.
    pub(super) const fn new(child: u32) -> Self {
        Self {
            run: Run::EMPTY,
            children: [child; FANOUT],
        }
    }

    #[inline]
    pub(super) const fn children(&self) -> usize {
        self.run.len() + 1
    }

    #[inline]
    pub(super) fn prefixes(&self) -> &[u64] {
        &self.run.prefixes[..self.run.len()]
    }

    #[inline]
    pub(super) fn positions(&self) -> &[Position] {
        &self.run.positions[..self.run.len()]
    }

    pub(super) fn positions_mut(&mut self) -> &mut [Position] {
        let len = self.run.len();
        &mut self.run.positions[..len]
    }

    #[inline]
    pub(super) fn child(&self, at: usize) -> u32 {
        self.children[at]
    }

    pub(super) fn separator(&self, at: usize) -> Entry {
        self.run.entry(at)
    }

    pub(super) fn set_separator(&mut self, at: usize, entry: Entry) {
        self.run.set(at, entry);
    }

    /// Inserts a child behind another, with its separator.
    pub(super) fn insert_behind(&mut self, at: usize, separator: Entry, child: u32) {
        let children = self.children();
        self.children.copy_within(at + 1..children, at + 2);
        self.children[at + 1] = child;
        self.run.insert(at, separator);
    }

    /// Removes a child that is not the only one. Returns the separator that goes with it: the one at its left, or for
    /// the first child that at its right, which is the first entry of the node from here on.
    pub(super) fn remove(&mut self, child: usize) -> Entry {
        let children = self.children();
        self.children.copy_within(child + 1..children, child);
        self.run.remove(child.saturating_sub(1))
    }

    /// Moves the children from `at` on to a node that has none. Returns the separator before them.
    pub(super) fn split_to(&mut self, at: usize, other: &mut Self) -> Entry {
        let children = self.children();
        other.children[..children - at].copy_from_slice(&self.children[at..children]);
        other.run.len = 0;
        self.run.move_to(at, &mut other.run);
        self.run.remove(at - 1)
    }

    /// Moves all children behind those of another node; `separator` is the first entry below them.
    pub(super) fn merge_to(&mut self, separator: Entry, other: &mut Self) {
        let (end, moved) = (other.children(), self.children());
        other.children[end..end + moved].copy_from_slice(&self.children[..moved]);
        other.run.insert(end - 1, separator);
        self.run.move_to(0, &mut other.run);
    }
}

/// Binary search: by prefix, and by comparison among equal prefixes.
#[inline]
pub(super) fn search(
    prefixes: &[u64],
    positions: &[Position],
    prefix: Option<u64>,
    compare: &mut impl FnMut(Position) -> Ordering,
) -> Result<usize, usize> {
    let (mut low, mut high) = (0, positions.len());
    if let Some(prefix) = prefix {
        low = prefixes.partition_point(|found| *found < prefix);
        if prefixes.last() != Some(&prefix) {
            high = low
                + prefixes[low..]
                    .iter()
                    .take_while(|found| **found == prefix)
                    .count();
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        match compare(positions[middle]) {
            Ordering::Less => high = middle,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => low = middle + 1,
        }
    }
    Err(low)
}
