//! Entries by one key: where a record is, or could be.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::index::Index;
use crate::map::IndexedMap;
use crate::ref_mut::RefMut;
use crate::slab::Position;
use core::fmt;

/// What indexes of one key have in common.
pub(crate) trait OneKey<T, S>: Index<T, S> {
    /// Whether two records have the same key.
    fn same_key(a: &T, b: &T) -> bool;
}

/// What is known of a key: the record that has it, or where one would go.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use idmap::id_hash_map::Entry;
///
/// let mut users: idmap::IdHashMap<User> = users();
/// assert!(matches!(users.entry("ada"), Entry::Occupied(_)));
/// assert!(matches!(users.entry("zoe"), Entry::Vacant(_)));
/// ```
pub enum Entry<'a, T, X: Index<T, S>, S = DefaultHashBuilder, A: Allocator = Global> {
    /// No record has it.
    Vacant(VacantEntry<'a, T, X, S, A>),
    /// A record has it.
    Occupied(OccupiedEntry<'a, T, X, S, A>),
}

/// A key that no record has.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use idmap::id_hash_map::Entry;
///
/// let mut users: idmap::IdHashMap<User> = users();
/// let Entry::Vacant(entry) = users.entry("zoe") else { unreachable!() };
/// entry.insert(User { name: "zoe", age: 7 });
/// assert_eq!(users.len(), 4);
/// ```
pub struct VacantEntry<'a, T, X: Index<T, S>, S = DefaultHashBuilder, A: Allocator = Global> {
    map: &'a mut IndexedMap<T, X, S, A>,
    /// Of the key, if the map is hashed.
    print: Option<X::Print>,
}

/// A record that has a key.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use idmap::id_hash_map::Entry;
///
/// let mut users: idmap::IdHashMap<User> = users();
/// let Entry::Occupied(entry) = users.entry("ada") else { unreachable!() };
/// assert_eq!(entry.remove().age, 36);
/// assert_eq!(users.len(), 2);
/// ```
pub struct OccupiedEntry<'a, T, X: Index<T, S>, S = DefaultHashBuilder, A: Allocator = Global> {
    pub(crate) map: &'a mut IndexedMap<T, X, S, A>,
    pub(crate) position: Position,
}

/// What the record of an entry gives: it is in the map as long as the entry is.
#[inline]
pub(crate) fn there<R>(found: Option<R>) -> R {
    match found {
        Some(found) => found,
        None => unreachable!("the record of an entry has left the map"),
    }
}

impl<'a, T, X: Index<T, S>, S, A: Allocator> Entry<'a, T, X, S, A> {
    pub(crate) const fn occupied(map: &'a mut IndexedMap<T, X, S, A>, position: Position) -> Self {
        Self::Occupied(OccupiedEntry { map, position })
    }

    pub(crate) const fn vacant(
        map: &'a mut IndexedMap<T, X, S, A>,
        print: Option<X::Print>,
    ) -> Self {
        Self::Vacant(VacantEntry { map, print })
    }

    /// The record, or one that is inserted.
    ///
    /// # Panics
    ///
    /// If the record has another key than the entry, as far as that shows: in a hashed map by another hash, in any by being
    /// there already.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.entry("zoe").or_insert(User { name: "zoe", age: 7 }).age += 1;
    /// assert_eq!(users.get("zoe").unwrap().age, 8);
    /// ```
    #[inline]
    pub fn or_insert(self, default: T) -> RefMut<'a, T, S, X> {
        self.or_insert_with(|| default)
    }

    /// The record, or one that a function makes.
    ///
    /// # Panics
    ///
    /// If the record has another key than the entry, as far as that shows: in a hashed map by another hash, in any by being
    /// there already.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// assert_eq!(users.entry("ada").or_insert_with(|| unreachable!()).age, 36);
    /// ```
    #[inline]
    pub fn or_insert_with<F: FnOnce() -> T>(self, default: F) -> RefMut<'a, T, S, X> {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert(default()),
        }
    }

    /// The record, or one that is inserted, to read.
    ///
    /// # Panics
    ///
    /// If the record has another key than the entry, as far as that shows: in a hashed map by another hash, in any by being
    /// there already.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// assert_eq!(users.entry("zoe").or_insert_ref(User { name: "zoe", age: 7 }).age, 7);
    /// ```
    #[inline]
    pub fn or_insert_ref(self, default: T) -> &'a T {
        self.or_insert_with_ref(|| default)
    }

    /// The record, or one that a function makes, to read.
    ///
    /// # Panics
    ///
    /// If the record has another key than the entry, as far as that shows: in a hashed map by another hash, in any by being
    /// there already.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// assert_eq!(users.entry("ada").or_insert_with_ref(|| unreachable!()).age, 36);
    /// ```
    #[inline]
    pub fn or_insert_with_ref<F: FnOnce() -> T>(self, default: F) -> &'a T {
        match self {
            Self::Occupied(entry) => entry.into_ref(),
            Self::Vacant(entry) => entry.insert_ref(default()),
        }
    }

    /// Changes the record, if there is one.
    ///
    /// # Panics
    ///
    /// If the function changes the key.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.entry("ada").and_modify(|mut user| user.age += 1);
    /// assert_eq!(users.get("ada").unwrap().age, 37);
    /// ```
    #[inline]
    pub fn and_modify<F: FnOnce(RefMut<'_, T, S, X>)>(mut self, change: F) -> Self {
        if let Self::Occupied(entry) = &mut self {
            change(entry.get_mut());
        }
        self
    }
}

impl<'a, T, X: Index<T, S>, S, A: Allocator> VacantEntry<'a, T, X, S, A> {
    fn put(&mut self, item: T) -> Position {
        if self
            .print
            .is_some_and(|print| print != X::print(&self.map.state, &item))
        {
            panic!("key hashes do not match");
        }
        self.map.insert_absent(item)
    }

    /// Inserts a record.
    ///
    /// # Panics
    ///
    /// If it has another key than the entry, as far as that shows: in a hashed map by another hash, in any by being there
    /// already.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Vacant(entry) = users.entry("zoe") else { unreachable!() };
    /// entry.insert(User { name: "zoe", age: 7 }).age += 1;
    /// assert_eq!(users.get("zoe").unwrap().age, 8);
    /// ```
    #[inline]
    pub fn insert(mut self, item: T) -> RefMut<'a, T, S, X> {
        let position = self.put(item);
        there(self.map.get_at_mut(position))
    }

    /// Inserts a record, to read.
    ///
    /// # Panics
    ///
    /// If it has another key than the entry, as far as that shows: in a hashed map by another hash, in any by being there
    /// already.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Vacant(entry) = users.entry("zoe") else { unreachable!() };
    /// assert_eq!(entry.insert_ref(User { name: "zoe", age: 7 }).age, 7);
    /// ```
    #[inline]
    pub fn insert_ref(mut self, item: T) -> &'a T {
        let position = self.put(item);
        there(self.map.slab.get(position))
    }

    /// Inserts a record, and returns its entry.
    ///
    /// # Panics
    ///
    /// If it has another key than the entry, as far as that shows: in a hashed map by another hash, in any by being there
    /// already.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Vacant(entry) = users.entry("zoe") else { unreachable!() };
    /// assert_eq!(entry.insert_entry(User { name: "zoe", age: 7 }).remove().age, 7);
    /// ```
    #[inline]
    pub fn insert_entry(mut self, item: T) -> OccupiedEntry<'a, T, X, S, A> {
        let position = self.put(item);
        OccupiedEntry {
            map: self.map,
            position,
        }
    }
}

impl<'a, T, X: Index<T, S>, S, A: Allocator> OccupiedEntry<'a, T, X, S, A> {
    pub(crate) const fn new(map: &'a mut IndexedMap<T, X, S, A>, position: Position) -> Self {
        Self { map, position }
    }

    /// The record.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Occupied(entry) = users.entry("ada") else { unreachable!() };
    /// assert_eq!(entry.get().age, 36);
    /// ```
    #[inline]
    pub fn get(&self) -> &T {
        there(self.map.slab.get(self.position))
    }

    /// The record, to change all but its key.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Occupied(mut entry) = users.entry("ada") else { unreachable!() };
    /// entry.get_mut().age += 1;
    /// assert_eq!(entry.get().age, 37);
    /// ```
    #[inline]
    pub fn get_mut(&mut self) -> RefMut<'_, T, S, X> {
        there(self.map.get_at_mut(self.position))
    }

    /// The record, for as long as the map is borrowed.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Occupied(entry) = users.entry("ada") else { unreachable!() };
    /// let ada: &User = entry.into_ref();
    /// assert_eq!(ada.age, 36);
    /// ```
    #[inline]
    pub fn into_ref(self) -> &'a T {
        there(self.map.slab.get(self.position))
    }

    /// The record, to change all but its key, for as long as the map is borrowed.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Occupied(entry) = users.entry("ada") else { unreachable!() };
    /// entry.into_mut().age += 1;
    /// assert_eq!(users.get("ada").unwrap().age, 37);
    /// ```
    #[inline]
    pub fn into_mut(self) -> RefMut<'a, T, S, X> {
        there(self.map.get_at_mut(self.position))
    }

    /// Takes the record out of the map.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Occupied(entry) = users.entry("ada") else { unreachable!() };
    /// assert_eq!(entry.remove().age, 36);
    /// assert!(!users.contains_key("ada"));
    /// ```
    pub fn remove(self) -> T {
        there(self.map.remove_at(self.position))
    }
}

impl<T, X: OneKey<T, S>, S, A: Allocator> OccupiedEntry<'_, T, X, S, A> {
    /// Puts another record with the same key in the place of this one, and returns this one.
    ///
    /// # Panics
    ///
    /// If the keys differ.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use idmap::id_hash_map::Entry;
    ///
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let Entry::Occupied(mut entry) = users.entry("ada") else { unreachable!() };
    /// assert_eq!(entry.insert(User { name: "ada", age: 37 }).age, 36);
    /// assert_eq!(entry.get().age, 37);
    /// ```
    pub fn insert(&mut self, item: T) -> T {
        assert!(
            X::same_key(self.get(), &item),
            "must insert a value with the same key used to create the entry"
        );
        self.map.slab.replace(self.position, item)
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> fmt::Debug for Entry<'_, T, X, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vacant(entry) => f.debug_tuple("Vacant").field(entry).finish(),
            Self::Occupied(entry) => f.debug_tuple("Occupied").field(entry).finish(),
        }
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> fmt::Debug for VacantEntry<'_, T, X, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut entry = f.debug_struct("VacantEntry");
        if let Some(hash) = self.print.as_ref().and_then(|print| print.as_ref().first()) {
            entry.field("hash", &MapHash(*hash));
        }
        entry.finish_non_exhaustive()
    }
}

/// A hash, as entries of iddqd show it.
pub(crate) struct MapHash(pub(crate) u64);

impl fmt::Debug for MapHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapHash")
            .field("hash", &self.0)
            .finish_non_exhaustive()
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> fmt::Debug for OccupiedEntry<'_, T, X, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("index", &self.position)
            .finish_non_exhaustive()
    }
}
