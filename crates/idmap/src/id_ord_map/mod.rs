//! Maps by one ordered key.

mod cursor;
mod iter;

use crate::allocator::{Allocator, Global};
use crate::entry::{self, OneKey};
use crate::errors::DuplicateItem;
use crate::handle::Handle;
use crate::index::{OrdKey, Ordered};
use crate::internal::{ValidateChaos, ValidateCompact, ValidationError};
use crate::map::{InOrder, IndexedMap};
use crate::prefix::{self, Prefix};
use crate::ref_mut;
use crate::slab::Position;
use crate::tree::{self, Path};
use core::fmt;
use core::hash::Hash;
use core::ops::{Bound, RangeBounds};
pub use cursor::{Cursor, CursorMut};
use equivalent::Comparable;
pub use iter::{IntoIter, Iter, IterMut, Range};

/// A record with an ordered key that may borrow from it.
///
/// A number or a string of bytes, or else the hash of the key, tells a [`RefMut`] whether the key has changed.
///
/// # Examples
///
/// ```
/// use idmap::{IdOrdItem, IdOrdMap, id_upcast};
///
/// struct Sled { rack: u32, slot: u8, online: bool }
///
/// impl IdOrdItem for Sled {
///     type Key<'a> = (u32, u8);
///     fn key(&self) -> (u32, u8) { (self.rack, self.slot) }
///     id_upcast!();
/// }
///
/// let sleds: IdOrdMap<Sled> = [(2, 0), (1, 7), (1, 3)].map(|(rack, slot)| Sled { rack, slot, online: true }).into_iter().collect();
/// assert_eq!(sleds.first().map(|sled| sled.slot), Some(3));
/// assert!(sleds.get(&(2, 0)).is_some_and(|sled| sled.online));
/// ```
pub trait IdOrdItem {
    /// The key.
    type Key<'a>: Ord + Hash
    where
        Self: 'a;

    /// The key of the record.
    fn key(&self) -> Self::Key<'_>;

    /// Makes the lifetime of a key shorter; [`id_upcast!`](crate::id_upcast) writes it.
    fn upcast_key<'short, 'long: 'short>(long: Self::Key<'long>) -> Self::Key<'short>;

    #[doc(hidden)]
    #[inline]
    fn key_prefix<'k, 'a>(_key: &'k Self::Key<'a>) -> Option<Prefix<'k>>
    where
        Self: 'a,
    {
        None
    }
}

crate::macros::for_pointers! { IdOrdItem, [Key key upcast_key], key_prefix }

/// Stands for the key of an [`IdOrdItem`].
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use idmap::id_ord_map::ByOrdId;
///
/// let users: idmap::IdOrdMap<User> = users();
/// assert_eq!(users.by(ByOrdId).get("ada"), users.get("ada"));
/// ```
#[derive(Debug)]
pub struct ByOrdId;

impl<T: IdOrdItem> OrdKey<T> for ByOrdId {
    type Key<'a>
        = T::Key<'a>
    where
        T: 'a;

    #[inline]
    fn key(item: &T) -> T::Key<'_> {
        item.key()
    }

    #[inline]
    fn prefix<'k, 'a>(key: &'k T::Key<'a>) -> Option<Prefix<'k>>
    where
        T: 'a,
    {
        T::key_prefix(key)
    }
}

pub(crate) type Keys = (Ordered<ByOrdId>,);

/// What hashes keys, to see whether they have changed.
pub(crate) type State = foldhash::fast::FixedState;

pub(crate) const STATE: State = State::with_seed(0x1D0A_DDED_0F0E_D5ED);

impl<T: IdOrdItem> OneKey<T, State> for Keys {
    #[inline]
    fn same_key(a: &T, b: &T) -> bool {
        a.key() == b.key()
    }
}

/// An ordered map whose keys are borrowed from its records. Iteration is in the order of keys.
pub type IdOrdMap<T, A = Global> = IndexedMap<T, Keys, State, A>;

/// A record of an [`IdOrdMap`], to change all but its key.
pub type RefMut<'a, T> = ref_mut::RefMut<'a, T, State, Keys>;

/// An entry of an [`IdOrdMap`].
pub type Entry<'a, T, A = Global> = entry::Entry<'a, T, Keys, State, A>;

/// A vacant entry of an [`IdOrdMap`].
pub type VacantEntry<'a, T, A = Global> = entry::VacantEntry<'a, T, Keys, State, A>;

/// An occupied entry of an [`IdOrdMap`].
pub type OccupiedEntry<'a, T, A = Global> = entry::OccupiedEntry<'a, T, Keys, State, A>;

/// What differs between two maps.
#[cfg(feature = "daft")]
pub type Diff<'daft, T, A = Global> = crate::external::daft::Diff<'daft, T, Keys, State, A>;

/// For `#[serde(with = "IdOrdMapAsMap")]`: an [`IdOrdMap`] as a map of keys to records.
#[cfg(feature = "serde")]
pub type IdOrdMapAsMap<T, A = Global> = crate::external::serde::AsMap<T, Keys, State, A>;

/// Generates an [`IdOrdMap`].
#[cfg(feature = "proptest")]
pub type IdOrdMapStrategy<T, A = Global> =
    crate::external::proptest::MapStrategy<T, Keys, State, A>;

/// An [`IdOrdMap`] that can be made simpler.
#[cfg(feature = "proptest")]
pub type IdOrdMapValueTree<T, A = Global> =
    crate::external::proptest::MapValueTree<T, Keys, State, A>;

/// Generates maps of so many records, or fewer if some have keys in common.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use proptest::prelude::*;
///
/// let user = (0..100_u8).prop_map(|age| User { name: "ada", age });
/// proptest!(|(users in idmap::id_ord_map::prop_strategy(user, 1..5))| assert_eq!(users.len(), 1));
/// ```
#[cfg(feature = "proptest")]
pub fn prop_strategy<T: proptest::strategy::Strategy>(
    element: T,
    size: impl Into<proptest::collection::SizeRange>,
) -> IdOrdMapStrategy<T> {
    crate::external::proptest::MapStrategy::new(element, size, State::default(), Global)
}

impl<T: IdOrdItem> IdOrdMap<T> {
    /// Collects records.
    ///
    /// # Errors
    ///
    /// If two records have the same key: the later one, with the one before it.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let twice = [User { name: "ada", age: 36 }, User { name: "ada", age: 7 }];
    /// assert!(idmap::IdOrdMap::<User>::from_iter_unique(twice).is_err());
    /// ```
    pub fn from_iter_unique<I: IntoIterator<Item = T>>(items: I) -> Result<Self, DuplicateItem<T>> {
        Self::try_collect(items)
    }
}

impl<T: IdOrdItem, A: Allocator> IdOrdMap<T, A> {
    #[inline]
    fn find<'a, Q: ?Sized + Comparable<T::Key<'a>>>(&'a self, key: &Q) -> Option<Path> {
        self.tables
            .0
            .search(&self.slab, prefix::of_query(key), |item| {
                key.compare(&item.key())
            })
            .ok()
    }

    #[inline]
    fn find_by_key(&self, key: T::Key<'_>) -> Option<Path> {
        let key = T::upcast_key(key);
        self.tables
            .0
            .search(&self.slab, T::key_prefix(&key), |item| key.cmp(&item.key()))
            .ok()
    }

    #[inline]
    fn position_by_key(&self, key: T::Key<'_>) -> Option<Position> {
        let path = self.find_by_key(key)?;
        Some(self.tables.0.tree.position(&path))
    }

    #[inline]
    fn item(&self, cursor: tree::Cursor) -> Option<&T> {
        self.slab.get(self.tables.0.tree.entry(cursor)?.position)
    }

    /// Whether a record has a key. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// assert!(users.contains_key("ada") && !users.contains_key("zoe"));
    /// ```
    #[inline]
    pub fn contains_key<'a, Q: ?Sized + Comparable<T::Key<'a>>>(&'a self, key: &Q) -> bool {
        self.find(key).is_some()
    }

    /// The record that has a key. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// assert_eq!(users.get("ada").map(|user| user.age), Some(36));
    /// ```
    #[inline]
    pub fn get<'a, Q: ?Sized + Comparable<T::Key<'a>>>(&'a self, key: &Q) -> Option<&'a T> {
        let path = self.find(key)?;
        self.slab.get(self.tables.0.tree.position(&path))
    }

    /// The record that has a key, to change all but the key. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// users.get_mut("ada").unwrap().age += 1;
    /// assert_eq!(users.get("ada").map(|user| user.age), Some(37));
    /// ```
    #[inline]
    pub fn get_mut(&mut self, key: T::Key<'_>) -> Option<RefMut<'_, T>> {
        self.get_at_mut(self.position_by_key(key)?)
    }

    /// The records that have several keys, to change all but the keys. `None` where there is none, and for a key that is
    /// named again. Logarithmic time for each.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// if let [Some(mut ada), Some(mut bob)] = users.get_disjoint_mut(["ada", "bob"]) {
    ///     std::mem::swap(&mut ada.age, &mut bob.age);
    /// }
    /// assert_eq!(users.get("bob").map(|user| user.age), Some(36));
    /// ```
    pub fn get_disjoint_mut<const N: usize>(
        &mut self,
        keys: [T::Key<'_>; N],
    ) -> [Option<RefMut<'_, T>>; N] {
        let positions = keys.map(|key| self.position_by_key(key));
        self.get_at_disjoint_mut(positions)
    }

    /// Takes the record that has a key out of the map. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// assert_eq!(users.remove("ada").map(|user| user.age), Some(36));
    /// assert!(users.remove("ada").is_none());
    /// ```
    #[inline]
    pub fn remove(&mut self, key: T::Key<'_>) -> Option<T> {
        let path = self.find_by_key(key)?;
        let position = self.tables.0.tree.position(&path);
        self.tables.0.tree.remove(&path);
        self.slab.remove(position)
    }

    /// Inserts a record in the place of the one that has its key, and returns that. Logarithmic time.
    ///
    /// # Panics
    ///
    /// If there is no memory, or the map has as many records as it can. It is as before then.
    #[doc(alias = "insert")]
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let old = users.insert_overwrite(User { name: "ada", age: 37 });
    /// assert_eq!(old.map(|user| user.age), Some(36));
    /// ```
    pub fn insert_overwrite(&mut self, item: T) -> Option<T> {
        self.insert_or_replace(item).1
    }

    /// What is known of a key. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// users.entry("ada").and_modify(|mut user| user.age += 1).or_insert_with(|| unreachable!());
    /// users.entry("zoe").or_insert(User { name: "zoe", age: 7 });
    /// assert_eq!((users.len(), users.get("ada").unwrap().age), (4, 37));
    /// ```
    #[inline]
    pub fn entry(&mut self, key: T::Key<'_>) -> Entry<'_, T, A> {
        match self.position_by_key(key) {
            Some(position) => Entry::occupied(self, position),
            None => Entry::vacant(self, None),
        }
    }

    /// The record with the lowest key. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// assert_eq!(users.first().map(|user| user.name), Some("ada"));
    /// ```
    #[inline]
    pub fn first(&self) -> Option<&T> {
        self.item(self.tables.0.tree.first())
    }

    /// The record with the highest key. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// assert_eq!(users.last().map(|user| user.name), Some("eve"));
    /// ```
    #[inline]
    pub fn last(&self) -> Option<&T> {
        self.item(self.tables.0.tree.before(tree::Cursor::END)?)
    }

    fn entry_at(&mut self, cursor: tree::Cursor) -> Option<OccupiedEntry<'_, T, A>> {
        let position = self.tables.0.tree.entry(cursor)?.position;
        Some(OccupiedEntry::new(self, position))
    }

    /// The entry of the record with the lowest key. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// users.first_entry().unwrap().get_mut().age += 1;
    /// assert_eq!(users.get("ada").unwrap().age, 37);
    /// ```
    pub fn first_entry(&mut self) -> Option<OccupiedEntry<'_, T, A>> {
        self.entry_at(self.tables.0.tree.first())
    }

    /// The entry of the record with the highest key. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// assert_eq!(users.last_entry().unwrap().remove().name, "eve");
    /// ```
    pub fn last_entry(&mut self) -> Option<OccupiedEntry<'_, T, A>> {
        self.entry_at(self.tables.0.tree.before(tree::Cursor::END)?)
    }

    /// Takes the record with the lowest key out of the map. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// assert_eq!(users.pop_first().map(|user| user.name), Some("ada"));
    /// ```
    pub fn pop_first(&mut self) -> Option<T> {
        Some(self.first_entry()?.remove())
    }

    /// Takes the record with the highest key out of the map. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// assert_eq!(users.pop_last().map(|user| user.name), Some("eve"));
    /// ```
    pub fn pop_last(&mut self) -> Option<T> {
        Some(self.last_entry()?.remove())
    }

    /// Changes the record that has a key, the key too.
    ///
    /// The function gets a copy, which takes the place of the record if no other has its new key.
    ///
    /// # Errors
    ///
    /// If another record has its new key: the copy, and that record. Nothing has changed.
    ///
    /// # Panics
    ///
    /// If the function, a clone or a key does. The record is as before then, or, if a key panics that has not panicked a
    /// moment ago, it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// users.update("ada", |user| user.name = "zoe").unwrap().unwrap();
    /// assert_eq!(users.get("zoe").unwrap().age, 36);
    /// // The name of another is refused.
    /// assert!(users.update("zoe", |user| user.name = "bob").unwrap().is_err());
    /// ```
    pub fn update<R>(
        &mut self,
        key: T::Key<'_>,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<Result<R, DuplicateItem<T, &T>>>
    where
        T: Clone,
    {
        self.update_at(self.position_by_key(key)?, change)
    }

    /// A handle to the record that has a key. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// let ada = users.handle("ada").unwrap();
    /// assert_eq!(users.get_by_handle(ada).map(|user| user.age), Some(36));
    /// ```
    pub fn handle(&self, key: T::Key<'_>) -> Option<Handle> {
        self.handle_at(self.position_by_key(key)?)
    }

    /// The records whose keys are in a range, in the order of their keys. Logarithmic time.
    ///
    /// A range that ends before it begins has none.
    ///
    /// # Examples
    ///
    /// ```
    /// use idmap::{IdOrdItem, IdOrdMap, id_upcast};
    ///
    /// struct Level { price: u64 }
    ///
    /// impl IdOrdItem for Level {
    ///     type Key<'a> = u64;
    ///     fn key(&self) -> u64 { self.price }
    ///     id_upcast!();
    /// }
    ///
    /// let levels: IdOrdMap<Level> = (0..100).map(|n| Level { price: n * 10 }).collect();
    /// assert_eq!(levels.range(95..=120).map(|level| level.price).collect::<Vec<_>>(), [100, 110, 120]);
    /// assert_eq!(levels.range::<u64, _>(..).next_back().map(|level| level.price), Some(990));
    /// ```
    pub fn range<'a, Q, R>(&'a self, range: R) -> Range<'a, T, A>
    where
        Q: ?Sized + Comparable<T::Key<'a>>,
        R: RangeBounds<Q>,
    {
        self.by(ByOrdId).range(range)
    }

    /// A place in the order of keys: before the first record that is not before the bound. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::ops::Bound;
    ///
    /// let users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound(Bound::Included("bob"));
    /// assert_eq!(cursor.next().map(|user| user.name), Some("bob"));
    /// ```
    #[must_use]
    pub fn lower_bound<'a, Q>(&'a self, bound: Bound<&Q>) -> Cursor<'a, T, A>
    where
        Q: ?Sized + Comparable<T::Key<'a>>,
    {
        self.by(ByOrdId).lower_bound(bound)
    }

    /// A place in the order of keys: behind the last record that is not behind the bound. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::ops::Bound;
    ///
    /// let users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.upper_bound(Bound::Included("bob"));
    /// assert_eq!(cursor.next().map(|user| user.name), Some("eve"));
    /// ```
    #[must_use]
    pub fn upper_bound<'a, Q>(&'a self, bound: Bound<&Q>) -> Cursor<'a, T, A>
    where
        Q: ?Sized + Comparable<T::Key<'a>>,
    {
        self.by(ByOrdId).upper_bound(bound)
    }

    /// As [`lower_bound`](Self::lower_bound), to change the map there. The bound is a key, as it is for
    /// [`range_mut`](Self::range_mut).
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::ops::Bound;
    ///
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// assert!(users.lower_bound_mut(Bound::Included("bob")).remove_next().is_some());
    /// assert!(users.keys().eq(["ada", "eve"]));
    /// ```
    #[must_use]
    pub fn lower_bound_mut(&mut self, bound: Bound<T::Key<'_>>) -> CursorMut<'_, T, A> {
        let at = self.lower_place(bound.map(T::upcast_key));
        CursorMut::new(self, at)
    }

    /// As [`upper_bound`](Self::upper_bound), to change the map there. The bound is a key, as it is for
    /// [`range_mut`](Self::range_mut).
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::ops::Bound;
    ///
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// assert!(users.upper_bound_mut(Bound::Included("bob")).remove_prev().is_some());
    /// assert!(users.keys().eq(["ada", "eve"]));
    /// ```
    #[must_use]
    pub fn upper_bound_mut(&mut self, bound: Bound<T::Key<'_>>) -> CursorMut<'_, T, A> {
        let at = self.upper_place(bound.map(T::upcast_key));
        CursorMut::new(self, at)
    }

    /// The records whose keys are in a range, to change all but their keys, in the order of their keys.
    ///
    /// The bounds are keys, as they are for [`get_mut`](Self::get_mut). Takes the references first: `k` records of the
    /// range take time in `k log k` and memory in `k`.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::ops::Bound;
    ///
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// users.range_mut((Bound::Excluded("ada"), Bound::Unbounded)).for_each(|mut user| user.age += 1);
    /// assert!(users.iter().map(|user| user.age).eq([36, 5, 42]));
    /// ```
    pub fn range_mut(
        &mut self,
        (start, end): (Bound<T::Key<'_>>, Bound<T::Key<'_>>),
    ) -> impl DoubleEndedIterator<Item = RefMut<'_, T>> + ExactSizeIterator {
        let positions = self.positions(start.map(T::upcast_key), end.map(T::upcast_key));
        let items = self.slab.many_mut(&positions);
        let state = &self.state;
        items
            .into_iter()
            .map(move |item| RefMut::new(state, item, None))
    }

    fn lower_place<'a>(&'a self, bound: Bound<T::Key<'a>>) -> tree::Cursor {
        let compare = |key: &T::Key<'a>, item: &'a T| key.cmp(&item.key());
        self.tables
            .0
            .lower(&self.slab, bound.as_ref(), T::key_prefix, compare)
    }

    fn upper_place<'a>(&'a self, bound: Bound<T::Key<'a>>) -> tree::Cursor {
        let compare = |key: &T::Key<'a>, item: &'a T| key.cmp(&item.key());
        self.tables
            .0
            .upper(&self.slab, bound.as_ref(), T::key_prefix, compare)
    }

    fn positions<'a>(
        &'a self,
        start: Bound<T::Key<'a>>,
        end: Bound<T::Key<'a>>,
    ) -> alloc::vec::Vec<Position> {
        let compare = |key: &T::Key<'a>, item: &'a T| key.cmp(&item.key());
        let span = self
            .tables
            .0
            .range(&self.slab, &(start, end), T::key_prefix, compare);
        Range::new(&self.slab, &self.tables.0, span)
            .positions()
            .collect()
    }

    /// The keys, in order.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// assert!(users.keys().eq(["ada", "bob", "eve"]));
    /// ```
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = T::Key<'_>> + ExactSizeIterator {
        self.iter().map(T::key)
    }

    /// Takes the records from a key on out of the map, into another.
    ///
    /// Time: logarithmic, and linear in the records that are taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use idmap::{IdOrdItem, IdOrdMap, id_upcast};
    ///
    /// struct Level { price: u64 }
    ///
    /// impl IdOrdItem for Level {
    ///     type Key<'a> = u64;
    ///     fn key(&self) -> u64 { self.price }
    ///     id_upcast!();
    /// }
    ///
    /// let mut levels: IdOrdMap<Level> = (0..10).map(|price| Level { price }).collect();
    /// let high = levels.split_off(7);
    /// assert_eq!((levels.len(), high.first().map(|level| level.price)), (7, Some(7)));
    /// ```
    #[must_use]
    pub fn split_off(&mut self, key: T::Key<'_>) -> Self
    where
        A: Clone,
    {
        let mut other = Self::new_in(self.allocator().clone());
        let key = T::upcast_key(key);
        let compare = |item| key.cmp(&T::key(item));
        let path = self
            .tables
            .0
            .bound(&self.slab, T::key_prefix(&key), false, compare);
        drop(key);
        let tree = &self.tables.0.tree;
        let mut span = tree.span_from(tree.settle(path.cursor()));
        let taken: alloc::vec::Vec<_> = core::iter::from_fn(|| span.next(tree)).collect();
        other.reserve(taken.len());
        self.tables.0.tree.truncate(&path);
        let (slab, to) = (&mut self.slab, &mut other.slab);
        let moved = taken.into_iter().filter_map(|entry| {
            let position = to.insert(slab.remove(entry.position)?);
            Some(tree::Entry { position, ..entry })
        });
        other.tables.0.take(moved, &self.tables.0);
        other
    }

    /// Moves the records of another map into this one; each drops the one here that has its key.
    ///
    /// Time: logarithmic for each record of the other.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let (mut users, mut more) = (users::<idmap::IdOrdMap<User>>(), idmap::IdOrdMap::new());
    /// more.extend([User { name: "ada", age: 37 }, User { name: "zoe", age: 7 }]);
    /// users.append(&mut more);
    /// assert!(users.iter().map(|user| user.age).eq([37, 4, 41, 7]) && more.is_empty());
    /// ```
    pub fn append(&mut self, other: &mut Self) {
        self.extend(other.drain());
    }

    #[doc(hidden)]
    pub fn validate(
        &self,
        compactness: ValidateCompact,
        chaos: ValidateChaos,
    ) -> Result<(), ValidationError>
    where
        T: fmt::Debug,
    {
        match chaos {
            ValidateChaos::Yes => self.validate_structural(compactness),
            ValidateChaos::No => self.validate_keys(compactness),
        }
    }

    /// The map as one of keys to records, for `{:?}`.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// assert!(format!("{:?}", users.debug_with_keys()).starts_with("{\"ada\": User { "));
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

impl<K> InOrder for (Ordered<K>,) {
    type Order = alloc::vec::IntoIter<Position>;

    fn order<A: Allocator>((table,): &Self::Tables<A>, _: Position) -> Self::Order {
        table
            .tree
            .positions()
            .collect::<alloc::vec::Vec<_>>()
            .into_iter()
    }
}

/// Maps are equal if they have the same records in the same order.
impl<T: PartialEq, K, S, A: Allocator> PartialEq for IndexedMap<T, (Ordered<K>,), S, A> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: Eq, K, S, A: Allocator> Eq for IndexedMap<T, (Ordered<K>,), S, A> {}
