//! What implementations of the item traits are written with, and the literals of maps.

/// Writes what is the same in each implementation of an item trait with one key.
///
/// # Examples
///
/// ```
/// use idmap::{IdHashItem, id_upcast};
///
/// struct User { name: String }
///
/// impl IdHashItem for User {
///     type Key<'a> = &'a str;
///     fn key(&self) -> &str { &self.name }
///     id_upcast!();
/// }
/// ```
#[macro_export]
macro_rules! id_upcast {
    () => {
        #[inline]
        fn upcast_key<'short, 'long: 'short>(long: Self::Key<'long>) -> Self::Key<'short>
        where
            Self: 'long,
        {
            long
        }

        #[inline]
        fn key_prefix<'__key, '__item>(
            key: &'__key Self::Key<'__item>,
        ) -> ::core::option::Option<$crate::prefix::Prefix<'__key>>
        where
            Self: '__item,
        {
            use $crate::prefix::{Known as _, Unknown as _};
            (&$crate::prefix::Probe(key)).prefix()
        }
    };
}

/// Writes what is the same in each implementation of [`BiHashItem`](crate::BiHashItem).
///
/// # Examples
///
/// ```
/// use idmap::{BiHashItem, bi_upcast};
///
/// struct Disk { serial: String, slot: u8 }
///
/// impl BiHashItem for Disk {
///     type K1<'a> = &'a str;
///     type K2<'a> = u8;
///     fn key1(&self) -> &str { &self.serial }
///     fn key2(&self) -> u8 { self.slot }
///     bi_upcast!();
/// }
/// ```
#[macro_export]
macro_rules! bi_upcast {
    () => {
        $crate::__upcast!(upcast_key1 K1);
        $crate::__upcast!(upcast_key2 K2);
    };
}

/// Writes what is the same in each implementation of [`TriHashItem`](crate::TriHashItem).
///
/// # Examples
///
/// ```
/// use idmap::{TriHashItem, tri_upcast};
///
/// struct Disk { serial: String, slot: u8, port: u16 }
///
/// impl TriHashItem for Disk {
///     type K1<'a> = &'a str;
///     type K2<'a> = u8;
///     type K3<'a> = u16;
///     fn key1(&self) -> &str { &self.serial }
///     fn key2(&self) -> u8 { self.slot }
///     fn key3(&self) -> u16 { self.port }
///     tri_upcast!();
/// }
/// ```
#[macro_export]
macro_rules! tri_upcast {
    () => {
        $crate::__upcast!(upcast_key1 K1);
        $crate::__upcast!(upcast_key2 K2);
        $crate::__upcast!(upcast_key3 K3);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __upcast {
    ($upcast:ident $Key:ident) => {
        #[inline]
        fn $upcast<'short, 'long: 'short>(long: Self::$Key<'long>) -> Self::$Key<'short>
        where
            Self: 'long,
        {
            long
        }
    };
}

/// A map of records: `id_hash_map! { a, b }`, or with a hasher `id_hash_map! { Hasher; a, b }`.
///
/// # Panics
///
/// If two records have the same key.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users = idmap::id_hash_map! { User { name: "ada", age: 36 }, User { name: "bob", age: 4 } };
/// assert_eq!(users.len(), 2);
/// let users = idmap::id_hash_map! { std::hash::RandomState; User { name: "ada", age: 36 } };
/// assert_eq!(users.len(), 1);
/// ```
#[macro_export]
macro_rules! id_hash_map {
    ($($item:expr),* $(,)?) => { $crate::__hashed!(IdHashMap, $crate::DefaultHashBuilder::default(); $($item),*) };
    ($H:ty; $($item:expr),* $(,)?) => { $crate::__hashed!(IdHashMap, <$H>::default(); $($item),*) };
}

/// A map of records: `id_index_map! { a, b }`, or with a hasher `id_index_map! { Hasher; a, b }`.
///
/// # Panics
///
/// If two records have the same key.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users = idmap::id_index_map! { User { name: "bob", age: 4 }, User { name: "ada", age: 36 } };
/// assert!(users.keys().eq(["bob", "ada"]));
/// ```
#[macro_export]
macro_rules! id_index_map {
    ($($item:expr),* $(,)?) => { $crate::__hashed!(IdIndexMap, $crate::DefaultHashBuilder::default(); $($item),*) };
    ($H:ty; $($item:expr),* $(,)?) => { $crate::__hashed!(IdIndexMap, <$H>::default(); $($item),*) };
}

/// A map of records: `bi_hash_map! { a, b }`, or with a hasher `bi_hash_map! { Hasher; a, b }`.
///
/// # Panics
///
/// If two records have a key in common.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
/// let disks = idmap::bi_hash_map! { disk("a7", 1), disk("b3", 2) };
/// assert_eq!(disks.get2(&2).map(|disk| disk.serial), Some("b3"));
/// ```
#[macro_export]
macro_rules! bi_hash_map {
    ($($item:expr),* $(,)?) => { $crate::__hashed!(BiHashMap, $crate::DefaultHashBuilder::default(); $($item),*) };
    ($H:ty; $($item:expr),* $(,)?) => { $crate::__hashed!(BiHashMap, <$H>::default(); $($item),*) };
}

/// A map of records: `tri_hash_map! { a, b }`, or with a hasher `tri_hash_map! { Hasher; a, b }`.
///
/// # Panics
///
/// If two records have a key in common.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
/// let disks = idmap::tri_hash_map! { disk("a7", 1), disk("b3", 2) };
/// assert_eq!(disks.get3(&8002).map(|disk| disk.serial), Some("b3"));
/// ```
#[macro_export]
macro_rules! tri_hash_map {
    ($($item:expr),* $(,)?) => { $crate::__hashed!(TriHashMap, $crate::DefaultHashBuilder::default(); $($item),*) };
    ($H:ty; $($item:expr),* $(,)?) => { $crate::__hashed!(TriHashMap, <$H>::default(); $($item),*) };
}

/// A map of records: `id_ord_map! { a, b }`.
///
/// # Panics
///
/// If two records have the same key.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let users = idmap::id_ord_map! { User { name: "bob", age: 4 }, User { name: "ada", age: 36 } };
/// assert!(users.keys().eq(["ada", "bob"]));
/// ```
#[macro_export]
macro_rules! id_ord_map {
    ($($item:expr),* $(,)?) => {{
        let mut map = $crate::IdOrdMap::with_capacity(const { <[()]>::len(&[$({ stringify!($item); }),*]) });
        $( map.insert_unique($item).unwrap(); )*
        map
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __hashed {
    ($map:ident, $hasher:expr; $($item:expr),*) => {{
        let mut map = $crate::$map::with_capacity_and_hasher(const { <[()]>::len(&[$({ stringify!($item); }),*]) }, $hasher);
        $( map.insert_unique($item).unwrap(); )*
        map
    }};
}

/// Implements an item trait for what points to an item.
macro_rules! for_pointers {
    ($trait:ident $($rest:tt)*) => {
        $crate::macros::for_pointer! { ['b, T: 'b + ?Sized + $trait] &'b T, $trait $($rest)* }
        $crate::macros::for_pointer! { ['b, T: 'b + ?Sized + $trait] &'b mut T, $trait $($rest)* }
        $crate::macros::for_pointer! { [T: ?Sized + $trait] alloc::boxed::Box<T>, $trait $($rest)* }
        $crate::macros::for_pointer! { [T: ?Sized + $trait] alloc::rc::Rc<T>, $trait $($rest)* }
        #[cfg(target_has_atomic = "ptr")]
        $crate::macros::for_pointer! { [T: ?Sized + $trait] alloc::sync::Arc<T>, $trait $($rest)* }
    };
}

macro_rules! for_pointer {
    ([$($generics:tt)*] $type:ty, $trait:ident, [$($Key:ident $key:ident $upcast:ident),+] $(, $prefix:ident)?) => {
        impl<$($generics)*> $trait for $type {
            $(
                type $Key<'a>
                    = T::$Key<'a>
                where
                    Self: 'a;

                #[inline]
                fn $key(&self) -> Self::$Key<'_> {
                    (**self).$key()
                }

                #[inline]
                fn $upcast<'short, 'long: 'short>(long: Self::$Key<'long>) -> Self::$Key<'short>
                where
                    Self: 'long,
                {
                    T::$upcast(long)
                }
            )+
            $(
                #[inline]
                fn $prefix<'k, 'a>(key: &'k Self::Key<'a>) -> Option<$crate::prefix::Prefix<'k>>
                where
                    Self: 'a,
                {
                    T::$prefix(key)
                }
            )?
        }
    };
}

/// The names of what belongs to a hashed map, where entries are those of a module.
macro_rules! names {
    ($map:ident, $module:ident, $entry:ident, $keys:literal, $AsMap:ident, $Strategy:ident, $ValueTree:ident) => {
        #[doc = concat!("A record of a [`", stringify!($map), "`], to change all but its ", $keys, ".")]
        pub type RefMut<'a, T, S = DefaultHashBuilder> = crate::ref_mut::RefMut<'a, T, S, Keys>;

        #[doc = concat!("An entry of a [`", stringify!($map), "`].")]
        pub type Entry<'a, T, S = DefaultHashBuilder, A = Global> = crate::$entry::Entry<'a, T, Keys, S, A>;

        #[doc = concat!("A vacant entry of a [`", stringify!($map), "`].")]
        pub type VacantEntry<'a, T, S = DefaultHashBuilder, A = Global> = crate::$entry::VacantEntry<'a, T, Keys, S, A>;

        #[doc = concat!("An occupied entry of a [`", stringify!($map), "`].")]
        pub type OccupiedEntry<'a, T, S = DefaultHashBuilder, A = Global> = crate::$entry::OccupiedEntry<'a, T, Keys, S, A>;

        /// What differs between two maps, by all keys.
        #[cfg(feature = "daft")]
        pub type Diff<'daft, T, S = DefaultHashBuilder, A = Global> = crate::external::daft::Diff<'daft, T, Keys, S, A>;

        #[doc = concat!("For `#[serde(with = \"", stringify!($AsMap), "\")]`: a [`", stringify!($map), "`] as a map of keys to records.")]
        #[cfg(feature = "serde")]
        pub type $AsMap<T, S = DefaultHashBuilder, A = Global> = crate::external::serde::AsMap<T, Keys, S, A>;

        #[cfg(feature = "proptest")]
        crate::external::proptest::hash_map_strategies!($module, $map, $Strategy, $ValueTree);
    };
}

/// The names of the iterators of a map in the order of slots.
macro_rules! names_of_iterators {
    ($map:ident) => {
        #[doc = concat!("The records of a [`", stringify!($map), "`].")]
        pub type Iter<'a, T> = crate::iter::Iter<'a, T>;

        #[doc = concat!("The records of a [`", stringify!($map), "`], to change.")]
        pub type IterMut<'a, T, S = DefaultHashBuilder, A = Global> =
            crate::iter::IterMut<'a, T, Keys, S, A>;

        #[doc = concat!("The records of a [`", stringify!($map), "`], for good.")]
        pub type IntoIter<T, A = Global> = crate::iter::IntoIter<T, A>;
    };
}

/// Types that stand for the keys of a record of several. `$get` and what it is asked are of an example.
macro_rules! key_types {
    ($trait:ident, $map:ident, $module:ident: $($n:literal $Key:ident $K:ident $key:ident $get:ident $asked:literal;)+) => { $(
        #[doc = concat!("Stands for key ", $n, " of a [`", stringify!($trait), "`].\n\n# Examples\n\n```")]
        /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
        #[doc = concat!("use idmap::", stringify!($module), "::", stringify!($Key), ";\n")]
        #[doc = concat!("let disks: idmap::", stringify!($map), "<Disk> = disks();")]
        #[doc = concat!("assert_eq!(disks.by(", stringify!($Key), ").get(", $asked, "), disks.", stringify!($get), "(", $asked, "));\n```")]
        #[derive(Debug)]
        pub struct $Key;

        impl<T: $trait> HashKey<T> for $Key {
            type Key<'a>
                = T::$K<'a>
            where
                T: 'a;

            #[inline]
            fn key(item: &T) -> T::$K<'_> {
                item.$key()
            }
        }
    )+ };
}

pub(crate) use {for_pointer, for_pointers, key_types, names, names_of_iterators};
