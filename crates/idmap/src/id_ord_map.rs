//! Maps by one ordered key.

use crate::allocator::{Allocator, Global};
use crate::errors::DuplicateItem;
use crate::index::{OrdKey, Ordered};
use crate::map::IndexedMap;
use crate::prefix::{self, Prefix};
use crate::ref_mut::Fingerprint;
use crate::tree::Path;
use core::hash::{BuildHasher, Hash};
use equivalent::Comparable;

/// A record with an ordered key.
pub trait IdOrdItem {
    /// The key.
    type Key<'a>: Ord + Hash
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

/// Stands for the key of an [`IdOrdItem`].
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
    fn prefix(key: &T::Key<'_>) -> Option<Prefix> {
        T::key_prefix(key)
    }
}

impl<T: IdOrdItem, S: BuildHasher> Fingerprint<T, S> for (Ordered<ByOrdId>,) {
    type Print = u64;

    #[inline]
    fn print(state: &S, item: &T) -> u64 {
        state.hash_one(item.key())
    }
}

type State = foldhash::fast::FixedState;

/// An ordered map.
pub type IdOrdMap<T, A = Global> = IndexedMap<T, (Ordered<ByOrdId>,), State, A>;

/// A record of an [`IdOrdMap`], to change.
pub type RefMut<'a, T> = crate::ref_mut::RefMut<'a, T, State, (Ordered<ByOrdId>,)>;

impl<T: IdOrdItem> IdOrdMap<T> {
    /// An empty map.
    pub fn new() -> Self {
        Self::with_parts(0, State::default(), || Global)
    }
}

impl<T: IdOrdItem, A: Allocator> IdOrdMap<T, A> {
    #[inline]
    fn find<'a, Q: ?Sized + Comparable<T::Key<'a>>>(&'a self, key: &Q) -> Option<Path> {
        let slab = &self.slab;
        self.tables
            .0
            .search(slab, prefix::of_query(key), |item| key.compare(&item.key()))
            .ok()
    }

    #[inline]
    fn find_by_key(&self, key: T::Key<'_>) -> Option<Path> {
        let key = T::upcast_key(key);
        let slab = &self.slab;
        self.tables
            .0
            .search(slab, T::key_prefix(&key), |item| key.cmp(&item.key()))
            .ok()
    }

    /// Gets.
    #[inline]
    pub fn get<'a, Q: ?Sized + Comparable<T::Key<'a>>>(&'a self, key: &Q) -> Option<&'a T> {
        let path = self.find(key)?;
        self.slab.get(self.tables.0.tree.position(&path))
    }

    /// Gets, to change.
    #[inline]
    pub fn get_mut(&mut self, key: T::Key<'_>) -> Option<RefMut<'_, T>> {
        let path = self.find_by_key(key)?;
        let item = self.slab.get_mut(self.tables.0.tree.position(&path))?;
        Some(RefMut::new(&self.state, item, None))
    }

    /// Removes.
    #[inline]
    pub fn remove(&mut self, key: T::Key<'_>) -> Option<T> {
        let path = self.find_by_key(key)?;
        let position = self.tables.0.tree.position(&path);
        self.tables.0.tree.remove(&path);
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
            Err((item, conflicts)) => Err(DuplicateItem::__internal_new(
                item,
                conflicts
                    .positions()
                    .iter()
                    .filter_map(|position| self.slab.get(*position))
                    .collect(),
            )),
        }
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.tables
            .0
            .tree
            .entries()
            .filter_map(|entry| self.slab.get(entry.position))
    }
}
