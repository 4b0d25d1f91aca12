//! Differences of two maps.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::bi_hash_map::BiHashItem;
use crate::id_hash_map::{self, IdHashItem, IdHashMap};
use crate::id_index_map::{self, IdIndexMap};
use crate::id_ord_map::{self, IdOrdItem, IdOrdMap};
use crate::index::{Index, Indexes};
use crate::map::IndexedMap;
use crate::prefix::Prefix;
use crate::tri_hash_map::TriHashItem;
use core::fmt;
use core::hash::BuildHasher;
use core::ops::{Deref, DerefMut};
use daft::{Diffable, Leaf};

/// A record before and after: the same keys, which makes it a record of a map itself.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use daft::Diffable;
///
/// let old: idmap::IdHashMap<User> = users();
/// let mut new = old.clone();
/// new.get_mut("ada").unwrap().age = 37;
/// let diff = old.diff(&new);
/// let leaf = *diff.common.get("ada").unwrap();
/// assert_eq!((leaf.before().age, leaf.after().age), (36, 37));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdLeaf<T> {
    before: T,
    after: T,
}

impl<T> IdLeaf<T> {
    pub(crate) const fn new(before: T, after: T) -> Self {
        Self { before, after }
    }

    /// The record before.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// assert_eq!(leaf.before().age, 36);
    /// ```
    #[inline]
    pub const fn before(&self) -> &T {
        &self.before
    }

    /// The record after.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// assert_eq!(leaf.after().age, 37);
    /// ```
    #[inline]
    pub const fn after(&self) -> &T {
        &self.after
    }

    /// The same, as daft has it.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// let daft::Leaf { before, after } = leaf.into_leaf();
    /// assert_eq!((before.age, after.age), (36, 37));
    /// ```
    #[inline]
    pub fn into_leaf(self) -> Leaf<T> {
        Leaf {
            before: self.before,
            after: self.after,
        }
    }

    /// References to the two.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// let leaf = leaf.cloned();
    /// assert_eq!(leaf.as_ref().after().age, 37);
    /// ```
    #[inline]
    pub const fn as_ref(&self) -> IdLeaf<&T> {
        IdLeaf {
            before: &self.before,
            after: &self.after,
        }
    }

    /// References to the two, to change.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// let mut leaf = leaf.cloned();
    /// leaf.as_mut().into_leaf().after.age = 38;
    /// assert_eq!(leaf.after().age, 38);
    /// ```
    #[inline]
    pub const fn as_mut(&mut self) -> IdLeaf<&mut T> {
        IdLeaf {
            before: &mut self.before,
            after: &mut self.after,
        }
    }

    /// References to what the two point to.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// let leaf: idmap::IdLeaf<&User> = leaf.as_deref();
    /// assert_eq!(leaf.after().age, 37);
    /// ```
    #[inline]
    pub fn as_deref(&self) -> IdLeaf<&T::Target>
    where
        T: Deref,
    {
        IdLeaf {
            before: &*self.before,
            after: &*self.after,
        }
    }

    /// References to what the two point to, to change.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<Box<User>> = users::<Vec<_>>().into_iter().map(Box::new).collect();
    /// let diff = old.diff(&old);
    /// let mut leaf = diff.common.get("ada").unwrap().cloned();
    /// let user: &mut User = leaf.as_deref_mut().into_leaf().after;
    /// user.age = 37;
    /// assert!(leaf.is_modified());
    /// ```
    #[inline]
    pub fn as_deref_mut(&mut self) -> IdLeaf<&mut T::Target>
    where
        T: DerefMut,
    {
        IdLeaf {
            before: &mut *self.before,
            after: &mut *self.after,
        }
    }

    /// Whether the two are equal.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// assert!(!leaf.is_unchanged());
    /// ```
    #[inline]
    pub fn is_unchanged(&self) -> bool
    where
        T: Eq,
    {
        self.before == self.after
    }

    /// Whether the two differ.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// assert!(leaf.is_modified());
    /// ```
    #[inline]
    pub fn is_modified(&self) -> bool
    where
        T: Eq,
    {
        self.before != self.after
    }

    /// The key that the two have.
    ///
    /// # Panics
    ///
    /// If they have not the same.
    fn key<'a, K: Eq>(&'a self, key: impl Fn(&'a T) -> K) -> K {
        let before = key(&self.before);
        assert!(
            before == key(&self.after),
            "key is different between before and after"
        );
        before
    }
}

impl<'daft, T: ?Sized + Diffable> IdLeaf<&'daft T> {
    /// The difference of the two.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// impl Diffable for User {
    ///     type Diff<'a> = daft::Leaf<&'a Self>;
    ///     fn diff<'a>(&'a self, other: &'a Self) -> daft::Leaf<&'a Self> {
    ///         daft::Leaf { before: self, after: other }
    ///     }
    /// }
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// assert_eq!(leaf.diff_pair().after.age, 37);
    /// ```
    #[inline]
    pub fn diff_pair(self) -> T::Diff<'daft> {
        self.before.diff(self.after)
    }
}

impl<T> IdLeaf<&T> {
    /// Clones of the two.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// let leaf: idmap::IdLeaf<User> = leaf.cloned();
    /// assert_eq!(leaf.after().age, 37);
    /// ```
    #[inline]
    pub fn cloned(self) -> IdLeaf<T>
    where
        T: Clone,
    {
        IdLeaf {
            before: self.before.clone(),
            after: self.after.clone(),
        }
    }

    /// Copies of the two.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// let diff = old.diff(&new);
    /// let leaf = *diff.common.get("ada").unwrap();
    /// let leaf: idmap::IdLeaf<User> = leaf.copied();
    /// assert_eq!(leaf.after().age, 37);
    /// ```
    #[inline]
    pub const fn copied(self) -> IdLeaf<T>
    where
        T: Copy,
    {
        IdLeaf {
            before: *self.before,
            after: *self.after,
        }
    }
}

macro_rules! leaf_is {
    ($trait:ident, $($K:ident $key:ident $upcast:ident),+ $(; $prefix:ident)?) => {
        impl<T: $trait> $trait for IdLeaf<T> {
            $(
                type $K<'a>
                    = T::$K<'a>
                where
                    T: 'a;

                fn $key(&self) -> Self::$K<'_> {
                    self.key(T::$key)
                }

                #[inline]
                fn $upcast<'short, 'long: 'short>(long: Self::$K<'long>) -> Self::$K<'short>
                where
                    Self: 'long,
                {
                    T::$upcast(long)
                }
            )+
            $(
                #[inline]
                fn $prefix<'k, 'a>(key: &'k Self::Key<'a>) -> Option<Prefix<'k>>
                where
                    Self: 'a,
                {
                    T::$prefix(key)
                }
            )?
        }
    };
}

leaf_is!(IdHashItem, Key key upcast_key; key_prefix);
leaf_is!(IdOrdItem, Key key upcast_key; key_prefix);
leaf_is!(BiHashItem, K1 key1 upcast_key1, K2 key2 upcast_key2);
leaf_is!(TriHashItem, K1 key1 upcast_key1, K2 key2 upcast_key2, K3 key3 upcast_key3);

/// What differs between two maps.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use daft::Diffable;
///
/// let old: idmap::IdHashMap<User> = users();
/// let mut new = old.clone();
/// new.get_mut("ada").unwrap().age = 37;
/// new.remove("bob");
/// let diff = old.diff(&new);
/// assert!(diff.common.contains_key("ada") && diff.removed.contains_key("bob") && diff.added.is_empty());
/// ```
pub struct Diff<'daft, T: ?Sized, X: Indexes, S = DefaultHashBuilder, A: Allocator = Global> {
    /// The records of both maps. Those that were changed are among them.
    pub common: IndexedMap<IdLeaf<&'daft T>, X, S, A>,
    /// The records of the map after, whose keys the map before does not have.
    pub added: IndexedMap<&'daft T, X, S, A>,
    /// The records of the map before, whose keys the map after does not have.
    pub removed: IndexedMap<&'daft T, X, S, A>,
}

impl<T: ?Sized, X: Indexes, S: Default, A: Allocator + Default> Default for Diff<'_, T, X, S, A> {
    fn default() -> Self {
        Self {
            common: IndexedMap::default(),
            added: IndexedMap::default(),
            removed: IndexedMap::default(),
        }
    }
}

impl<'daft, T: ?Sized, X: Indexes, S, A: Allocator> fmt::Debug for Diff<'daft, T, X, S, A>
where
    IndexedMap<IdLeaf<&'daft T>, X, S, A>: fmt::Debug,
    IndexedMap<&'daft T, X, S, A>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diff")
            .field("common", &self.common)
            .field("added", &self.added)
            .field("removed", &self.removed)
            .finish()
    }
}

#[cfg(feature = "default-hasher")]
impl<T: ?Sized, X: Indexes> Diff<'_, T, X> {
    /// No difference.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let diff = idmap::id_hash_map::Diff::<User>::new();
    /// assert!(diff.common.is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<T: ?Sized> id_ord_map::Diff<'_, T> {
    /// No difference.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let diff = idmap::id_ord_map::Diff::<User>::new();
    /// assert!(diff.common.is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<T: ?Sized, X: Indexes, S: Clone> Diff<'_, T, X, S> {
    /// No difference; the maps are to have a hasher.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let diff = idmap::id_hash_map::Diff::<User, _>::with_hasher(std::hash::RandomState::new());
    /// assert!(diff.common.is_empty());
    /// ```
    #[must_use]
    pub fn with_hasher(hasher: S) -> Self {
        Self::with_hasher_in(hasher, Global)
    }
}

impl<T: ?Sized, X: Indexes, S: Clone, A: Allocator + Clone> Diff<'_, T, X, S, A> {
    /// No difference; the maps are to have a hasher and an allocator.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use allocator_api2::alloc::Global;
    ///
    /// let diff = idmap::id_hash_map::Diff::<User, _, _>::with_hasher_in(std::hash::RandomState::new(), Global);
    /// assert!(diff.common.is_empty());
    /// ```
    #[must_use]
    pub fn with_hasher_in(hasher: S, alloc: A) -> Self {
        Self {
            common: IndexedMap::with_parts(hasher.clone(), || alloc.clone()),
            added: IndexedMap::with_parts(hasher.clone(), || alloc.clone()),
            removed: IndexedMap::with_parts(hasher, || alloc.clone()),
        }
    }
}

impl<'daft, T: ?Sized + Eq, X: Indexes, S, A: Allocator> Diff<'daft, T, X, S, A>
where
    for<'a> &'a IndexedMap<IdLeaf<&'daft T>, X, S, A>: IntoIterator<Item = &'a IdLeaf<&'daft T>>,
{
    /// The records of both maps that are equal.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// new.remove("bob");
    /// let diff = old.diff(&new);
    /// assert!(diff.unchanged().map(|user| user.name).eq(["eve"]));
    /// ```
    pub fn unchanged(&self) -> impl Iterator<Item = &'daft T> + '_ {
        self.common
            .into_iter()
            .filter(|leaf| leaf.is_unchanged())
            .map(|leaf| *leaf.before())
    }

    /// The records of both maps that are not equal.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// new.remove("bob");
    /// let diff = old.diff(&new);
    /// assert!(diff.modified().map(|leaf| leaf.after().age).eq([37]));
    /// ```
    pub fn modified(&self) -> impl Iterator<Item = IdLeaf<&'daft T>> + '_ {
        self.common
            .into_iter()
            .filter(|leaf| leaf.is_modified())
            .copied()
    }

    /// The differences of the records of both maps that are not equal.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use daft::Diffable;
    ///
    /// impl Diffable for User {
    ///     type Diff<'a> = daft::Leaf<&'a Self>;
    ///     fn diff<'a>(&'a self, other: &'a Self) -> daft::Leaf<&'a Self> {
    ///         daft::Leaf { before: self, after: other }
    ///     }
    /// }
    ///
    /// let old: idmap::IdHashMap<User> = users();
    /// let mut new = old.clone();
    /// new.get_mut("ada").unwrap().age = 37;
    /// new.remove("bob");
    /// let diff = old.diff(&new);
    /// assert!(diff.modified_diff().map(|pair| pair.after.age).eq([37]));
    /// ```
    pub fn modified_diff(&self) -> impl Iterator<Item = T::Diff<'daft>> + '_
    where
        T: Diffable,
    {
        self.modified().map(IdLeaf::diff_pair)
    }
}

impl<'daft, T, X, S, A> Diff<'daft, T, X, S, A>
where
    X: Index<T, S> + Index<&'daft T, S> + Index<IdLeaf<&'daft T>, S>,
    A: Allocator,
{
    /// Compares two maps: a record is in both if one of the other map has all its keys.
    pub(crate) fn of(
        mut self,
        before: &'daft IndexedMap<T, X, S, A>,
        after: &'daft IndexedMap<T, X, S, A>,
    ) -> Self
    where
        &'daft IndexedMap<T, X, S, A>: IntoIterator<Item = &'daft T>,
    {
        for item in before {
            match after
                .position_of(item)
                .and_then(|position| after.slab.get(position))
            {
                Some(other) => drop(self.common.insert_and_remove(IdLeaf::new(item, other))),
                None => drop(self.removed.insert_and_remove(item)),
            }
        }
        for item in after {
            if before.position_of(item).is_none() {
                drop(self.added.insert_and_remove(item));
            }
        }
        self
    }
}

macro_rules! diffable {
    ([$($generics:tt)*] $map:ty, $diff:ty) => {
        impl<$($generics)*, A: Allocator + Clone> Diffable for $map {
            type Diff<'daft>
                = $diff
            where
                Self: 'daft;

            fn diff<'daft>(&'daft self, other: &'daft Self) -> Self::Diff<'daft> {
                Diff::with_hasher_in(self.hasher().clone(), self.allocator().clone()).of(self, other)
            }
        }
    };
}

diffable!([T: IdHashItem, S: BuildHasher + Clone] IdHashMap<T, S, A>, id_hash_map::Diff<'daft, T, S, A>);
diffable!([T: IdHashItem, S: BuildHasher + Clone] IdIndexMap<T, S, A>, id_index_map::Diff<'daft, T, S, A>);
diffable!([T: IdOrdItem] IdOrdMap<T, A>, id_ord_map::Diff<'daft, T, A>);

/// Two maps by several keys, to be compared by one of these or by all.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
/// use daft::Diffable;
///
/// let old: idmap::BiHashMap<Disk> = disks();
/// let new = old.clone();
/// let leaf = old.diff(&new);
/// assert_eq!((leaf.before.len(), leaf.after.len()), (2, 2));
/// assert_eq!(leaf.by_key1().unchanged().count(), 2);
/// ```
pub struct MapLeaf<'daft, T, X: Indexes, S = DefaultHashBuilder, A: Allocator = Global> {
    /// The map before.
    pub before: &'daft IndexedMap<T, X, S, A>,
    /// The map after.
    pub after: &'daft IndexedMap<T, X, S, A>,
}

impl<T, X: Indexes, S, A: Allocator> Clone for MapLeaf<'_, T, X, S, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, X: Indexes, S, A: Allocator> Copy for MapLeaf<'_, T, X, S, A> {}

impl<T, X: Indexes, S, A: Allocator> fmt::Debug for MapLeaf<'_, T, X, S, A>
where
    IndexedMap<T, X, S, A>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapLeaf")
            .field("before", &self.before)
            .field("after", &self.after)
            .finish()
    }
}

impl<T, X: Indexes, S, A: Allocator> PartialEq for MapLeaf<'_, T, X, S, A>
where
    IndexedMap<T, X, S, A>: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.before == other.before && self.after == other.after
    }
}

impl<T, X: Indexes, S, A: Allocator> Eq for MapLeaf<'_, T, X, S, A> where IndexedMap<T, X, S, A>: Eq {}
