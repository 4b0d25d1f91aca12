//! Entries of maps with several keys: the records that have some of them, or where one with all could be.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::entry::{MapHash, there};
use crate::map::IndexedMap;
use crate::ref_mut::{RefMut, differing};
use crate::several::SeveralKeys;
use crate::slab::Position;
use alloc::vec::Vec;
use core::fmt;

/// What is known of several keys: the records that have some of them, or where one with all would go.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
/// use idmap::bi_hash_map::Entry;
///
/// let mut disks: idmap::BiHashMap<Disk> = disks();
/// assert!(matches!(disks.entry("a7", 9), Entry::Occupied(_)));
/// assert!(matches!(disks.entry("c9", 9), Entry::Vacant(_)));
/// ```
pub enum Entry<'a, T, X: SeveralKeys<T, S>, S = DefaultHashBuilder, A: Allocator = Global> {
    /// No record has any of them.
    Vacant(VacantEntry<'a, T, X, S, A>),
    /// One record has all of them, or records have some of them.
    Occupied(OccupiedEntry<'a, T, X, S, A>),
}

/// Keys that no record has.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
/// use idmap::bi_hash_map::Entry;
///
/// let mut disks: idmap::BiHashMap<Disk> = disks();
/// let Entry::Vacant(entry) = disks.entry("c9", 3) else { unreachable!() };
/// entry.insert(disk("c9", 3));
/// assert_eq!(disks.len(), 3);
/// ```
pub struct VacantEntry<'a, T, X: SeveralKeys<T, S>, S = DefaultHashBuilder, A: Allocator = Global> {
    map: &'a mut IndexedMap<T, X, S, A>,
    print: X::Print,
}

/// Keys of which a record has all, or records have some.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
/// use idmap::bi_hash_map::Entry;
///
/// let mut disks: idmap::BiHashMap<Disk> = disks();
/// // The one has the serial, the other the slot.
/// let Entry::Occupied(entry) = disks.entry("a7", 2) else { unreachable!() };
/// assert_eq!(entry.remove().len(), 2);
/// assert!(disks.is_empty());
/// ```
pub struct OccupiedEntry<'a, T, X: SeveralKeys<T, S>, S = DefaultHashBuilder, A: Allocator = Global>
{
    map: &'a mut IndexedMap<T, X, S, A>,
    found: X::Found,
}

impl<'a, T, X: SeveralKeys<T, S>, S, A: Allocator> Entry<'a, T, X, S, A> {
    pub(crate) fn new(
        map: &'a mut IndexedMap<T, X, S, A>,
        print: X::Print,
        found: X::Found,
    ) -> Self {
        if found.as_ref().iter().all(Option::is_none) {
            Self::Vacant(VacantEntry { map, print })
        } else {
            Self::Occupied(OccupiedEntry { map, found })
        }
    }
}

impl<'a, T, X: SeveralKeys<T, S>, S, A: Allocator> VacantEntry<'a, T, X, S, A> {
    fn put(&mut self, item: T) -> Position {
        let print = X::print(&self.map.state, &item);
        if print != self.print {
            panic!("{} hashes do not match", differing(self.print, print));
        }
        self.map.insert_absent(item)
    }

    /// Inserts a record. Expected constant time.
    ///
    /// # Panics
    ///
    /// If it has other keys than the entry, as far as their hashes show that.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
    /// use idmap::bi_hash_map::Entry;
    ///
    /// let mut disks: idmap::BiHashMap<Disk> = disks();
    /// let Entry::Vacant(entry) = disks.entry("c9", 3) else { unreachable!() };
    /// entry.insert(disk("c9", 3)).healthy = false;
    /// assert!(!disks.get1("c9").unwrap().healthy);
    /// ```
    #[inline]
    pub fn insert(mut self, item: T) -> RefMut<'a, T, S, X> {
        let position = self.put(item);
        there(self.map.get_at_mut(position))
    }

    /// Inserts a record, and returns its entry. Expected constant time.
    ///
    /// # Panics
    ///
    /// If it has other keys than the entry, as far as their hashes show that.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
    /// use idmap::bi_hash_map::Entry;
    ///
    /// let mut disks: idmap::BiHashMap<Disk> = disks();
    /// let Entry::Vacant(entry) = disks.entry("c9", 3) else { unreachable!() };
    /// assert!(entry.insert_entry(disk("c9", 3)).is_unique());
    /// ```
    #[inline]
    pub fn insert_entry(mut self, item: T) -> OccupiedEntry<'a, T, X, S, A> {
        let found = X::found_at(self.put(item));
        OccupiedEntry {
            map: self.map,
            found,
        }
    }
}

impl<'a, T, X: SeveralKeys<T, S>, S, A: Allocator> OccupiedEntry<'a, T, X, S, A> {
    /// The map, and the positions that the entry stands for.
    pub(crate) fn into_parts(self) -> (&'a mut IndexedMap<T, X, S, A>, X::Found) {
        (self.map, self.found)
    }

    /// For a shorter time.
    pub(crate) fn parts(&self) -> (&IndexedMap<T, X, S, A>, X::Found) {
        (self.map, self.found)
    }

    /// For a shorter time.
    pub(crate) fn parts_mut(&mut self) -> (&mut IndexedMap<T, X, S, A>, X::Found) {
        (self.map, self.found)
    }

    /// Whether one record has all keys of the entry.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
    /// use idmap::bi_hash_map::Entry;
    ///
    /// let mut disks: idmap::BiHashMap<Disk> = disks();
    /// let Entry::Occupied(entry) = disks.entry("a7", 1) else { unreachable!() };
    /// assert!(entry.is_unique());
    /// ```
    pub fn is_unique(&self) -> bool {
        unique(self.found.as_ref()).is_some()
    }

    /// Whether records have some of the keys, and none has all.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
    /// use idmap::bi_hash_map::Entry;
    ///
    /// let mut disks: idmap::BiHashMap<Disk> = disks();
    /// // The one has the serial, the other the slot.
    /// let Entry::Occupied(entry) = disks.entry("a7", 2) else { unreachable!() };
    /// assert!(entry.is_non_unique());
    /// ```
    #[inline]
    pub fn is_non_unique(&self) -> bool {
        !self.is_unique()
    }

    /// Puts a record with the keys of the entry in the place of those that have some. Returns these, in the order of
    /// their keys, each once.
    ///
    /// The entry is of the new record from here on.
    ///
    /// # Panics
    ///
    /// If the record has other keys than the entry, as far as that shows: a key that no record of the entry has is not
    /// compared. The map is as before then.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
    /// use idmap::bi_hash_map::Entry;
    ///
    /// let mut disks: idmap::BiHashMap<Disk> = disks();
    /// // The one has the serial, the other the slot.
    /// let Entry::Occupied(mut entry) = disks.entry("a7", 2) else { unreachable!() };
    /// assert_eq!(entry.insert(disk("a7", 2)).len(), 2);
    /// assert!(entry.is_unique());
    /// assert_eq!(disks.len(), 1);
    /// ```
    pub fn insert(&mut self, item: T) -> Vec<T> {
        let map = &mut *self.map;
        if let Some(position) = unique(self.found.as_ref()) {
            same_or_panic(X::differing_key(there(map.slab.get(position)), &item));
            let mut removed = Vec::with_capacity(1);
            let old = map.slab.replace(position, item);
            removed.push(old);
            return removed;
        }
        let found = X::find_all(&map.tables, &map.slab, &map.state, &item);
        let mut keys = found.as_ref().iter().zip(self.found.as_ref());
        same_or_panic(keys.position(|(found, expected)| found != expected));
        let (position, removed) = map.insert_and_remove(item);
        self.found = X::found_at(position);
        removed
    }

    /// Takes the records that have keys of the entry out of the map, in the order of their keys, each once.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
    /// use idmap::bi_hash_map::Entry;
    ///
    /// let mut disks: idmap::BiHashMap<Disk> = disks();
    /// let Entry::Occupied(entry) = disks.entry("a7", 1) else { unreachable!() };
    /// assert_eq!(entry.remove()[0].serial, "a7");
    /// assert_eq!(disks.len(), 1);
    /// ```
    pub fn remove(self) -> Vec<T> {
        let found = self.found.as_ref();
        let mut positions = Vec::with_capacity(found.len());
        for position in found.iter().flatten() {
            if !positions.contains(position) {
                positions.push(*position);
            }
        }
        self.map.remove_all(&positions)
    }
}

/// The position that each key has found.
pub(crate) fn unique(found: &[Option<Position>]) -> Option<Position> {
    let first = *found.first()?;
    first.filter(|_| found.iter().all(|other| *other == first))
}

fn same_or_panic(differing: Option<usize>) {
    if let Some(at) = differing {
        panic!("key{} mismatch", at + 1);
    }
}

impl<T, X: SeveralKeys<T, S>, S, A: Allocator> fmt::Debug for Entry<'_, T, X, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vacant(entry) => f.debug_tuple("Vacant").field(entry).finish(),
            Self::Occupied(entry) => f.debug_tuple("Occupied").field(entry).finish(),
        }
    }
}

impl<T, X: SeveralKeys<T, S>, S, A: Allocator> fmt::Debug for VacantEntry<'_, T, X, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hashes: Vec<MapHash> = self
            .print
            .as_ref()
            .iter()
            .map(|hash| MapHash(*hash))
            .collect();
        f.debug_struct("VacantEntry")
            .field("hashes", &hashes)
            .finish_non_exhaustive()
    }
}

impl<T, X: SeveralKeys<T, S>, S, A: Allocator> fmt::Debug for OccupiedEntry<'_, T, X, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OccupiedEntry")
            .field("indexes", &Indexes(self.found.as_ref()))
            .finish_non_exhaustive()
    }
}

struct Indexes<'a>(&'a [Option<Position>]);

impl fmt::Debug for Indexes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = unique(self.0) {
            return f.debug_tuple("Unique").field(&position).finish();
        }
        let mut names = f.debug_struct("NonUnique");
        for (name, position) in ["index1", "index2", "index3", "index4", "index5", "index6"]
            .iter()
            .zip(self.0)
        {
            names.field(name, position);
        }
        names.finish()
    }
}

/// What an occupied entry gives: a type that has the records by each key, shared and to change.
///
/// The literals are for examples: the keys of one record, of two, and of none.
macro_rules! occupied {
    (
        $trait:ident, $module:ident, $map:ident, $one:literal $two:literal $new:literal:
        $($by_key:ident $at:tt $n:literal),+
    ) => {
        /// The records of an occupied entry.
        ///
        /// # Examples
        ///
        /// ```
        /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
        #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
        ///
        #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
        #[doc = concat!("let Entry::Occupied(entry) = disks.entry(", $two, ") else { unreachable!() };")]
        /// assert_eq!(entry.get().by_key1().map(|disk| disk.slot), Some(1));
        /// assert_eq!(entry.get().by_key2().map(|disk| disk.slot), Some(2));
        /// ```
        #[derive(Debug)]
        pub enum OccupiedEntryRef<'a, T> {
            /// One record has all keys.
            Unique(&'a T),
            /// Records have some of the keys.
            NonUnique {
                $(
                    #[doc = concat!("The record that has key ", $n, ".")]
                    $by_key: Option<&'a T>,
                )+
            },
        }

        impl<'a, T> OccupiedEntryRef<'a, T> {
            /// Whether one record has all keys.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(entry) = disks.entry(", $one, ") else { unreachable!() };")]
            /// assert!(entry.get().is_unique());
            /// ```
            #[inline]
            pub const fn is_unique(&self) -> bool {
                matches!(self, Self::Unique(_))
            }

            /// Whether none has all keys.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(entry) = disks.entry(", $two, ") else { unreachable!() };")]
            /// assert!(entry.get().is_non_unique());
            /// ```
            #[inline]
            pub const fn is_non_unique(&self) -> bool {
                matches!(self, Self::NonUnique { .. })
            }

            /// The record that has all keys.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(entry) = disks.entry(", $one, ") else { unreachable!() };")]
            /// assert_eq!(entry.get().as_unique().map(|disk| disk.serial), Some("a7"));
            /// ```
            #[inline]
            pub const fn as_unique(&self) -> Option<&'a T> {
                match self {
                    Self::Unique(item) => Some(item),
                    Self::NonUnique { .. } => None,
                }
            }

            $(
                #[doc = concat!("The record that has key ", $n, ".")]
                ///
                /// # Examples
                ///
                /// ```
                /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
                #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
                ///
                #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
                #[doc = concat!("let Entry::Occupied(entry) = disks.entry(", $one, ") else { unreachable!() };")]
                #[doc = concat!("assert_eq!(entry.get().", stringify!($by_key), "().map(|disk| disk.serial), Some(\"a7\"));")]
                /// ```
                #[inline]
                pub const fn $by_key(&self) -> Option<&'a T> {
                    match self {
                        Self::Unique(item) => Some(item),
                        Self::NonUnique { $by_key, .. } => *$by_key,
                    }
                }
            )+
        }

        /// The records of an occupied entry, to change all but their keys.
        ///
        /// A record that has two keys of an entry, but not all, is there by the first of them.
        ///
        /// # Examples
        ///
        /// ```
        /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
        #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
        ///
        #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
        #[doc = concat!("let Entry::Occupied(mut entry) = disks.entry(", $two, ") else { unreachable!() };")]
        /// entry.get_mut().by_key2().unwrap().healthy = false;
        /// assert!(!disks.get1("b3").unwrap().healthy);
        /// ```
        pub enum OccupiedEntryMut<'a, T: $trait, S: BuildHasher = DefaultHashBuilder> {
            /// One record has all keys.
            Unique(RefMut<'a, T, S>),
            /// Records have some of the keys.
            NonUnique {
                $(
                    #[doc = concat!("The record that has key ", $n, ".")]
                    $by_key: Option<RefMut<'a, T, S>>,
                )+
            },
        }

        impl<T: $trait + fmt::Debug, S: BuildHasher> fmt::Debug for OccupiedEntryMut<'_, T, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Unique(item) => f.debug_tuple("Unique").field(item).finish(),
                    Self::NonUnique { $($by_key),+ } => {
                        f.debug_struct("NonUnique")$(.field(stringify!($by_key), $by_key))+.finish()
                    }
                }
            }
        }

        impl<T: $trait, S: BuildHasher> OccupiedEntryMut<'_, T, S> {
            /// Whether one record has all keys.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(mut entry) = disks.entry(", $one, ") else { unreachable!() };")]
            /// assert!(entry.get_mut().is_unique());
            /// ```
            #[inline]
            pub const fn is_unique(&self) -> bool {
                matches!(self, Self::Unique(_))
            }

            /// Whether none has all keys.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(mut entry) = disks.entry(", $two, ") else { unreachable!() };")]
            /// assert!(entry.get_mut().is_non_unique());
            /// ```
            #[inline]
            pub const fn is_non_unique(&self) -> bool {
                matches!(self, Self::NonUnique { .. })
            }

            /// The record that has all keys.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(mut entry) = disks.entry(", $one, ") else { unreachable!() };")]
            /// entry.get_mut().as_unique().unwrap().healthy = false;
            /// assert!(!disks.get1("a7").unwrap().healthy);
            /// ```
            #[inline]
            pub fn as_unique(&mut self) -> Option<RefMut<'_, T, S>> {
                match self {
                    Self::Unique(item) => Some(item.reborrow()),
                    Self::NonUnique { .. } => None,
                }
            }

            $(
                #[doc = concat!("The record that has key ", $n, ".")]
                ///
                /// # Examples
                ///
                /// ```
                /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
                #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
                ///
                #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
                #[doc = concat!("let Entry::Occupied(mut entry) = disks.entry(", $one, ") else { unreachable!() };")]
                #[doc = concat!("entry.get_mut().", stringify!($by_key), "().unwrap().healthy = false;")]
                /// assert!(!disks.get1("a7").unwrap().healthy);
                /// ```
                #[inline]
                pub fn $by_key(&mut self) -> Option<RefMut<'_, T, S>> {
                    match self {
                        Self::Unique(item) => Some(item.reborrow()),
                        Self::NonUnique { $by_key, .. } => $by_key.as_mut().map(RefMut::reborrow),
                    }
                }
            )+

            /// Calls a function for each record, in the order of their keys.
            ///
            /// # Panics
            ///
            /// If the function changes a key.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(mut entry) = disks.entry(", $two, ") else { unreachable!() };")]
            /// entry.get_mut().for_each(|mut disk| disk.healthy = false);
            /// assert!(disks.iter().all(|disk| !disk.healthy));
            /// ```
            pub fn for_each<F: FnMut(RefMut<'_, T, S>)>(&mut self, mut call: F) {
                match self {
                    Self::Unique(item) => call(item.reborrow()),
                    Self::NonUnique { $($by_key),+ } => {
                        [$($by_key),+].into_iter().flatten().for_each(|item| call(item.reborrow()));
                    }
                }
            }
        }

        fn to_ref<T: $trait, S: BuildHasher, A: Allocator>(
            map: &$map<T, S, A>,
            found: [Option<slab::Position>; <[&str]>::len(&[$($n),+])],
        ) -> OccupiedEntryRef<'_, T> {
            let item = |position: Option<slab::Position>| map.slab.get(position?);
            match several_entry::unique(&found) {
                Some(_) => OccupiedEntryRef::Unique(there(item(found[0]))),
                None => OccupiedEntryRef::NonUnique { $($by_key: item(found[$at])),+ },
            }
        }

        fn to_mut<T: $trait, S: BuildHasher, A: Allocator>(
            map: &mut $map<T, S, A>,
            found: [Option<slab::Position>; <[&str]>::len(&[$($n),+])],
        ) -> OccupiedEntryMut<'_, T, S> {
            if let Some(position) = several_entry::unique(&found) {
                return OccupiedEntryMut::Unique(there(map.get_at_mut(position)));
            }
            let [$($by_key),+] = map.get_at_disjoint_mut(found);
            OccupiedEntryMut::NonUnique { $($by_key),+ }
        }

        impl<'a, T: $trait, S: BuildHasher, A: Allocator> OccupiedEntry<'a, T, S, A> {
            /// The records.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(entry) = disks.entry(", $two, ") else { unreachable!() };")]
            /// assert!(entry.get().as_unique().is_none());
            /// ```
            pub fn get(&self) -> OccupiedEntryRef<'_, T> {
                let (map, found) = self.parts();
                to_ref(map, found)
            }

            /// The records, to change all but their keys.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(mut entry) = disks.entry(", $two, ") else { unreachable!() };")]
            /// entry.get_mut().by_key1().unwrap().healthy = false;
            /// assert!(!disks.get1("a7").unwrap().healthy);
            /// ```
            pub fn get_mut(&mut self) -> OccupiedEntryMut<'_, T, S> {
                let (map, found) = self.parts_mut();
                to_mut(map, found)
            }

            /// The records, for as long as the map is borrowed.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(entry) = disks.entry(", $one, ") else { unreachable!() };")]
            /// let disk: &Disk = entry.into_ref().as_unique().unwrap();
            /// assert_eq!(disk.slot, 1);
            /// ```
            pub fn into_ref(self) -> OccupiedEntryRef<'a, T> {
                let (map, found) = self.into_parts();
                to_ref(map, found)
            }

            /// The records, to change all but their keys, for as long as the map is borrowed.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("use idmap::", stringify!($module), "::Entry;")]
            ///
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let Entry::Occupied(entry) = disks.entry(", $one, ") else { unreachable!() };")]
            /// entry.into_mut().as_unique().unwrap().healthy = false;
            /// assert!(!disks.get1("a7").unwrap().healthy);
            /// ```
            pub fn into_mut(self) -> OccupiedEntryMut<'a, T, S> {
                let (map, found) = self.into_parts();
                to_mut(map, found)
            }
        }

        impl<'a, T: $trait, S: BuildHasher, A: Allocator> Entry<'a, T, S, A> {
            /// The records, or one that is inserted.
            ///
            /// # Panics
            ///
            /// If the record has other keys than the entry, as far as their hashes show that.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("disks.entry(", $new, ").or_insert(disk(\"c9\", 3));")]
            /// assert_eq!(disks.len(), 3);
            /// ```
            #[inline]
            pub fn or_insert(self, default: T) -> OccupiedEntryMut<'a, T, S> {
                self.or_insert_with(|| default)
            }

            /// The records, or one that a function makes.
            ///
            /// # Panics
            ///
            /// If the record has other keys than the entry, as far as their hashes show that.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("assert!(disks.entry(", $one, ").or_insert_with(|| unreachable!()).is_unique());")]
            /// ```
            #[inline]
            pub fn or_insert_with<F: FnOnce() -> T>(self, default: F) -> OccupiedEntryMut<'a, T, S> {
                match self {
                    Self::Occupied(entry) => entry.into_mut(),
                    Self::Vacant(entry) => OccupiedEntryMut::Unique(entry.insert(default())),
                }
            }

            /// Changes each record, if there are any.
            ///
            /// # Panics
            ///
            /// If the function changes a key.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            #[doc = concat!("let mut disks: idmap::", stringify!($map), "<Disk> = disks();")]
            #[doc = concat!("let _ = disks.entry(", $two, ").and_modify(|mut disk| disk.healthy = false);")]
            /// assert!(disks.iter().all(|disk| !disk.healthy));
            /// ```
            #[inline]
            #[must_use]
            pub fn and_modify<F: FnMut(RefMut<'_, T, S>)>(mut self, change: F) -> Self {
                if let Self::Occupied(entry) = &mut self {
                    entry.get_mut().for_each(change);
                }
                self
            }
        }
    };
}

pub(crate) use occupied;
