//! Maps by one hashed key, in the order of insertion.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::entry::there;
use crate::id_hash_map::{ById, IdHashItem};
use crate::index::{Inserted, InsertedTable};
use crate::iter::iterator;
use crate::map::{InOrder, IndexedMap, Unsorted};
use crate::slab::{Position, Slab};
use core::cmp::Ordering;
use core::hash::{BuildHasher, Hash};
use core::iter::FusedIterator;
use core::{fmt, slice};
use equivalent::Equivalent;

pub(crate) type Keys = (Inserted<ById>,);

/// A hash map whose keys are borrowed from its records, in the order of insertion.
///
/// The records are those of an [`IdHashMap`](crate::IdHashMap), with the methods of that; beside them is an order of 8
/// bytes a record, so each has an index, from 0 to the number of records. [`remove`](Self::remove) keeps the order, in
/// linear time; [`swap_remove`](Self::swap_remove) puts the last record in the place of the one that goes, in constant
/// time. A record that [`insert_overwrite`](Self::insert_overwrite), `extend` or [`update`](Self::update) puts in the
/// place of another has the index of that.
///
/// Two maps are equal if they have the same records, whatever their order.
///
/// # Examples
///
/// ```
/// use idmap::{IdHashItem, IdIndexMap, id_upcast};
///
/// struct Step { name: String, done: bool }
///
/// impl IdHashItem for Step {
///     type Key<'a> = &'a str;
///     fn key(&self) -> &str { &self.name }
///     id_upcast!();
/// }
///
/// let mut steps: IdIndexMap<Step> =
///     ["drain", "update", "reboot"].map(|name| Step { name: name.into(), done: false }).into_iter().collect();
/// steps.get_mut("update").unwrap().done = true;
/// assert_eq!(steps.index_of("reboot"), Some(2));
/// steps.remove("drain");
/// assert!(steps.iter().map(|step| &*step.name).eq(["update", "reboot"]));
/// assert!(steps.get_index(0).is_some_and(|step| step.done));
/// ```
pub type IdIndexMap<T, S = DefaultHashBuilder, A = Global> = IndexedMap<T, Keys, S, A>;

crate::macros::names!(
    IdIndexMap,
    id_index_map,
    entry,
    "key",
    IdIndexMapAsMap,
    IdIndexMapStrategy,
    IdIndexMapValueTree
);

impl Unsorted for Keys {}

impl InOrder for Keys {
    type Order = alloc::vec::IntoIter<Position>;

    fn order<A: Allocator>((table,): &Self::Tables<A>, _: Position) -> Self::Order {
        table.order.positions().to_vec().into_iter()
    }
}

impl<T: IdHashItem, S: BuildHasher, A: Allocator> IdIndexMap<T, S, A> {
    fn positions(&self) -> &[Position] {
        self.tables.0.order.positions()
    }

    /// The record of an index. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdIndexMap<User> = users();
    /// assert_eq!(users.get_index(1).map(|user| user.name), Some("ada"));
    /// ```
    #[inline]
    pub fn get_index(&self, index: usize) -> Option<&T> {
        self.slab.get(*self.positions().get(index)?)
    }

    /// The record of an index, to change all but its key. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.get_index_mut(1).unwrap().age += 1;
    /// assert_eq!(users.get("ada").unwrap().age, 37);
    /// ```
    #[inline]
    pub fn get_index_mut(&mut self, index: usize) -> Option<RefMut<'_, T, S>> {
        self.get_at_mut(*self.positions().get(index)?)
    }

    /// The index of the record that has a key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdIndexMap<User> = users();
    /// assert_eq!((users.index_of("bob"), users.index_of("zoe")), (Some(2), None));
    /// ```
    #[inline]
    pub fn index_of<'a, Q: ?Sized + Hash + Equivalent<T::Key<'a>>>(
        &'a self,
        key: &Q,
    ) -> Option<usize> {
        self.get_full(key).map(|(index, _)| index)
    }

    /// The record that has a key, and its index. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdIndexMap<User> = users();
    /// assert_eq!(users.get_full("bob").map(|(index, user)| (index, user.age)), Some((2, 4)));
    /// ```
    #[inline]
    pub fn get_full<'a, Q: ?Sized + Hash + Equivalent<T::Key<'a>>>(
        &'a self,
        key: &Q,
    ) -> Option<(usize, &'a T)> {
        let (_, position, _) = self.find(key).ok()?;
        Some((
            self.tables.0.order.place(position),
            self.slab.get(position)?,
        ))
    }

    /// The record that was inserted first. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdIndexMap<User> = users();
    /// assert_eq!(users.first().map(|user| user.name), Some("eve"));
    /// ```
    #[inline]
    pub fn first(&self) -> Option<&T> {
        self.get_index(0)
    }

    /// The record that was inserted last. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdIndexMap<User> = users();
    /// assert_eq!(users.last().map(|user| user.name), Some("bob"));
    /// ```
    #[inline]
    pub fn last(&self) -> Option<&T> {
        self.slab.get(*self.positions().last()?)
    }

    /// Takes the record that was inserted last out of the map. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// assert_eq!(users.pop().map(|user| user.name), Some("bob"));
    /// ```
    pub fn pop(&mut self) -> Option<T> {
        self.remove_at(*self.positions().last()?)
    }

    /// Takes the record of an index out of the map, and keeps the order of the others. Linear time in those behind it.
    #[doc(alias = "shift_remove_index")]
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.remove_index(0);
    /// assert!(users.keys().eq(["ada", "bob"]));
    /// ```
    pub fn remove_index(&mut self, index: usize) -> Option<T> {
        self.remove_at(*self.positions().get(index)?)
    }

    /// Takes the record that has a key out of the map, and puts the last in its place. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.swap_remove("eve");
    /// assert!(users.keys().eq(["bob", "ada"]));
    /// ```
    pub fn swap_remove(&mut self, key: T::Key<'_>) -> Option<T> {
        let (place, position, _) = self.find_by_key(key).ok()?;
        self.tables.0.swap_remove(place, position);
        self.slab.remove(position)
    }

    /// Takes the record of an index out of the map, and puts the last in its place. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.swap_remove_index(0);
    /// assert!(users.keys().eq(["bob", "ada"]));
    /// ```
    pub fn swap_remove_index(&mut self, index: usize) -> Option<T> {
        self.positions().get(index)?;
        self.swap_indices(index, self.len() - 1);
        self.pop()
    }

    /// Inserts a record in the place of the one that has its key, or behind the others. Returns its index, and the record
    /// that was there. Expected constant time.
    ///
    /// # Panics
    ///
    /// If there is no memory, or the map has as many records as it can. It is as before then.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// let (index, old) = users.insert_full(User { name: "ada", age: 37 });
    /// assert_eq!((index, old.map(|user| user.age)), (1, Some(36)));
    /// assert_eq!(users.insert_full(User { name: "zoe", age: 7 }), (3, None));
    /// ```
    pub fn insert_full(&mut self, item: T) -> (usize, Option<T>) {
        let (position, replaced) = self.insert_or_replace(item);
        (self.tables.0.order.place(position), replaced)
    }

    /// Sorts the records; those that are equal stay in their order. Linear time, and that of sorting.
    ///
    /// # Panics
    ///
    /// If the function does. The map has all its records then, in some order.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.sort_by(|a, b| a.age.cmp(&b.age));
    /// assert!(users.keys().eq(["bob", "ada", "eve"]));
    /// ```
    pub fn sort_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut items: alloc::vec::Vec<_> = self
            .positions()
            .iter()
            .map(|position| (*position, there(self.slab.get(*position))))
            .collect();
        items.sort_by(|(_, a), (_, b)| compare(a, b));
        let order = items.into_iter().map(|(position, _)| position);
        let order: alloc::vec::Vec<_> = order.collect();
        self.tables.0.order.reorder(0..order.len(), |positions| {
            positions.copy_from_slice(&order);
        });
    }

    /// Turns the order round. Linear time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.reverse();
    /// assert!(users.keys().eq(["bob", "ada", "eve"]));
    /// ```
    pub fn reverse(&mut self) {
        self.tables
            .0
            .order
            .reorder(0..self.slab.len(), <[Position]>::reverse);
    }

    /// Swaps the places of two records. Constant time.
    ///
    /// # Panics
    ///
    /// If one of the indexes is of no record.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.swap_indices(0, 1);
    /// assert!(users.keys().eq(["ada", "eve", "bob"]));
    /// ```
    pub fn swap_indices(&mut self, a: usize, b: usize) {
        self.tables.0.order.swap(a, b);
    }

    /// Moves a record to another index; those between move up or down. Linear time in these.
    ///
    /// # Panics
    ///
    /// If one of the indexes is of no record.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.move_index(0, 2);
    /// assert!(users.keys().eq(["ada", "bob", "eve"]));
    /// ```
    pub fn move_index(&mut self, from: usize, to: usize) {
        let order = &mut self.tables.0.order;
        if from <= to {
            order.reorder(from..to + 1, |positions| positions.rotate_left(1));
        } else {
            order.reorder(to..from + 1, |positions| positions.rotate_right(1));
        }
    }

    /// The records, in the order of insertion.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdIndexMap<User> = users();
    /// assert!(users.iter().rev().map(|user| user.age).eq([4, 36, 41]));
    /// ```
    #[inline]
    pub fn iter(&self) -> Iter<'_, T, A> {
        Iter::new(&self.slab, &self.tables.0)
    }

    /// The records, to change all but their keys, in the order of insertion.
    ///
    /// Takes a reference to each record first, in time and memory linear in the slots.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// users.iter_mut().for_each(|mut user| user.age += 1);
    /// assert!(users.iter().map(|user| user.age).eq([42, 37, 5]));
    /// ```
    pub fn iter_mut(&mut self) -> IterMut<'_, T, S> {
        let mut items = self.slab.refs_mut();
        let order = self.tables.0.order.positions().iter();
        let items: alloc::vec::Vec<_> = order
            .filter_map(|position| items[*position as usize].take())
            .collect();
        IterMut {
            items: items.into_iter(),
            state: &self.state,
        }
    }

    /// The keys, in the order of insertion.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdIndexMap<User> = users();
    /// assert!(users.keys().eq(["eve", "ada", "bob"]));
    /// ```
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = T::Key<'_>> + ExactSizeIterator {
        self.iter().map(T::key)
    }

    /// The map as one of keys to records, for `{:?}`.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdIndexMap<User> = users();
    /// assert!(format!("{:?}", users.debug_with_keys()).starts_with("{\"eve\": User { "));
    /// ```
    pub fn debug_with_keys<'a>(&'a self) -> impl fmt::Debug + 'a
    where
        T: fmt::Debug,
        T::Key<'a>: fmt::Debug,
    {
        fmt::from_fn(move |f| {
            f.debug_map()
                .entries(self.iter().map(|item| (item.key(), item)))
                .finish()
        })
    }
}

impl<T: IdHashItem, S: BuildHasher, A: Allocator> OccupiedEntry<'_, T, S, A> {
    /// The index of the record. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_index_map::Entry;
    ///
    /// let mut users: idmap::IdIndexMap<User> = users();
    /// let Entry::Occupied(entry) = users.entry("bob") else { unreachable!() };
    /// assert_eq!(entry.index(), 2);
    /// ```
    pub fn index(&self) -> usize {
        self.map.tables.0.order.place(self.position)
    }
}

/// The records of an [`IdIndexMap`], in the order of insertion.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users: idmap::IdIndexMap<User> = users();
/// let iter: idmap::id_index_map::Iter<'_, User> = users.iter();
/// assert_eq!(iter.len(), 3);
/// ```
pub struct Iter<'a, T, A: Allocator = Global> {
    slab: &'a Slab<T, A>,
    order: slice::Iter<'a, Position>,
}

impl<'a, T, A: Allocator> Iter<'a, T, A> {
    pub(crate) fn new(slab: &'a Slab<T, A>, table: &'a InsertedTable<A>) -> Self {
        Self {
            slab,
            order: table.order.positions().iter(),
        }
    }
}

impl<T, A: Allocator> Clone for Iter<'_, T, A> {
    fn clone(&self) -> Self {
        Self {
            slab: self.slab,
            order: self.order.clone(),
        }
    }
}

/// The records of an [`IdIndexMap`], to change, in the order of insertion.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let mut users: idmap::IdIndexMap<User> = users();
/// let iter: idmap::id_index_map::IterMut<'_, User> = users.iter_mut();
/// assert_eq!(iter.len(), 3);
/// ```
pub struct IterMut<'a, T, S = DefaultHashBuilder> {
    items: alloc::vec::IntoIter<&'a mut T>,
    state: &'a S,
}

/// The records of an [`IdIndexMap`], in the order of insertion, for good.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users: idmap::IdIndexMap<User> = users();
/// let iter: idmap::id_index_map::IntoIter<User> = users.into_iter();
/// assert!(iter.map(|user| user.name).eq(["eve", "ada", "bob"]));
/// ```
pub struct IntoIter<T, A: Allocator = Global> {
    slab: Slab<T, A>,
    order: allocator_api2::vec::IntoIter<Position, A>,
}

iterator!(['a, T, A: Allocator] Iter<'a, T, A>, &'a T, |iter| iter.order, {
    let slab = iter.slab;
    move |position| there(slab.get(*position))
});
iterator!(['a, T: IdHashItem, S: BuildHasher] IterMut<'a, T, S>, RefMut<'a, T, S>, |iter| iter.items, {
    let state = iter.state;
    move |item| RefMut::new(state, item, None)
});
iterator!([T, A: Allocator] IntoIter<T, A>, T, |iter| iter.order, {
    let slab = &mut iter.slab;
    move |position| there(slab.remove(position))
});

impl<'a, T: IdHashItem, S: BuildHasher, A: Allocator> IntoIterator for &'a IdIndexMap<T, S, A> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T, A>;

    #[inline]
    fn into_iter(self) -> Iter<'a, T, A> {
        self.iter()
    }
}

impl<'a, T: IdHashItem, S: BuildHasher, A: Allocator> IntoIterator for &'a mut IdIndexMap<T, S, A> {
    type Item = RefMut<'a, T, S>;
    type IntoIter = IterMut<'a, T, S>;

    #[inline]
    fn into_iter(self) -> IterMut<'a, T, S> {
        self.iter_mut()
    }
}

impl<T: IdHashItem, S, A: Allocator> IntoIterator for IdIndexMap<T, S, A> {
    type Item = T;
    type IntoIter = IntoIter<T, A>;

    #[inline]
    fn into_iter(self) -> IntoIter<T, A> {
        let (table,) = self.tables;
        IntoIter {
            slab: self.slab,
            order: table.order.into_positions().into_iter(),
        }
    }
}
