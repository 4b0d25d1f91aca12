//! Iterators in the order of keys.

use super::{IdOrdItem, IdOrdMap, RefMut, State};
use crate::allocator::{Allocator, Global};
use crate::index::OrdTable;
use crate::map::IndexedMap;
use crate::slab::{Position, Slab};
use crate::tree::{Span, Walk};
use core::fmt;
use core::iter::FusedIterator;

/// The records of an ordered index, in the order of their keys.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users: idmap::IdOrdMap<User> = users();
/// let iter: idmap::id_ord_map::Iter<'_, User> = users.iter();
/// assert_eq!(iter.len(), 3);
/// ```
pub struct Iter<'a, T, A: Allocator = Global> {
    range: Range<'a, T, A>,
    remaining: usize,
}

impl<'a, T, A: Allocator> Iter<'a, T, A> {
    pub(crate) fn new(slab: &'a Slab<T, A>, table: &'a OrdTable<A>) -> Self {
        Self {
            range: Range::new(slab, table, table.tree.span()),
            remaining: table.tree.len(),
        }
    }
}

impl<T, A: Allocator> Clone for Iter<'_, T, A> {
    fn clone(&self) -> Self {
        Self {
            range: self.range.clone(),
            remaining: self.remaining,
        }
    }
}

/// The records of an ordered index whose keys are in a range, in the order of their keys.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users: idmap::IdOrdMap<User> = users();
/// let range: idmap::id_ord_map::Range<'_, User> = users.range("b"..);
/// assert_eq!(range.count(), 2);
/// ```
pub struct Range<'a, T, A: Allocator = Global> {
    slab: &'a Slab<T, A>,
    walk: Walk<'a, A>,
}

impl<'a, T, A: Allocator> Range<'a, T, A> {
    pub(crate) fn new(slab: &'a Slab<T, A>, table: &'a OrdTable<A>, span: Span) -> Self {
        Self {
            slab,
            walk: table.tree.walk(span),
        }
    }

    pub(crate) fn positions(self) -> impl Iterator<Item = Position> {
        self.walk
    }
}

impl<T, A: Allocator> Clone for Range<'_, T, A> {
    fn clone(&self) -> Self {
        Self {
            slab: self.slab,
            walk: self.walk.clone(),
        }
    }
}

impl<'a, T, A: Allocator> Iterator for Range<'a, T, A> {
    type Item = &'a T;

    #[inline]
    fn next(&mut self) -> Option<&'a T> {
        self.slab.get(self.walk.next()?)
    }

    #[inline]
    fn fold<B, F: FnMut(B, &'a T) -> B>(self, value: B, mut f: F) -> B {
        self.walk
            .fold(value, |value, position| match self.slab.get(position) {
                Some(item) => f(value, item),
                None => value,
            })
    }
}

impl<T, A: Allocator> DoubleEndedIterator for Range<'_, T, A> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.slab.get(self.walk.next_back()?)
    }
}

impl<T, A: Allocator> FusedIterator for Range<'_, T, A> {}

impl<T, A: Allocator> fmt::Debug for Range<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Range").finish_non_exhaustive()
    }
}

/// The records of an [`IdOrdMap`], to change, in the order of their keys.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let mut users: idmap::IdOrdMap<User> = users();
/// let iter: idmap::id_ord_map::IterMut<'_, User> = users.iter_mut();
/// assert_eq!(iter.len(), 3);
/// ```
pub struct IterMut<'a, T, A: Allocator = Global> {
    /// By slot; `None` once a record was given out.
    items: alloc::vec::Vec<Option<&'a mut T>>,
    state: &'a State,
    walk: Walk<'a, A>,
    remaining: usize,
}

/// The records of an [`IdOrdMap`], in the order of their keys, for good.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users: idmap::IdOrdMap<User> = users();
/// let iter: idmap::id_ord_map::IntoIter<User> = users.into_iter();
/// assert!(iter.map(|user| user.name).eq(["ada", "bob", "eve"]));
/// ```
pub struct IntoIter<T, A: Allocator = Global> {
    slab: Slab<T, A>,
    table: OrdTable<A>,
    span: Span,
    remaining: usize,
}

/// Implements an iterator over so many records, by how it steps at either end.
macro_rules! iterator {
    ([$($generics:tt)*] $type:ty, $item:ty, |$self:ident| $next:expr, $next_back:expr $(, $fold:item)?) => {
        impl<$($generics)*> Iterator for $type {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                let $self = self;
                let next = $next;
                $self.remaining = $self.remaining.saturating_sub(1);
                next
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.remaining, Some(self.remaining))
            }

            $($fold)?
        }

        impl<$($generics)*> DoubleEndedIterator for $type {
            #[inline]
            fn next_back(&mut self) -> Option<$item> {
                let $self = self;
                let next = $next_back;
                $self.remaining = $self.remaining.saturating_sub(1);
                next
            }
        }

        impl<$($generics)*> ExactSizeIterator for $type {}
        impl<$($generics)*> FusedIterator for $type {}

        impl<$($generics)*> fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("Iterator").field("remaining", &self.remaining).finish_non_exhaustive()
            }
        }
    };
}

iterator!(['a, T, A: Allocator] Iter<'a, T, A>, &'a T, |iter| iter.range.next(), iter.range.next_back(),
    #[inline]
    fn fold<B, F: FnMut(B, &'a T) -> B>(self, value: B, f: F) -> B {
        self.range.fold(value, f)
    }
);
iterator!(['a, T: IdOrdItem, A: Allocator] IterMut<'a, T, A>, RefMut<'a, T>, |iter| {
    let position = iter.walk.next()?;
    iter.lend(position)
}, {
    let position = iter.walk.next_back()?;
    iter.lend(position)
});
iterator!([T, A: Allocator] IntoIter<T, A>, T, |iter| {
    let position = iter.span.next(&iter.table.tree)?.position;
    iter.slab.remove(position)
}, {
    let position = iter.span.next_back(&iter.table.tree)?.position;
    iter.slab.remove(position)
});

impl<'a, T: IdOrdItem, A: Allocator> IterMut<'a, T, A> {
    pub(super) fn new(slab: &'a mut Slab<T, A>, state: &'a State, table: &'a OrdTable<A>) -> Self {
        Self {
            items: slab.refs_mut(),
            state,
            walk: table.tree.positions(),
            remaining: table.tree.len(),
        }
    }

    #[inline]
    fn lend(&mut self, position: Position) -> Option<RefMut<'a, T>> {
        let item = self.items.get_mut(position as usize)?.take()?;
        Some(RefMut::new(self.state, item, None))
    }
}

impl<'a, T: IdOrdItem, A: Allocator> IntoIterator for &'a IdOrdMap<T, A> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T, A>;

    #[inline]
    fn into_iter(self) -> Iter<'a, T, A> {
        self.iter()
    }
}

impl<'a, T: IdOrdItem, A: Allocator> IntoIterator for &'a mut IdOrdMap<T, A> {
    type Item = RefMut<'a, T>;
    type IntoIter = IterMut<'a, T, A>;

    #[inline]
    fn into_iter(self) -> IterMut<'a, T, A> {
        self.iter_mut()
    }
}

impl<T: IdOrdItem, A: Allocator> IntoIterator for IdOrdMap<T, A> {
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    #[inline]
    fn into_iter(self) -> IntoIter<T, A> {
        let IndexedMap {
            slab,
            tables: (table,),
            ..
        } = self;
        let (span, remaining) = (table.tree.span(), slab.len());
        IntoIter {
            slab,
            table,
            span,
            remaining,
        }
    }
}
