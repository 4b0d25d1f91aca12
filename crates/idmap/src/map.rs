//! The one map that the others are instances of.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::errors::{DuplicateItem, TryReserveError};
use crate::index::{Conflicts, Hashed, HashedMulti, Index, Indexes, OrderedMulti};
use crate::internal::{ValidateCompact, ValidationError};
use crate::ref_mut::RefMut;
use crate::slab::{NOWHERE, Position, Slab};
use alloc::vec::Vec;

/// Records, and the indexes `X` that they are found by.
///
/// `S` builds the hashers, `A` allocates. Users name it by what it is an instance of: [`IdHashMap`](crate::IdHashMap),
/// [`IdOrdMap`](crate::IdOrdMap), and the others.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// let orders: Orders = orders();
/// assert_eq!(orders.by(Id).get(&4).map(|order| order.price), Some(96));
/// assert_eq!(orders.by(Price).range(98..).count(), 3);
/// ```
pub struct IndexedMap<T, X: Indexes, S = DefaultHashBuilder, A: Allocator = Global> {
    pub(crate) slab: Slab<T, A>,
    pub(crate) tables: X::Tables<A>,
    pub(crate) state: S,
}

impl<T, X: Indexes, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// The number of records. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
    /// assert_eq!(users.len(), 3);
    /// ```
    #[inline]
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether there are no records. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// assert!(idmap::IdHashMap::<User>::new().is_empty());
    /// ```
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many records fit into the memory that their slots have. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
    /// assert!(users.capacity() >= users.len());
    /// ```
    pub fn capacity(&self) -> usize {
        self.slab.capacity()
    }

    /// The allocator.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use allocator_api2::alloc::{Allocator, Global};
    ///
    /// let users = idmap::IdHashMap::<User>::new_in(Global);
    /// let _alloc: &dyn Allocator = users.allocator();
    /// ```
    pub fn allocator(&self) -> &A {
        self.slab.allocator()
    }

    /// What builds the hashers.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::hash::BuildHasher;
    ///
    /// let users = idmap::IdHashMap::<User>::new();
    /// assert_eq!(users.hasher().hash_one("ada"), users.hasher().hash_one("ada"));
    /// ```
    pub fn hasher(&self) -> &S {
        &self.state
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// Makes room for `additional` records more, in the slots and in each index. Linear time if memory moves.
    ///
    /// # Panics
    ///
    /// If that is more than a map can have. Aborts if there is no memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.reserve(100);
    /// assert!(users.capacity() >= 103);
    /// ```
    pub fn reserve(&mut self, additional: usize) {
        if let Err(error) = self.try_reserve(additional) {
            error.handle();
        }
    }

    /// Makes room for `additional` records more, in the slots and in each index. Linear time if memory moves.
    ///
    /// # Errors
    ///
    /// If there is no memory, or that is more than a map can have. No record is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// assert!(users.try_reserve(100).is_ok());
    /// assert!(users.try_reserve(usize::MAX).is_err());
    /// ```
    #[inline]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.slab.try_reserve(additional)?;
        X::try_reserve(&mut self.tables, additional)
    }

    /// Drops all records, and keeps the memory. Linear time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.clear();
    /// assert!(users.is_empty() && users.capacity() >= 3);
    /// ```
    pub fn clear(&mut self) {
        X::clear(&mut self.tables);
        self.slab.clear();
    }

    /// Moves the records together, in their order, and gives back the memory that they do not need. Linear time.
    ///
    /// Handles to records that move are stale from here on.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.reserve(100);
    /// users.shrink_to_fit();
    /// assert!(users.capacity() < 100);
    /// ```
    pub fn shrink_to_fit(&mut self) {
        self.shrink_to(0);
    }

    /// Moves the records together, in their order, and gives back the memory beyond `min_capacity`. Linear time.
    ///
    /// Handles to records that move are stale from here on.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.reserve(100);
    /// users.shrink_to(10);
    /// assert!((10..100).contains(&users.capacity()));
    /// ```
    pub fn shrink_to(&mut self, min_capacity: usize) {
        if let Some(moved) = self.slab.compact() {
            X::remap(&mut self.tables, &moved);
        }
        // The allocator comes last, for it may panic.
        X::shrink(&mut self.tables, min_capacity);
        self.slab.shrink_to(min_capacity);
    }

    /// Inserts a record.
    ///
    /// Expected time: constant for each hashed index, logarithmic for each ordered one.
    ///
    /// # Errors
    ///
    /// If the map has records with keys of the new one. Nothing has changed.
    ///
    /// # Panics
    ///
    /// If the map has as many records as it can. Aborts if there is no memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// assert!(users.insert_unique(User { name: "zoe", age: 7 }).is_ok());
    /// let error = users.insert_unique(User { name: "ada", age: 7 }).unwrap_err();
    /// assert_eq!(error.duplicates()[0].age, 36);
    /// ```
    #[inline]
    pub fn insert_unique(&mut self, item: T) -> Result<(), DuplicateItem<T, &T>> {
        match self.insert_or_conflicts(item) {
            Ok(_) => Ok(()),
            Err((item, conflicts)) => Err(self.duplicates(item, conflicts)),
        }
    }

    #[cold]
    pub(crate) fn duplicates(&self, item: T, mut conflicts: Conflicts) -> DuplicateItem<T, &T> {
        conflicts.sort();
        let duplicates = conflicts
            .positions()
            .iter()
            .filter_map(|position| self.slab.get(*position));
        DuplicateItem::__internal_new(item, duplicates.collect())
    }

    /// Looks where a record would go that would be at a position, and who is in its way.
    #[inline]
    pub(crate) fn spot(&self, item: &T, position: Position) -> (X::Spot, Conflicts) {
        let mut conflicts = Conflicts::default();
        let spot = X::spot(
            &self.tables,
            &self.slab,
            &self.state,
            (item, position),
            &mut conflicts,
        );
        (spot, conflicts)
    }

    /// The same for a record that is about to be inserted.
    #[inline]
    pub(crate) fn spot_to_insert(&mut self, item: &T, position: Position) -> (X::Spot, Conflicts) {
        X::prepare(&mut self.tables, item);
        self.spot(item, position)
    }

    /// Inserts a record, or says who is in its way.
    #[inline]
    pub(crate) fn insert_or_conflicts(&mut self, item: T) -> Result<Position, (T, Conflicts)> {
        self.reserve(1);
        self.insert_reserved(item)
    }

    /// The same, where there is room for it.
    #[inline]
    fn insert_reserved(&mut self, item: T) -> Result<Position, (T, Conflicts)> {
        let (spot, conflicts) = self.spot_to_insert(&item, self.slab.next_position());
        if conflicts.positions().is_empty() {
            Ok(self.insert_at(spot, item))
        } else {
            Err((item, conflicts))
        }
    }

    /// Inserts a record whose keys no record had a moment ago.
    ///
    /// # Panics
    ///
    /// If one has.
    pub(crate) fn insert_absent(&mut self, item: T) -> Position {
        match self.insert_or_conflicts(item) {
            Ok(position) => position,
            Err(_) => panic!("key already present in map"),
        }
    }

    /// Inserts a record, or puts it in the place of the one that has its only key. Returns where, and that.
    #[inline]
    pub(crate) fn insert_or_replace(&mut self, item: T) -> (Position, Option<T>) {
        self.reserve_to_overwrite();
        match self.insert_reserved(item) {
            Ok(position) => (position, None),
            Err((item, conflicts)) => {
                let position = conflicts.positions()[0];
                (position, Some(self.slab.replace(position, item)))
            }
        }
    }

    /// Inserts records until one is in the way of another.
    pub(crate) fn try_collect(items: impl IntoIterator<Item = T>) -> Result<Self, DuplicateItem<T>>
    where
        S: Default,
        A: Default,
    {
        let items = items.into_iter();
        let mut map = Self::default();
        map.reserve(items.size_hint().0);
        for item in items {
            if let Err((item, mut conflicts)) = map.insert_or_conflicts(item) {
                conflicts.sort();
                return Err(DuplicateItem::__internal_new(
                    item,
                    map.remove_all(conflicts.positions()),
                ));
            }
        }
        Ok(map)
    }

    #[inline]
    fn insert_at(&mut self, spot: X::Spot, item: T) -> Position {
        let position = self.slab.insert(item);
        X::insert(&mut self.tables, spot, position);
        position
    }

    /// Makes room for a record that may take the place of others. Unwinds where others abort, as that of iddqd does.
    #[inline]
    fn reserve_to_overwrite(&mut self) {
        if let Err(error) = self.try_reserve(1) {
            panic!("no room for a record: {error}");
        }
    }

    /// Inserts a record, and removes those that are in its way. Returns where it is, and what it removed, in the order
    /// of the keys.
    pub(crate) fn insert_and_remove(&mut self, item: T) -> (Position, Vec<T>) {
        self.reserve_to_overwrite();
        let (mut spot, conflicts) = self.spot_to_insert(&item, self.slab.next_position());
        let removed: Vec<T> = self.remove_all(conflicts.positions());
        if !removed.is_empty() && !X::SPOTS_LAST {
            spot = self.spot_to_insert(&item, self.slab.next_position()).0;
        }
        (self.insert_at(spot, item), removed)
    }

    pub(crate) fn remove_all(&mut self, positions: &[Position]) -> Vec<T> {
        let mut removed = Vec::with_capacity(positions.len());
        removed.extend(
            positions
                .iter()
                .filter_map(|position| self.remove_at(*position)),
        );
        removed
    }

    /// Removes the record at a position.
    #[inline]
    pub(crate) fn remove_at(&mut self, position: Position) -> Option<T> {
        self.slab.get(position)?;
        let place = X::place(&self.tables, &self.slab, &self.state, position);
        X::remove(&mut self.tables, place);
        self.slab.remove(position)
    }

    /// Calls a function for each position in turn, and drops the records for which it returns false.
    ///
    /// The indexes follow at the end, or when the function or a drop panics: they ask no record for that.
    pub(crate) fn retain_positions(
        &mut self,
        positions: impl Iterator<Item = Position>,
        mut keep: impl FnMut(&S, &mut T) -> bool,
    ) {
        struct Sweep<'a, T, X: Index<T, S>, S, A: Allocator>(&'a mut IndexedMap<T, X, S, A>, bool);
        impl<T, X: Index<T, S>, S, A: Allocator> Drop for Sweep<'_, T, X, S, A> {
            fn drop(&mut self) {
                if self.1 {
                    let IndexedMap { slab, tables, .. } = &mut *self.0;
                    X::retain(tables, &|position| slab.get(position).is_some());
                }
            }
        }
        let sweep = &mut Sweep(self, false);
        for position in positions {
            let map = &mut *sweep.0;
            if map
                .slab
                .get_mut(position)
                .is_some_and(|item| !keep(&map.state, item))
            {
                sweep.1 = true;
                drop(map.slab.remove(position));
            }
        }
    }

    /// Whether each index has each record once, and where its keys say.
    pub(crate) fn validate_keys(
        &self,
        compactness: ValidateCompact,
    ) -> Result<(), ValidationError> {
        self.validate_structural(compactness)?;
        for (position, item) in self.slab.enumerate() {
            if X::UNIQUE > 0 && self.position_of(item) != Some(position) {
                return Err(ValidationError::General(alloc::format!(
                    "item at index {position} is not where its keys say"
                )));
            }
        }
        Ok(())
    }

    /// Whether each index has each record once. Asks no record.
    #[doc(hidden)]
    pub fn validate_structural(&self, compactness: ValidateCompact) -> Result<(), ValidationError> {
        self.slab.check().map_err(ValidationError::General)?;
        if compactness == ValidateCompact::Compact && self.slab.slots() != self.len() {
            return Err(ValidationError::General("the slab has vacant slots".into()));
        }
        X::check(&self.tables, &self.slab).map_err(ValidationError::General)
    }

    /// The record that has all keys of another.
    pub(crate) fn position_of(&self, item: &T) -> Option<Position> {
        let (_, conflicts) = self.spot(item, NOWHERE);
        conflicts.only(X::UNIQUE)
    }

    /// Removes, as the iterator comes to them, the records at positions for which a function returns true.
    ///
    /// The indexes are whole all along; an order of insertion is put back in the end.
    pub(crate) fn extract_positions(
        &mut self,
        mut positions: impl Iterator<Item = Position>,
        mut remove: impl FnMut(RefMut<'_, T, S, X>) -> bool,
    ) -> impl Iterator<Item = T> {
        let mut extraction = Extraction {
            map: self,
            orders: Vec::new(),
            changed: false,
        };
        core::iter::from_fn(move || {
            positions.find_map(|position| {
                if remove(extraction.map.get_at_mut(position)?) {
                    extraction.extract(position)
                } else {
                    None
                }
            })
        })
    }

    #[inline]
    pub(crate) fn get_at_mut(&mut self, position: Position) -> Option<RefMut<'_, T, S, X>> {
        self.slab
            .get_mut(position)
            .map(|item| RefMut::new(&self.state, item, None))
    }

    /// References to several records. `None` where there is no record, and for one that was named before.
    pub(crate) fn get_at_disjoint_mut<const N: usize>(
        &mut self,
        positions: [Option<Position>; N],
    ) -> [Option<RefMut<'_, T, S, X>>; N] {
        self.slab
            .get_disjoint_mut(positions)
            .map(|item| Some(RefMut::new(&self.state, item?, None)))
    }
}

/// Removals in a row, each in the time of its search, whatever orders there are.
struct Extraction<'a, T, X: Index<T, S>, S, A: Allocator> {
    map: &'a mut IndexedMap<T, X, S, A>,
    /// From before the first of them.
    orders: Vec<Vec<Position>>,
    changed: bool,
}

impl<T, X: Index<T, S>, S, A: Allocator> Extraction<'_, T, X, S, A> {
    fn extract(&mut self, position: Position) -> Option<T> {
        let IndexedMap {
            slab,
            tables,
            state,
        } = &mut *self.map;
        let place = X::place(tables, slab, state, position);
        if !self.changed {
            X::orders(tables, &mut self.orders);
            self.changed = true;
        }
        X::extract(tables, place);
        slab.remove(position)
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> Drop for Extraction<'_, T, X, S, A> {
    fn drop(&mut self) {
        if self.changed {
            let IndexedMap { slab, tables, .. } = &mut *self.map;
            X::restore(tables, &mut self.orders.drain(..), &|position| {
                slab.get(position).is_some()
            });
        }
    }
}

impl<T: Clone, X: Indexes, S: Clone, A: Allocator + Clone> Clone for IndexedMap<T, X, S, A>
where
    X::Tables<A>: Clone,
{
    fn clone(&self) -> Self {
        Self {
            slab: self.slab.clone(),
            tables: self.tables.clone(),
            state: self.state.clone(),
        }
    }
}

impl<T, X: Indexes, S: Default, A: Allocator + Default> Default for IndexedMap<T, X, S, A> {
    fn default() -> Self {
        Self::with_parts(S::default(), A::default)
    }
}

/// Maps are equal if they have the same records, whatever their order.
impl<T: PartialEq, X: Index<T, S> + Unsorted, S, A: Allocator> PartialEq
    for IndexedMap<T, X, S, A>
{
    /// Whether the two have the same records, in whatever order. Expected linear time; for maps without a unique index
    /// quadratic where the orders differ.
    fn eq(&self, other: &Self) -> bool {
        if X::UNIQUE == 0 {
            return self.len() == other.len() && same_records(self.slab.iter(), other.slab.iter());
        }
        self.len() == other.len()
            && self.slab.iter().all(|item| {
                let found = other
                    .position_of(item)
                    .and_then(|position| other.slab.get(position));
                found.is_some_and(|found| found == item)
            })
    }
}

/// Whether of as many records the same are there, as often. Those of the one are looked for where those of the other stand.
fn same_records<'a, T: PartialEq + 'a>(
    one: impl DoubleEndedIterator<Item = &'a T>,
    mut other: impl Iterator<Item = &'a T>,
) -> bool {
    let mut rest: Vec<&T> = one.rev().collect();
    other.all(|item| {
        let found = rest.iter().rposition(|mine| *mine == item);
        found.map(|at| rest.remove(at)).is_some()
    })
}

impl<T: Eq, X: Index<T, S> + Unsorted, S, A: Allocator> Eq for IndexedMap<T, X, S, A> {}

/// Indexes whose maps are not sorted.
pub(crate) trait Unsorted {}

/// Indexes whose maps iterate in the order of slots.
pub(crate) trait SlotOrder: Unsorted {}

/// Indexes whose maps iterate in an order.
pub(crate) trait InOrder: Indexes {
    /// Positions that borrow nothing, for what changes the map as it goes.
    type Order: DoubleEndedIterator<Item = Position>;

    /// The positions; of slots that may be vacant.
    fn order<A: Allocator>(tables: &Self::Tables<A>, slots: Position) -> Self::Order;
}

macro_rules! slot_order {
    ($([$($generics:tt)+] $X:ty;)+) => { $(
        impl<$($generics)+> Unsorted for $X {}
        impl<$($generics)+> SlotOrder for $X {}

        impl<$($generics)+> InOrder for $X {
            type Order = core::ops::Range<Position>;

            fn order<A: Allocator>(_: &Self::Tables<A>, slots: Position) -> Self::Order {
                0..slots
            }
        }
    )+ };
}

slot_order! {
    [K] (Hashed<K>,);
    [K] (HashedMulti<K>,);
    [K] (OrderedMulti<K>,);
    [X1: Indexes, X2: Indexes] (X1, X2);
    [X1: Indexes, X2: Indexes, X3: Indexes] (X1, X2, X3);
    [X1: Indexes, X2: Indexes, X3: Indexes, X4: Indexes] (X1, X2, X3, X4);
    [X1: Indexes, X2: Indexes, X3: Indexes, X4: Indexes, X5: Indexes] (X1, X2, X3, X4, X5);
    [X1: Indexes, X2: Indexes, X3: Indexes, X4: Indexes, X5: Indexes, X6: Indexes] (X1, X2, X3, X4, X5, X6);
}
