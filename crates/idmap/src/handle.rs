//! Handles: records by where they are, told apart from those that come after.

use crate::allocator::Allocator;
use crate::errors::DuplicateItem;
use crate::index::Index;
use crate::map::IndexedMap;
use crate::ref_mut::RefMut;
use crate::slab::Position;

/// A record of a map, for access in constant time whatever its keys.
///
/// Stale once the record is removed, or [`shrink_to_fit`](IndexedMap::shrink_to_fit) moves it: it gives `None` from
/// there on. A record that takes the very place of another has its handle: by an update, by `insert` of an occupied entry,
/// and by `insert_overwrite` of a map with one key. A slot tells 2^32 records apart that it has one after another; then they repeat. A handle to a record of
/// another map is as good as any: it gives a record of that slot, or `None`.
///
/// # Examples
///
/// ```
/// use idmap::{IdHashItem, IdHashMap, id_upcast};
///
/// struct Order { id: u64, price: u64 }
///
/// impl IdHashItem for Order {
///     type Key<'a> = u64;
///     fn key(&self) -> u64 { self.id }
///     id_upcast!();
/// }
///
/// let mut orders = IdHashMap::new();
/// let handle = orders.insert_unique_handle(Order { id: 1, price: 100 }).unwrap_or_else(|_| unreachable!());
/// assert_eq!(orders.get_by_handle(handle).map(|order| order.price), Some(100));
/// orders.remove(1);
/// let _ = orders.insert_unique(Order { id: 2, price: 200 }); // In the same slot.
/// assert!(orders.get_by_handle(handle).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle {
    position: Position,
    generation: u32,
}

impl Handle {
    pub(crate) const fn new(position: Position, generation: u32) -> Self {
        Self {
            position,
            generation,
        }
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> IndexedMap<T, X, S, A> {
    pub(crate) fn handle_at(&self, position: Position) -> Option<Handle> {
        Some(Handle {
            position,
            generation: self.slab.generation(position)?,
        })
    }

    fn position(&self, handle: Handle) -> Option<Position> {
        (self.slab.generation(handle.position)? == handle.generation).then_some(handle.position)
    }

    /// Inserts a record as [`insert_unique`](Self::insert_unique) does, and returns a handle to it.
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
    /// let zoe = users.insert_unique_handle(User { name: "zoe", age: 7 }).unwrap();
    /// assert_eq!(users.get_by_handle(zoe).map(|user| user.age), Some(7));
    /// ```
    pub fn insert_unique_handle(&mut self, item: T) -> Result<Handle, DuplicateItem<T, &T>> {
        match self.insert_or_conflicts(item) {
            Ok(position) => Ok(Handle {
                position,
                generation: self.slab.generation(position).unwrap_or_default(),
            }),
            Err((item, conflicts)) => Err(self.duplicates(item, conflicts)),
        }
    }

    /// The records with their handles, in the order of slots.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
    /// let (handle, user) = users.iter_handles().next().unwrap();
    /// assert_eq!(users.get_by_handle(handle), Some(user));
    /// ```
    pub fn iter_handles(&self) -> impl Iterator<Item = (Handle, &T)> {
        self.slab
            .enumerate()
            .filter_map(|(position, item)| Some((self.handle_at(position)?, item)))
    }

    /// The record that a handle means. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
    /// let ada = users.handle("ada").unwrap();
    /// assert_eq!(users.get_by_handle(ada).map(|user| user.age), Some(36));
    /// ```
    #[inline]
    pub fn get_by_handle(&self, handle: Handle) -> Option<&T> {
        self.slab.get(self.position(handle)?)
    }

    /// The record that a handle means, to change all but its keys. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let ada = users.handle("ada").unwrap();
    /// users.get_mut_by_handle(ada).unwrap().age += 1;
    /// assert_eq!(users.get("ada").unwrap().age, 37);
    /// ```
    #[inline]
    pub fn get_mut_by_handle(&mut self, handle: Handle) -> Option<RefMut<'_, T, S, X>> {
        self.get_at_mut(self.position(handle)?)
    }

    /// Takes the record that a handle means out of the map.
    ///
    /// Time: constant for each hashed index, logarithmic for each ordered one.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let ada = users.handle("ada").unwrap();
    /// assert!(users.remove_by_handle(ada).is_some());
    /// assert!(users.remove_by_handle(ada).is_none());
    /// ```
    pub fn remove_by_handle(&mut self, handle: Handle) -> Option<T> {
        self.remove_at(self.position(handle)?)
    }

    /// Changes the record that a handle means, its keys too; as `update` does.
    ///
    /// # Errors
    ///
    /// If other records have its new keys. Nothing has changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let ada = users.handle("ada").unwrap();
    /// users.update_by_handle(ada, |user| user.name = "zoe").unwrap().unwrap();
    /// assert_eq!(users.get("zoe").unwrap().age, 36);
    /// ```
    pub fn update_by_handle<R>(
        &mut self,
        handle: Handle,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<Result<R, DuplicateItem<T, &T>>>
    where
        T: Clone,
    {
        self.update_at(self.position(handle)?, change)
    }
}
