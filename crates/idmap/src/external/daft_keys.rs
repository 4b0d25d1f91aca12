//! Differences by a key: what asks for one, and maps by several keys compared by one of them.

use super::daft::{Diff, IdLeaf};
use crate::allocator::Allocator;
use crate::bi_hash_map::{self, BiHashItem, BiHashMap};
use crate::id_hash_map::{self, IdHashItem};
use crate::id_index_map;
use crate::id_ord_map::{self, IdOrdItem};
use crate::tri_hash_map::{self, TriHashItem, TriHashMap};
use core::hash::{BuildHasher, Hash};
use daft::Diffable;
use equivalent::{Comparable, Equivalent};

/// What an example begins with: two maps by one key, and their difference. Eve is the same in both, Ada is not.
macro_rules! two_maps {
    ($map:literal) => {
        concat!(
            "# mod doc { include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/doc/users.rs\")); } use doc::*;\n",
            "use daft::Diffable;\n\nlet old: idmap::", $map, "<User> = users();\nlet mut new = old.clone();\n",
            "new.get_mut(\"ada\").unwrap().age = 37;\nlet diff = old.diff(&new);"
        )
    };
}

/// The same of maps by several keys. The first disk is the same in both, the second is not.
macro_rules! two_maps_by_several {
    ($map:expr, $then:literal) => {
        concat!(
            "# mod doc { include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/doc/disks.rs\")); } use doc::*;\n",
            "use daft::Diffable;\n\nlet old: idmap::", $map, "<Disk> = disks();\nlet mut new = old.clone();\n",
            "new.get1_mut(\"b3\").unwrap().healthy = false;", $then
        )
    };
}

/// The methods of a difference that take a key. For the examples: what they begin with, and two keys.
macro_rules! by_key {
    (
        $doc:expr, $q_same:literal $q_changed:literal, $K:ident $get:ident, [$($bound:tt)*]:
        $is_unchanged:ident $get_unchanged:ident $is_modified:ident $get_modified:ident
    ) => {
        /// Whether the record that has a key is in both maps, and equal in both.
        ///
        /// # Examples
        ///
        /// ```
        #[doc = $doc]
        #[doc = concat!("assert!(diff.", stringify!($is_unchanged), "(", $q_same, "));")]
        /// ```
        pub fn $is_unchanged<'a, Q: ?Sized + $($bound)*<T::$K<'a>>>(&'a self, key: &Q) -> bool {
            self.common.$get(key).is_some_and(IdLeaf::is_unchanged)
        }

        /// The record that has a key, if it is in both maps, and equal in both.
        ///
        /// # Examples
        ///
        /// ```
        #[doc = $doc]
        #[doc = concat!("assert!(diff.", stringify!($get_unchanged), "(", $q_same, ").is_some());")]
        /// ```
        pub fn $get_unchanged<'a, Q: ?Sized + $($bound)*<T::$K<'a>>>(&'a self, key: &Q) -> Option<&'daft T> {
            self.common.$get(key).filter(|leaf| leaf.is_unchanged()).map(|leaf| *leaf.before())
        }

        /// Whether the record that has a key is in both maps, and not equal in both.
        ///
        /// # Examples
        ///
        /// ```
        #[doc = $doc]
        #[doc = concat!("assert!(diff.", stringify!($is_modified), "(", $q_changed, "));")]
        /// ```
        pub fn $is_modified<'a, Q: ?Sized + $($bound)*<T::$K<'a>>>(&'a self, key: &Q) -> bool {
            self.common.$get(key).is_some_and(IdLeaf::is_modified)
        }

        /// The record that has a key before and after, if it is in both maps, and not equal in both.
        ///
        /// # Examples
        ///
        /// ```
        #[doc = $doc]
        #[doc = concat!("assert!(diff.", stringify!($get_modified), "(", $q_changed, ").is_some());")]
        /// ```
        pub fn $get_modified<'a, Q: ?Sized + $($bound)*<T::$K<'a>>>(&'a self, key: &Q) -> Option<IdLeaf<&'daft T>> {
            self.common.$get(key).filter(|leaf| leaf.is_modified()).copied()
        }
    };
}

impl<'daft, T: ?Sized + IdHashItem + Eq, S: BuildHasher, A: Allocator>
    id_hash_map::Diff<'daft, T, S, A>
{
    by_key!(two_maps!("IdHashMap"), "\"eve\"" "\"ada\"", Key get, [Hash + Equivalent]: is_unchanged get_unchanged is_modified get_modified);
}

impl<'daft, T: ?Sized + IdHashItem + Eq, S: BuildHasher, A: Allocator>
    id_index_map::Diff<'daft, T, S, A>
{
    by_key!(two_maps!("IdIndexMap"), "\"eve\"" "\"ada\"", Key get, [Hash + Equivalent]: is_unchanged get_unchanged is_modified get_modified);
}

impl<'daft, T: ?Sized + IdOrdItem + Eq, A: Allocator> id_ord_map::Diff<'daft, T, A> {
    by_key!(two_maps!("IdOrdMap"), "\"eve\"" "\"ada\"", Key get, [Comparable]: is_unchanged get_unchanged is_modified get_modified);
}

impl<'daft, T: ?Sized + BiHashItem + Eq, S: BuildHasher, A: Allocator>
    bi_hash_map::Diff<'daft, T, S, A>
{
    by_key!(two_maps_by_several!("BiHashMap", "\nlet diff = old.diff(&new).by_unique();"), "\"a7\"" "\"b3\"", K1 get1, [Hash + Equivalent]: is_unchanged1 get_unchanged1 is_modified1 get_modified1);
    by_key!(two_maps_by_several!("BiHashMap", "\nlet diff = old.diff(&new).by_unique();"), "&1" "&2", K2 get2, [Hash + Equivalent]: is_unchanged2 get_unchanged2 is_modified2 get_modified2);
}

impl<'daft, T: ?Sized + TriHashItem + Eq, S: BuildHasher, A: Allocator>
    tri_hash_map::Diff<'daft, T, S, A>
{
    by_key!(two_maps_by_several!("TriHashMap", "\nlet diff = old.diff(&new).by_unique();"), "\"a7\"" "\"b3\"", K1 get1, [Hash + Equivalent]: is_unchanged1 get_unchanged1 is_modified1 get_modified1);
    by_key!(two_maps_by_several!("TriHashMap", "\nlet diff = old.diff(&new).by_unique();"), "&1" "&2", K2 get2, [Hash + Equivalent]: is_unchanged2 get_unchanged2 is_modified2 get_modified2);
    by_key!(two_maps_by_several!("TriHashMap", "\nlet diff = old.diff(&new).by_unique();"), "&8001" "&8002", K3 get3, [Hash + Equivalent]: is_unchanged3 get_unchanged3 is_modified3 get_modified3);
}

/// Comparison by each key, and by all: what a map by several keys needs.
macro_rules! several {
    ($map:ident, $module:ident, $trait:ident: $($n:literal $By:ident $by_key:ident $key:ident $get:ident $contains:ident;)+) => {
        impl<T: $trait, S: BuildHasher, A: Allocator> Diffable for $map<T, S, A> {
            type Diff<'daft>
                = $module::MapLeaf<'daft, T, S, A>
            where
                Self: 'daft;

            fn diff<'daft>(&'daft self, other: &'daft Self) -> Self::Diff<'daft> {
                $module::MapLeaf { before: self, after: other }
            }
        }

        impl<'daft, T: $trait, S: BuildHasher + Clone, A: Allocator + Clone> $module::MapLeaf<'daft, T, S, A> {
            $(
                #[doc = concat!("Compares by key ", $n, ": records that have it in common are common.")]
                ///
                /// # Examples
                ///
                /// ```
                #[doc = two_maps_by_several!(stringify!($map), "")]
                #[doc = concat!("let diff = old.diff(&new).", stringify!($by_key), "();")]
                /// assert_eq!((diff.modified().count(), diff.unchanged().count()), (1, 1));
                /// ```
                pub fn $by_key(self) -> id_hash_map::Diff<'daft, $module::$By<T>, S, A> {
                    let Self { before, after } = self;
                    let (hasher, alloc) = (before.hasher().clone(), before.allocator().clone());
                    let mut diff = id_hash_map::Diff::<$module::$By<T>, S, A>::with_hasher_in(hasher, alloc);
                    for item in before {
                        let by_key = $module::$By::ref_cast(item);
                        match after.$get(&item.$key()) {
                            Some(other) => {
                                diff.common.insert_overwrite(IdLeaf::new(by_key, $module::$By::ref_cast(other)));
                            }
                            None => {
                                diff.removed.insert_overwrite(by_key);
                            }
                        }
                    }
                    for item in after {
                        if !before.$contains(&item.$key()) {
                            diff.added.insert_overwrite($module::$By::ref_cast(item));
                        }
                    }
                    diff
                }
            )+

            /// Compares by all keys: records that have all in common are common.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = two_maps_by_several!(stringify!($map), "")]
            /// let diff = old.diff(&new).by_unique();
            /// assert_eq!((diff.modified().count(), diff.unchanged().count()), (1, 1));
            /// ```
            pub fn by_unique(self) -> $module::Diff<'daft, T, S, A> {
                let diff = Diff::with_hasher_in(self.before.hasher().clone(), self.before.allocator().clone());
                diff.of(self.before, self.after)
            }
        }
    };
}

several! {
    BiHashMap, bi_hash_map, BiHashItem:
    "1" ByK1 by_key1 key1 get1 contains_key1;
    "2" ByK2 by_key2 key2 get2 contains_key2;
}
several! {
    TriHashMap, tri_hash_map, TriHashItem:
    "1" ByK1 by_key1 key1 get1 contains_key1;
    "2" ByK2 by_key2 key2 get2 contains_key2;
    "3" ByK3 by_key3 key3 get3 contains_key3;
}

/// A record of a map by several keys, as one of a map by one of these. In the map's own module: by the record's trait.
macro_rules! by_one_key {
    ($trait:ident, $module:ident: $($n:literal $By:ident $K:ident $key:ident $upcast:ident;)+) => { $(
        #[doc = concat!("A record by its key ", $n, " alone.")]
        ///
        /// # Examples
        ///
        /// ```
        /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
        #[doc = concat!("let by_key = idmap::", stringify!($module), "::", stringify!($By), "(disk(\"a7\", 1));")]
        #[doc = concat!("assert_eq!(idmap::IdHashItem::key(&by_key), idmap::", stringify!($trait), "::", stringify!($key), "(&by_key.0));")]
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ref_cast::RefCast)]
        #[repr(transparent)]
        pub struct $By<T>(pub T);

        impl<T> $By<T> {
            /// A reference to a record as one to this.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            /// let disk = disk("a7", 1);
            #[doc = concat!("assert_eq!(idmap::", stringify!($module), "::", stringify!($By), "::ref_cast(&disk).0, disk);")]
            /// ```
            #[inline]
            pub fn ref_cast(item: &T) -> &Self {
                ref_cast::RefCast::ref_cast(item)
            }

            /// A reference to a record, to change, as one to this.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
            /// let mut disk = disk("a7", 1);
            #[doc = concat!("idmap::", stringify!($module), "::", stringify!($By), "::ref_cast_mut(&mut disk).0.healthy = false;")]
            /// assert!(!disk.healthy);
            /// ```
            #[inline]
            pub fn ref_cast_mut(item: &mut T) -> &mut Self {
                ref_cast::RefCast::ref_cast_mut(item)
            }
        }

        impl<T: $trait> crate::IdHashItem for $By<T> {
            type Key<'a>
                = T::$K<'a>
            where
                T: 'a;

            #[inline]
            fn key(&self) -> Self::Key<'_> {
                self.0.$key()
            }

            #[inline]
            fn upcast_key<'short, 'long: 'short>(long: Self::Key<'long>) -> Self::Key<'short>
            where
                Self: 'long,
            {
                T::$upcast(long)
            }
        }
    )+ };
}

pub(crate) use by_one_key;
