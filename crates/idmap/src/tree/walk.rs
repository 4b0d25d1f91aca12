//! Iteration over what lies between two places, a leaf at a time.

use super::{Cursor, NIL, Span, Tree};
use crate::allocator::Allocator;
use crate::slab::Position;
use core::iter::FusedIterator;
use core::{fmt, slice};

/// The positions of a span, from both ends.
pub(crate) struct Walk<'a, A: Allocator> {
    tree: &'a Tree<A>,
    front: slice::Iter<'a, Position>,
    /// The leaf that comes when `front` is at its end, unless it is `stop`.
    next: u32,
    /// The leaf that `back` is of: the end of what `next` can come to. [`NIL`] for the end of the tree.
    stop: u32,
    back: slice::Iter<'a, Position>,
}

impl<A: Allocator> Tree<A> {
    /// The positions of a span of this tree. Constant time.
    #[inline]
    pub(crate) fn walk(&self, span: Span) -> Walk<'_, A> {
        let Span { front, back } = span;
        let positions = |from: Cursor, to: Option<u32>| {
            let all = self
                .leaves
                .get(from.leaf as usize)
                .map_or(&[][..], |leaf| leaf.positions());
            let to = to.map_or(all.len(), |to| to as usize);
            all.get(from.at as usize..to).unwrap_or(&[]).iter()
        };
        if front.leaf == back.leaf {
            return Walk {
                tree: self,
                front: positions(front, Some(back.at)),
                next: back.leaf,
                stop: back.leaf,
                back: [].iter(),
            };
        }
        Walk {
            tree: self,
            front: positions(front, None),
            next: self
                .leaves
                .get(front.leaf as usize)
                .map_or(NIL, |leaf| leaf.after),
            stop: back.leaf,
            back: positions(Cursor { at: 0, ..back }, Some(back.at)),
        }
    }
}

impl<A: Allocator> Walk<'_, A> {
    /// Goes on with the next leaf at the front. Returns whether there is one.
    fn turn(&mut self) -> bool {
        if self.next == self.stop {
            return false;
        }
        // There is one, unless the back of the span is before its front.
        let Some(leaf) = self.tree.leaves.get(self.next as usize) else {
            return false;
        };
        (self.front, self.next) = (leaf.positions().iter(), leaf.after);
        true
    }

    /// Goes on with the leaf before at the back. Returns whether there is one.
    fn turn_back(&mut self) -> bool {
        if self.next == self.stop {
            return false;
        }
        let before = match self.tree.leaves.get(self.stop as usize) {
            Some(leaf) => leaf.before,
            None => self.tree.last,
        };
        let Some(leaf) = self.tree.leaves.get(before as usize) else {
            return false;
        };
        (self.back, self.stop) = (leaf.positions().iter(), before);
        true
    }
}

impl<A: Allocator> Iterator for Walk<'_, A> {
    type Item = Position;

    #[inline]
    fn next(&mut self) -> Option<Position> {
        loop {
            if let Some(position) = self.front.next() {
                return Some(*position);
            }
            if !self.turn() {
                return self.back.next().copied();
            }
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, Position) -> B>(mut self, mut value: B, mut f: F) -> B {
        loop {
            for position in self.front.by_ref() {
                value = f(value, *position);
            }
            if !self.turn() {
                return self.back.fold(value, |value, position| f(value, *position));
            }
        }
    }
}

impl<A: Allocator> DoubleEndedIterator for Walk<'_, A> {
    #[inline]
    fn next_back(&mut self) -> Option<Position> {
        loop {
            if let Some(position) = self.back.next_back() {
                return Some(*position);
            }
            if !self.turn_back() {
                return self.front.next_back().copied();
            }
        }
    }
}

impl<A: Allocator> FusedIterator for Walk<'_, A> {}

impl<A: Allocator> Clone for Walk<'_, A> {
    fn clone(&self) -> Self {
        Self {
            tree: self.tree,
            front: self.front.clone(),
            next: self.next,
            stop: self.stop,
            back: self.back.clone(),
        }
    }
}

impl<A: Allocator> fmt::Debug for Walk<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk").finish_non_exhaustive()
    }
}
