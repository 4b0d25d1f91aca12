//! Places in the order of a tree, and what lies between two of them.

use super::{Entry, NIL, Path, Tree, Walk};
use crate::allocator::Allocator;

/// An entry, or the end of the tree. Good until the tree changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(super) leaf: u32,
    pub(super) at: u32,
}

impl Cursor {
    /// Behind the last entry.
    pub(crate) const END: Self = Self { leaf: NIL, at: 0 };

    /// The path to the entry that is there.
    pub(crate) const fn path(self) -> Path {
        Path {
            leaf: self.leaf,
            at: self.at,
        }
    }
}

impl<A: Allocator> Tree<A> {
    /// The first entry, or the end.
    pub(crate) fn first(&self) -> Cursor {
        self.settle(Cursor {
            leaf: self.first,
            at: 0,
        })
    }

    /// A cursor behind the last entry of a leaf becomes one at the first of the next.
    pub(crate) fn settle(&self, cursor: Cursor) -> Cursor {
        match self.leaves.get(cursor.leaf as usize) {
            Some(leaf) if (cursor.at as usize) < leaf.len() => cursor,
            Some(leaf) => Cursor {
                leaf: leaf.after,
                at: 0,
            },
            None => Cursor::END,
        }
    }

    #[inline]
    pub(crate) fn entry(&self, cursor: Cursor) -> Option<Entry> {
        let leaf = self.leaves.get(cursor.leaf as usize)?;
        ((cursor.at as usize) < leaf.len()).then(|| leaf.entry(cursor.at as usize))
    }

    /// The next entry, or the end.
    #[inline]
    pub(crate) fn after(&self, cursor: Cursor) -> Cursor {
        self.settle(Cursor {
            at: cursor.at + 1,
            ..cursor
        })
    }

    /// The entry before, or `None` at the first.
    #[inline]
    pub(crate) fn before(&self, cursor: Cursor) -> Option<Cursor> {
        if let Some(at) = cursor.at.checked_sub(1) {
            return Some(Cursor { at, ..cursor });
        }
        let leaf = self
            .leaves
            .get(cursor.leaf as usize)
            .map_or(self.last, |leaf| leaf.before);
        let at = (self.leaves.get(leaf as usize)?.len() as u32).checked_sub(1)?;
        Some(Cursor { leaf, at })
    }

    /// Everything.
    pub(crate) fn span(&self) -> Span {
        Span {
            front: self.first(),
            back: Cursor::END,
        }
    }

    /// Everything from a place on.
    pub(crate) const fn span_from(&self, front: Cursor) -> Span {
        Span {
            front,
            back: Cursor::END,
        }
    }

    /// What lies between two places: nothing if the second is before the first. Logarithmic time.
    pub(crate) fn span_between(&self, from: Cursor, to: Cursor) -> Span {
        let (front, back) = (self.settle(from), self.settle(to));
        let reversed = self.is_before(back, front);
        Span {
            front: if reversed { back } else { front },
            back,
        }
    }

    /// Whether a place is before another in the tree, whatever the keys there are.
    fn is_before(&self, one: Cursor, other: Cursor) -> bool {
        if one.leaf == other.leaf {
            return one.at < other.at;
        }
        if one == Cursor::END || other == Cursor::END {
            return other == Cursor::END;
        }
        // Two leaves are at one level, so they have an ancestor in common as many levels above.
        let (mut nodes, mut parents) = (
            (one.leaf, other.leaf),
            (self.leaf(one.leaf).parent, self.leaf(other.leaf).parent),
        );
        while parents.0 != parents.1 {
            nodes = parents;
            parents = (self.inner(parents.0).parent, self.inner(parents.1).parent);
        }
        let parent = self.inner(parents.0);
        parent.index_of(nodes.0) < parent.index_of(nodes.1)
    }

    /// The entries in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> {
        let mut span = self.span();
        core::iter::from_fn(move || span.next(self))
    }

    /// The positions in order: as many as the tree is long.
    #[inline]
    pub(crate) fn positions(&self) -> Walk<'_, A> {
        self.walk(self.span())
    }
}

/// What lies between two places: from the front, to before the back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) front: Cursor,
    pub(crate) back: Cursor,
}

impl Span {
    #[inline]
    pub(crate) fn next<A: Allocator>(&mut self, tree: &Tree<A>) -> Option<Entry> {
        if self.front == self.back {
            return None;
        }
        let entry = tree.entry(self.front)?;
        self.front = tree.after(self.front);
        Some(entry)
    }

    #[inline]
    pub(crate) fn next_back<A: Allocator>(&mut self, tree: &Tree<A>) -> Option<Entry> {
        if self.front == self.back {
            return None;
        }
        self.back = tree.before(self.back)?;
        tree.entry(self.back)
    }
}
