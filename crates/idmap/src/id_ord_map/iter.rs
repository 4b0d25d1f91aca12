//! Iterators in the order of keys.

use super::{Keys, State};
#[cfg(doc)]
use crate::IdOrdMap;
use crate::allocator::{Allocator, Global};
use crate::index::{Index, OrdKey, OrdTable, Ordered};
use crate::map::IndexedMap;
use crate::ref_mut::RefMut;
use crate::slab::{Position, Slab};
use crate::tree::{Span, Walk};
use core::fmt;
use core::hash::BuildHasher;
use core::iter::FusedIterator;
use core::marker::PhantomData;

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

/// The records of a map by an ordered key, to change, in the order of their keys.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let mut users: idmap::IdOrdMap<User> = users();
/// let iter: idmap::id_ord_map::IterMut<'_, User> = users.iter_mut();
/// assert_eq!(iter.len(), 3);
/// ```
pub struct IterMut<'a, T, A: Allocator = Global, X: Index<T, S> = Keys, S = State> {
    /// By slot; `None` once a record was given out.
    items: alloc::vec::Vec<Option<&'a mut T>>,
    state: &'a S,
    walk: Walk<'a, A>,
    remaining: usize,
    index: PhantomData<X>,
}

/// The records of a map by an ordered key, in the order of their keys, for good.
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
iterator!(['a, T, A: Allocator, X: Index<T, S>, S] IterMut<'a, T, A, X, S>, RefMut<'a, T, S, X>, |iter| {
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

impl<'a, T, A: Allocator, X: Index<T, S>, S> IterMut<'a, T, A, X, S> {
    #[inline]
    fn lend(&mut self, position: Position) -> Option<RefMut<'a, T, S, X>> {
        let item = self.items.get_mut(position as usize)?.take()?;
        Some(RefMut::new(self.state, item, None))
    }
}

impl<T, K, S, A: Allocator> IndexedMap<T, (Ordered<K>,), S, A> {
    /// The records, in the order of their keys.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// assert!(users.iter().rev().map(|user| user.age).eq([41, 4, 36]));
    /// ```
    #[inline]
    pub fn iter(&self) -> Iter<'_, T, A> {
        Iter::new(&self.slab, &self.tables.0)
    }

    /// The records, to change all but their keys, in the order of their keys.
    ///
    /// Takes a reference to each record first, in time and memory linear in the slots; for a few records at one end,
    /// [`first_entry`](IdOrdMap::first_entry) and [`last_entry`](IdOrdMap::last_entry) do not.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// users.iter_mut().for_each(|mut user| user.age += 1);
    /// assert!(users.iter().map(|user| user.age).eq([37, 5, 42]));
    /// ```
    pub fn iter_mut(&mut self) -> IterMut<'_, T, A, (Ordered<K>,), S>
    where
        K: OrdKey<T>,
        S: BuildHasher,
    {
        let (table,) = &self.tables;
        IterMut {
            items: self.slab.refs_mut(),
            state: &self.state,
            walk: table.tree.positions(),
            remaining: table.tree.len(),
            index: PhantomData,
        }
    }
}

impl<'a, T, K, S, A: Allocator> IntoIterator for &'a IndexedMap<T, (Ordered<K>,), S, A> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T, A>;

    #[inline]
    fn into_iter(self) -> Iter<'a, T, A> {
        self.iter()
    }
}

impl<'a, T, K: OrdKey<T>, S: BuildHasher, A: Allocator> IntoIterator
    for &'a mut IndexedMap<T, (Ordered<K>,), S, A>
{
    type Item = RefMut<'a, T, S, (Ordered<K>,)>;
    type IntoIter = IterMut<'a, T, A, (Ordered<K>,), S>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T, K, S, A: Allocator> IntoIterator for IndexedMap<T, (Ordered<K>,), S, A> {
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    #[inline]
    fn into_iter(self) -> IntoIter<T, A> {
        let (slab, (table,)) = (self.slab, self.tables);
        let (span, remaining) = (table.tree.span(), slab.len());
        IntoIter {
            slab,
            table,
            span,
            remaining,
        }
    }
}
