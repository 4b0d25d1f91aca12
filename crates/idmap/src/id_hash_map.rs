//! Maps by one hashed key.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::entry::{self, OneKey};
use crate::errors::DuplicateItem;
use crate::handle::Handle;
use crate::hash_table::{Hash as TableHash, Place};
use crate::index::{HashKey, Hashed, Index, UniqueHash};
use crate::map::IndexedMap;
use crate::prefix::Prefix;
use crate::ref_mut;
use crate::slab::Position;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// A record with a key that may borrow from it.
///
/// # Examples
///
/// ```
/// use idmap::{IdHashItem, IdHashMap, id_upcast};
///
/// struct User { email: String, age: u8 }
///
/// impl IdHashItem for User {
///     type Key<'a> = &'a str;
///     fn key(&self) -> &str { &self.email }
///     id_upcast!();
/// }
///
/// let mut users = IdHashMap::new();
/// users.insert_unique(User { email: "ada@example.org".into(), age: 36 }).unwrap_or_else(|_| unreachable!());
/// assert_eq!(users.get("ada@example.org").map(|user| user.age), Some(36));
/// ```
pub trait IdHashItem {
    /// The key.
    type Key<'a>: Eq + Hash
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

crate::macros::for_pointers! { IdHashItem, [Key key upcast_key], key_prefix }

/// Stands for the key of an [`IdHashItem`].
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use idmap::id_hash_map::ById;
///
/// let users: idmap::IdHashMap<User> = users();
/// assert_eq!(users.by(ById).get("ada"), users.get("ada"));
/// ```
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

    #[inline]
    fn number(key: &T::Key<'_>) -> Option<u64> {
        T::key_prefix(key).and_then(Prefix::number)
    }
}

pub(crate) type Keys = (Hashed<ById>,);

impl<T, K: HashKey<T>, Y, S> OneKey<T, S> for (Y,)
where
    Y: UniqueHash<By = K> + Index<T, S, Print = [u64; 1]>,
{
    #[inline]
    fn same_key(a: &T, b: &T) -> bool {
        K::key(a) == K::key(b)
    }
}

/// A hash map whose keys are borrowed from its records.
///
/// Iteration is in the order of slots: that of insertion as long as nothing is removed; a new record takes the slot of
/// the record that was removed last.
pub type IdHashMap<T, S = DefaultHashBuilder, A = Global> = IndexedMap<T, Keys, S, A>;

crate::macros::names_of_iterators!(IdHashMap);
crate::macros::names!(
    IdHashMap,
    id_hash_map,
    entry,
    "key",
    IdHashMapAsMap,
    IdHashMapStrategy,
    IdHashMapValueTree
);

impl<T, Y, S, A> IndexedMap<T, (Y,), S, A>
where
    T: IdHashItem,
    Y: UniqueHash<By = ById> + Index<T, S, Print = [u64; 1]>,
    S: BuildHasher + Default,
    A: Allocator + Default,
{
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
    /// assert!(idmap::IdHashMap::<User>::from_iter_unique(twice).is_err());
    /// ```
    pub fn from_iter_unique<I: IntoIterator<Item = T>>(items: I) -> Result<Self, DuplicateItem<T>> {
        Self::try_collect(items)
    }
}

impl<T, Y, S, A> IndexedMap<T, (Y,), S, A>
where
    T: IdHashItem,
    Y: UniqueHash<By = ById> + Index<T, S, Print = [u64; 1]>,
    S: BuildHasher,
    A: Allocator,
{
    /// Where the record is that has a key, and the hash of that.
    #[inline]
    pub(crate) fn find<'a, Q: ?Sized + Hash + Equivalent<T::Key<'a>>>(
        &'a self,
        key: &Q,
    ) -> Result<(Place, Position, u64), u64> {
        let hash = self.state.hash_one(key);
        let same = |position| {
            self.slab
                .get(position)
                .is_some_and(|item| key.equivalent(&item.key()))
        };
        match Y::hashes(&self.tables.0).find(TableHash::new(hash), same) {
            Some((place, position)) => Ok((place, position, hash)),
            None => Err(hash),
        }
    }

    /// Where the record is that has a key, and what tells whether the key has changed.
    #[inline]
    pub(crate) fn find_by_key(&self, key: T::Key<'_>) -> Result<(Place, Position, u64), u64> {
        let key = T::upcast_key(key);
        let print = |hash| <ById as HashKey<T>>::number(&key).unwrap_or(hash);
        match self.find(&key) {
            Ok((place, position, hash)) => Ok((place, position, print(hash))),
            Err(hash) => Err(print(hash)),
        }
    }

    /// Where the record is that has a key.
    #[inline]
    fn position_by_key(&self, key: T::Key<'_>) -> Option<Position> {
        self.find_by_key(key).ok().map(|(_, position, _)| position)
    }

    /// Whether a record has a key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
    /// assert!(users.contains_key("ada") && !users.contains_key("zoe"));
    /// ```
    #[inline]
    pub fn contains_key<'a, Q: ?Sized + Hash + Equivalent<T::Key<'a>>>(&'a self, key: &Q) -> bool {
        self.find(key).is_ok()
    }

    /// The record that has a key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
    /// assert_eq!(users.get("ada").map(|user| user.age), Some(36));
    /// ```
    #[inline]
    pub fn get<'a, Q: ?Sized + Hash + Equivalent<T::Key<'a>>>(&'a self, key: &Q) -> Option<&'a T> {
        self.slab.get(self.find(key).ok()?.1)
    }

    /// The record that has a key, to change all but the key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.get_mut("ada").unwrap().age += 1;
    /// assert_eq!(users.get("ada").map(|user| user.age), Some(37));
    /// ```
    #[inline]
    pub fn get_mut(&mut self, key: T::Key<'_>) -> Option<ref_mut::RefMut<'_, T, S, (Y,)>> {
        let (_, position, print) = self.find_by_key(key).ok()?;
        let item = self.slab.get_mut(position)?;
        Some(ref_mut::RefMut::new(&self.state, item, Some([print])))
    }

    /// The records that have several keys, to change all but the keys. `None` where there is none, and for a key that is
    /// named again. Expected linear time in the keys.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// if let [Some(mut ada), Some(mut bob)] = users.get_disjoint_mut(["ada", "bob"]) {
    ///     std::mem::swap(&mut ada.age, &mut bob.age);
    /// }
    /// assert_eq!(users.get("bob").map(|user| user.age), Some(36));
    /// ```
    pub fn get_disjoint_mut<const N: usize>(
        &mut self,
        keys: [T::Key<'_>; N],
    ) -> [Option<ref_mut::RefMut<'_, T, S, (Y,)>>; N] {
        let positions = keys.map(|key| self.position_by_key(key));
        self.get_at_disjoint_mut(positions)
    }

    /// Takes the record that has a key out of the map. Expected constant time.
    ///
    /// An [`IdIndexMap`](crate::IdIndexMap) keeps the order of the others: linear time in those behind it.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// assert_eq!(users.remove("ada").map(|user| user.age), Some(36));
    /// assert!(users.remove("ada").is_none());
    /// ```
    #[inline]
    pub fn remove(&mut self, key: T::Key<'_>) -> Option<T> {
        let (place, position, _) = self.find_by_key(key).ok()?;
        Y::remove_found(&mut self.tables.0, place, position);
        self.slab.remove(position)
    }

    /// Inserts a record in the place of the one that has its key, and returns that. Expected constant time.
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
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let old = users.insert_overwrite(User { name: "ada", age: 37 });
    /// assert_eq!(old.map(|user| user.age), Some(36));
    /// ```
    pub fn insert_overwrite(&mut self, item: T) -> Option<T> {
        self.insert_or_replace(item).1
    }

    /// What is known of a key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// users.entry("ada").and_modify(|mut user| user.age += 1).or_insert_with(|| unreachable!());
    /// users.entry("zoe").or_insert(User { name: "zoe", age: 7 });
    /// assert_eq!((users.len(), users.get("ada").unwrap().age), (4, 37));
    /// ```
    #[inline]
    pub fn entry(&mut self, key: T::Key<'_>) -> entry::Entry<'_, T, (Y,), S, A> {
        match self.find_by_key(key) {
            Ok((_, position, _)) => entry::Entry::occupied(self, position),
            Err(print) => entry::Entry::vacant(self, Some([print])),
        }
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
    /// If the function, a clone or a key does; the record is as before then.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
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

    /// A handle to the record that has a key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
    /// let ada = users.handle("ada").unwrap();
    /// assert_eq!(users.get_by_handle(ada).map(|user| user.age), Some(36));
    /// ```
    pub fn handle(&self, key: T::Key<'_>) -> Option<Handle> {
        self.handle_at(self.position_by_key(key)?)
    }
}

impl<T: IdHashItem, S: BuildHasher, A: Allocator> IdHashMap<T, S, A> {
    /// The keys, in the order of slots.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdHashMap<User> = users();
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
    /// let users: idmap::IdHashMap<User> = users();
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
