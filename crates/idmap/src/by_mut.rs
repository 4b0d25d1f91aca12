//! Views of a map by one of its unique indexes, to change the map.

use crate::allocator::Allocator;
use crate::by::{By, HasTable};
use crate::entry::Entry;
use crate::errors::DuplicateItem;
use crate::index::{HashKey, Hashed, Index, Indexes, Inserted, OrdKey, Ordered};
use crate::map::IndexedMap;
use crate::ref_mut::RefMut;
use crate::slab::Position;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use equivalent::{Comparable, Equivalent};

/// An index that finds one record for a key.
pub(crate) trait FindOne<'a, T: 'a, S, Q: ?Sized>: Indexes + Sized {
    fn find_one<A: Allocator>(by: &By<'a, T, Self, S, A>, key: &Q) -> Option<Position>;
}

macro_rules! find_one {
    ($($style:ident: $Key:ident, [$($Asked:tt)+];)+) => { $(
        impl<'a, T: 'a, S: BuildHasher, K: $Key<T>, Q: ?Sized + $($Asked)+<K::Key<'a>>> FindOne<'a, T, S, Q> for $style<K> {
            fn find_one<A: Allocator>(by: &By<'a, T, Self, S, A>, key: &Q) -> Option<Position> {
                by.find(key)
            }
        }
    )+ };
}

find_one! {
    Hashed: HashKey, [Hash + Equivalent];
    Inserted: HashKey, [Hash + Equivalent];
    Ordered: OrdKey, [Comparable];
}

/// A map by one of its unique indexes, to change it: what [`by_mut`](IndexedMap::by_mut) gives.
///
/// Each method takes the view, so that what it returns lives as long as the map is borrowed. Keys are lent here, where
/// the methods of an [`IdHashMap`](crate::IdHashMap) take them; hence records that borrow have no such view.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// let mut orders = orders();
/// assert_eq!(orders.by_mut(Id).get_mut(&3).map(|order| order.price), Some(97));
/// assert_eq!(orders.by_mut(Id).remove(&3).map(|order| order.price), Some(97));
/// assert!(orders.by_mut(Id).get_mut(&3).is_none());
/// ```
pub struct ByMut<'a, T, X: Index<T, S>, S, A: Allocator, K, At> {
    map: &'a mut IndexedMap<T, X, S, A>,
    index: PhantomData<fn() -> (K, At)>,
}

impl<T, X: Index<T, S>, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// The map by the index of a key, to change the map: `map.by_mut(Id)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders = orders();
    /// orders.by_mut(Id).update(&3, |order| order.price = 1).unwrap().unwrap();
    /// assert_eq!(orders.by(Price).first().map(|order| order.id), Some(3));
    /// ```
    #[inline]
    pub fn by_mut<K, At>(&mut self, _key: K) -> ByMut<'_, T, X, S, A, K, At>
    where
        X: HasTable<K, At>,
    {
        ByMut {
            map: self,
            index: PhantomData,
        }
    }
}

impl<'a, T, X, S, A, K, At> ByMut<'a, T, X, S, A, K, At>
where
    T: 'static,
    X: Index<T, S> + HasTable<K, At>,
    A: Allocator,
{
    fn find<Q: ?Sized>(&self, key: &Q) -> Option<Position>
    where
        for<'k> X::Index: FindOne<'k, T, S, Q>,
    {
        FindOne::find_one(&self.map.view::<K, At>(), key)
    }

    /// The record that has a key, to change all but its keys. Expected constant time, logarithmic if the index is ordered.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
    /// use idmap::id_hash_map::ById;
    ///
    /// let mut disks: idmap::IdHashMap<Disk> = disks();
    /// disks.by_mut(ById).get_mut("a7").unwrap().healthy = false;
    /// assert!(disks.get("a7").is_some_and(|disk| !disk.healthy));
    /// ```
    #[inline]
    pub fn get_mut<Q: ?Sized>(self, key: &Q) -> Option<RefMut<'a, T, S, X>>
    where
        for<'k> X::Index: FindOne<'k, T, S, Q>,
    {
        self.map.get_at_mut(self.find(key)?)
    }

    /// The records that have several keys, to change all but their keys. `None` where there is none, and for a key that is
    /// named again. As many searches as keys.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
    /// use idmap::bi_hash_map::Key2;
    ///
    /// let mut disks: idmap::BiHashMap<Disk> = disks();
    /// let found = disks.by_mut(Key2).get_disjoint_mut([&2, &9, &1, &2]);
    /// let ports = found.map(|disk| disk.map(|disk| disk.port));
    /// assert_eq!(ports, [Some(8002), None, Some(8001), None]);
    /// ```
    pub fn get_disjoint_mut<Q: ?Sized, const N: usize>(
        self,
        keys: [&Q; N],
    ) -> [Option<RefMut<'a, T, S, X>>; N]
    where
        for<'k> X::Index: FindOne<'k, T, S, Q>,
    {
        let positions = keys.map(|key| self.find(key));
        self.map.get_at_disjoint_mut(positions)
    }

    /// Takes the record that has a key out of the map. Time: that of a search, and that of a removal from each index.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders = orders();
    /// assert!(orders.by_mut(Id).remove(&3).is_some());
    /// assert!(orders.by_mut(Id).remove(&3).is_none() && !orders.by(Price).contains(&97));
    /// ```
    pub fn remove<Q: ?Sized>(self, key: &Q) -> Option<T>
    where
        for<'k> X::Index: FindOne<'k, T, S, Q>,
    {
        self.map.remove_at(self.find(key)?)
    }

    /// Changes the record that has a key, its keys too.
    ///
    /// The function gets a copy, which takes the place of the record if no other has a key of it.
    ///
    /// # Errors
    ///
    /// If others have keys of the copy: the copy, and those. Nothing has changed.
    ///
    /// # Panics
    ///
    /// If the function, a clone or a key does. The record is as before then, or, if a key panics that has not panicked a
    /// moment ago, it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders = orders();
    /// assert!(orders.by_mut(Id).update(&3, |order| order.id = 4).unwrap().is_err());
    /// orders.by_mut(Id).update(&3, |order| order.id = 30).unwrap().unwrap();
    /// assert!(orders.by(Id).contains(&30) && !orders.by(Id).contains(&3));
    /// ```
    pub fn update<Q: ?Sized, R>(
        self,
        key: &Q,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<Result<R, DuplicateItem<T, &'a T>>>
    where
        T: Clone,
        for<'k> X::Index: FindOne<'k, T, S, Q>,
    {
        self.map.update_at(self.find(key)?, change)
    }

    /// What is known of a key.
    ///
    /// A vacant entry does not keep the key: it takes any record whose keys no other has, and panics at one of the others.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders = orders();
    /// for id in [3, 9] {
    ///     let order = orders.by_mut(Id).entry(&id).or_insert_with(|| Order { id, price: 1, trader: "eve" });
    ///     assert_eq!(order.id, id);
    /// }
    /// assert_eq!((orders.len(), orders.by(Trader).get_all("eve").count()), (7, 1));
    /// ```
    pub fn entry<Q: ?Sized>(self, key: &Q) -> Entry<'a, T, X, S, A>
    where
        for<'k> X::Index: FindOne<'k, T, S, Q>,
    {
        match self.find(key) {
            Some(position) => Entry::occupied(self.map, position),
            None => Entry::vacant(self.map, None),
        }
    }
}

impl<T, X: Index<T, S>, S, A: Allocator, K, At> fmt::Debug for ByMut<'_, T, X, S, A, K, At> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByMut").finish_non_exhaustive()
    }
}
