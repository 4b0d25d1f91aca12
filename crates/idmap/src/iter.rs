//! Iterators in the order of slots.

use crate::allocator::{Allocator, Global};
use crate::index::{Index, Indexes};
use crate::internal::{ValidateCompact, ValidationError};
use crate::map::{InOrder, IndexedMap, SlotOrder, Unsorted};
use crate::ref_mut::RefMut;
use crate::slab::{self, Position};
use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;

/// Records, in the order of slots.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users: idmap::IdHashMap<User> = users();
/// let iter: idmap::id_hash_map::Iter<'_, User> = users.iter();
/// assert_eq!(iter.len(), 3);
/// ```
pub struct Iter<'a, T>(pub(crate) slab::Iter<'a, T>);

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Iter<'_, T> {
    fn default() -> Self {
        Self(slab::Iter::default())
    }
}

/// Records to change, in the order of slots.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let mut users: idmap::IdHashMap<User> = users();
/// let iter: idmap::id_hash_map::IterMut<'_, User> = users.iter_mut();
/// assert_eq!(iter.len(), 3);
/// ```
pub struct IterMut<'a, T, X: Index<T, S>, S, A: Allocator = Global> {
    items: slab::IterMut<'a, T>,
    state: &'a S,
    map: PhantomData<(X, A)>,
}

/// Records, in the order of slots, for good.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users: idmap::IdHashMap<User> = users();
/// let iter: idmap::id_hash_map::IntoIter<User> = users.into_iter();
/// assert!(iter.map(|user| user.name).eq(["eve", "ada", "bob"]));
/// ```
pub struct IntoIter<T, A: Allocator = Global>(slab::IntoIter<T, A>);

macro_rules! iterator {
    ([$($generics:tt)*] $type:ty, $item:ty, |$self:ident| $inner:expr, $map:expr) => {
        impl<$($generics)*> Iterator for $type {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                let $self = self;
                $inner.next().map($map)
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                let $self = self;
                $inner.size_hint()
            }
        }

        impl<$($generics)*> DoubleEndedIterator for $type {
            #[inline]
            fn next_back(&mut self) -> Option<$item> {
                let $self = self;
                $inner.next_back().map($map)
            }
        }

        impl<$($generics)*> ExactSizeIterator for $type {}
        impl<$($generics)*> FusedIterator for $type {}

        impl<$($generics)*> fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $self = self;
                f.debug_struct("Iterator").field("remaining", &$inner.len()).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use iterator;

iterator!(['a, T] Iter<'a, T>, &'a T, |iter| iter.0, |item| item);
iterator!(['a, T, X: Index<T, S>, S, A: Allocator] IterMut<'a, T, X, S, A>, RefMut<'a, T, S, X>, |iter| iter.items, {
    let state = iter.state;
    move |item| RefMut::new(state, item, None)
});
iterator!([T, A: Allocator] IntoIter<T, A>, T, |iter| iter.0, |item| item);

impl<T, X: Index<T, S> + SlotOrder, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// The records, in the order of slots.
    ///
    /// Without removals that is the order of insertion; a new record takes the place of the one that was removed last.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
    /// assert!(users.iter().map(|user| user.age).eq([41, 36, 4]));
    /// ```
    #[inline]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self.slab.iter())
    }

    /// The records, to change all but their keys, in the order of slots.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.iter_mut().for_each(|mut user| user.age += 1);
    /// assert!(users.iter().map(|user| user.age).eq([42, 37, 5]));
    /// ```
    #[inline]
    pub fn iter_mut(&mut self) -> IterMut<'_, T, X, S, A> {
        IterMut {
            items: self.slab.iter_mut(),
            state: &self.state,
            map: PhantomData,
        }
    }
}

impl<T, X: Index<T, S> + InOrder, S, A: Allocator> IndexedMap<T, X, S, A> {
    fn order(&self) -> X::Order {
        X::order(&self.tables, self.slab.slots() as Position)
    }

    /// Keeps the records for which a function returns true, in the order of iteration, and drops the others. Linear time.
    ///
    /// # Panics
    ///
    /// If the function changes a key, or panics. Records that it has refused are gone then, the others are there.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.retain(|user| user.age >= 18);
    /// assert!(users.len() == 2 && !users.contains_key("bob"));
    /// ```
    pub fn retain<F>(&mut self, mut keep: F)
    where
        F: for<'b> FnMut(RefMut<'b, T, S, X>) -> bool,
    {
        self.retain_positions(self.order(), |state, item| {
            keep(RefMut::new(state, item, None))
        });
    }

    /// Removes all records, in the order of iteration, and keeps the memory.
    ///
    /// The map is empty from here on, even if the iterator is leaked. Linear time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// assert!(users.drain().map(|user| user.age).eq([36, 4, 41]));
    /// assert!(users.is_empty());
    /// ```
    pub fn drain(&mut self) -> alloc::vec::IntoIter<T> {
        let mut items = alloc::vec::Vec::with_capacity(self.len());
        items.extend(
            self.order()
                .filter_map(|position| self.slab.remove(position)),
        );
        self.clear();
        items.into_iter()
    }

    /// Removes the records for which a function returns true, in the order of iteration, as the iterator comes to them.
    ///
    /// Records that the iterator does not come to stay, and so does their order, unless the iterator is leaked: then an
    /// [`IdIndexMap`](crate::IdIndexMap) has them in another. Maps that are not in the order of slots take the positions
    /// first. Time: linear in the records, and logarithmic for each removal from an ordered index.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// assert!(users.extract_if(|user| user.age >= 18).map(|user| user.name).eq(["ada", "eve"]));
    /// assert_eq!(users.len(), 1);
    /// ```
    pub fn extract_if<F>(&mut self, remove: F) -> impl Iterator<Item = T>
    where
        F: for<'b> FnMut(RefMut<'b, T, S, X>) -> bool,
    {
        self.extract_positions(self.order(), remove)
    }
}

impl<T: fmt::Debug, X: Index<T, S> + Unsorted, S, A: Allocator> IndexedMap<T, X, S, A> {
    #[doc(hidden)]
    pub fn validate(&self, compactness: ValidateCompact) -> Result<(), ValidationError> {
        self.validate_keys(compactness)
    }
}

impl<'a, T, X: Index<T, S> + SlotOrder, S, A: Allocator> IntoIterator
    for &'a IndexedMap<T, X, S, A>
{
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    #[inline]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T, X: Index<T, S> + SlotOrder, S, A: Allocator> IntoIterator
    for &'a mut IndexedMap<T, X, S, A>
{
    type Item = RefMut<'a, T, S, X>;
    type IntoIter = IterMut<'a, T, X, S, A>;

    #[inline]
    fn into_iter(self) -> IterMut<'a, T, X, S, A> {
        self.iter_mut()
    }
}

impl<T, X: Indexes + SlotOrder, S, A: Allocator> IntoIterator for IndexedMap<T, X, S, A> {
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    #[inline]
    fn into_iter(self) -> IntoIter<T, A> {
        IntoIter(self.slab.into_iter())
    }
}

/// As a set of records, in the order of iteration.
impl<T: fmt::Debug, X: Indexes, S, A: Allocator> fmt::Debug for IndexedMap<T, X, S, A>
where
    for<'a> &'a Self: IntoIterator<Item = &'a T>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> Extend<T> for IndexedMap<T, X, S, A> {
    /// Inserts records; each drops those of the map that are in its way.
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        let items = items.into_iter();
        // Half of what comes may be there already.
        let expected = if self.is_empty() {
            items.size_hint().0
        } else {
            items.size_hint().0.div_ceil(2)
        };
        self.reserve(expected);
        items.for_each(|item| {
            if X::UNIQUE == 1 && X::ALL_UNIQUE {
                drop(self.insert_or_replace(item).1);
            } else {
                drop(self.insert_and_remove(item));
            }
        });
    }
}

impl<T, X: Index<T, S>, S: Default, A: Allocator + Default> FromIterator<T>
    for IndexedMap<T, X, S, A>
{
    /// Collects records; each drops those before it that are in its way.
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut map = Self::default();
        map.extend(items);
        map
    }
}
