//! Maps by one hashed key.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::errors::DuplicateItem;
use crate::hash_table::{Hash as TableHash, Place};
use crate::index::{HashKey, Hashed};
use crate::map::IndexedMap;
use crate::prefix::Prefix;
use crate::ref_mut::Fingerprint;
use crate::slab::Position;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// A record with a key.
pub trait IdHashItem {
    /// The key.
    type Key<'a>: Eq + Hash
    where
        Self: 'a;

    /// The key of the record.
    fn key(&self) -> Self::Key<'_>;

    /// Makes the lifetime of a key shorter; `id_upcast!()` writes it.
    fn upcast_key<'short, 'long: 'short>(long: Self::Key<'long>) -> Self::Key<'short>;

    #[doc(hidden)]
    #[inline]
    fn key_prefix(_key: &Self::Key<'_>) -> Option<Prefix> {
        None
    }
}

/// Stands for the key of an [`IdHashItem`].
#[derive(Debug)]
pub struct ById;

impl<T: IdHashItem> HashKey<T> for ById {
    type Key<'a>
        = T::Key<'a>
    where
        T: 'a;

    #[inline]
    fn key(item: &T) -> T::Key<'_> {
        item.key()
    }
}

impl<T, S: BuildHasher, K: HashKey<T>> Fingerprint<T, S> for (Hashed<K>,) {
    type Print = u64;

    #[inline]
    fn print(state: &S, item: &T) -> u64 {
        state.hash_one(K::key(item))
    }
}

/// A hash map.
pub type IdHashMap<T, S = DefaultHashBuilder, A = Global> = IndexedMap<T, (Hashed<ById>,), S, A>;

/// A record of an [`IdHashMap`], to change.
pub type RefMut<'a, T, S = DefaultHashBuilder> = crate::ref_mut::RefMut<'a, T, S, (Hashed<ById>,)>;

impl<T: IdHashItem> IdHashMap<T> {
    /// An empty map.
    pub fn new() -> Self {
        Self::with_parts(0, DefaultHashBuilder::default(), || Global)
    }
}

impl<T: IdHashItem, S: BuildHasher, A: Allocator> IdHashMap<T, S, A> {
    /// The place in the table of what has a key.
    #[inline]
    fn find<'a, Q: ?Sized + Hash + Equivalent<T::Key<'a>>>(
        &'a self,
        key: &Q,
    ) -> Option<(Place, u64)> {
        let hash = self.state.hash_one(key);
        let slab = &self.slab;
        let found = self.tables.0.find(TableHash::new(hash), |at| {
            slab.get(at).is_some_and(|item| key.equivalent(&item.key()))
        });
        found.map(|place| (place, hash))
    }

    #[inline]
    fn find_by_key(&self, key: T::Key<'_>) -> Option<(Place, u64)> {
        let key = T::upcast_key(key);
        self.find(&key)
    }

    /// Gets.
    #[inline]
    pub fn get<'a, Q: ?Sized + Hash + Equivalent<T::Key<'a>>>(&'a self, key: &Q) -> Option<&'a T> {
        let slab = &self.slab;
        let hash = TableHash::new(self.state.hash_one(key));
        let found = self.tables.0.find_map(hash, |at| {
            slab.get(at).filter(|item| key.equivalent(&item.key()))
        });
        found.map(|(_, item)| item)
    }

    /// Gets, to change.
    #[inline]
    pub fn get_mut(&mut self, key: T::Key<'_>) -> Option<RefMut<'_, T, S>> {
        let (place, hash) = self.find_by_key(key)?;
        let item = self.slab.get_mut(self.tables.0.position(place))?;
        Some(RefMut::new(&self.state, item, Some(hash)))
    }

    /// Removes.
    #[inline]
    pub fn remove(&mut self, key: T::Key<'_>) -> Option<T> {
        let (place, _) = self.find_by_key(key)?;
        let position = self.tables.0.position(place);
        self.tables.0.remove(place);
        self.slab.remove(position)
    }

    /// Inserts.
    ///
    /// # Errors
    ///
    /// dup
    pub fn insert_unique(&mut self, item: T) -> Result<(), DuplicateItem<T, &T>> {
        match self.insert_or_conflicts(item) {
            Ok(_) => Ok(()),
            Err((item, conflicts)) => Err(self.duplicates(item, conflicts.positions())),
        }
    }

    fn duplicates(&self, item: T, positions: &[Position]) -> DuplicateItem<T, &T> {
        DuplicateItem::__internal_new(
            item,
            positions
                .iter()
                .filter_map(|position| self.slab.get(*position))
                .collect(),
        )
    }

    /// In the order of slots.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slab.iter()
    }
}
