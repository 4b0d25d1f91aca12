//! Maps by two hashed keys.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::entry::there;
use crate::errors::DuplicateItem;
use crate::handle::Handle;
use crate::index::{HashKey, Hashed};
use crate::map::IndexedMap;
use crate::several::{self, DebugKeys};
use crate::several_entry;
use crate::slab;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// A record with two keys that may borrow from it.
///
/// # Examples
///
/// ```
/// use idmap::{BiHashItem, BiHashMap, bi_upcast};
///
/// struct User { email: String, uid: u32 }
///
/// impl BiHashItem for User {
///     type K1<'a> = &'a str;
///     type K2<'a> = u32;
///     fn key1(&self) -> &str { &self.email }
///     fn key2(&self) -> u32 { self.uid }
///     bi_upcast!();
/// }
///
/// let mut users = BiHashMap::new();
/// users.insert_unique(User { email: "ada@example.org".into(), uid: 7 }).unwrap_or_else(|_| unreachable!());
/// assert_eq!(users.get1("ada@example.org").map(|user| user.uid), Some(7));
/// assert_eq!(users.get2(&7).map(|user| user.email.as_str()), Some("ada@example.org"));
/// assert!(users.insert_unique(User { email: "eve@example.org".into(), uid: 7 }).is_err());
/// ```
pub trait BiHashItem {
    /// Key 1.
    type K1<'a>: Eq + Hash
    where
        Self: 'a;

    /// Key 2.
    type K2<'a>: Eq + Hash
    where
        Self: 'a;

    /// Key 1 of the record.
    fn key1(&self) -> Self::K1<'_>;

    /// Key 2 of the record.
    fn key2(&self) -> Self::K2<'_>;

    /// Makes the lifetime of key 1 shorter; [`bi_upcast!`](crate::bi_upcast) writes it.
    fn upcast_key1<'short, 'long: 'short>(long: Self::K1<'long>) -> Self::K1<'short>;

    /// Makes the lifetime of key 2 shorter; [`bi_upcast!`](crate::bi_upcast) writes it.
    fn upcast_key2<'short, 'long: 'short>(long: Self::K2<'long>) -> Self::K2<'short>;
}

crate::macros::for_pointers! { BiHashItem, [K1 key1 upcast_key1, K2 key2 upcast_key2] }

crate::macros::key_types! {
    BiHashItem, BiHashMap, bi_hash_map:
    "1" Key1 K1 key1 get1 "\"a7\"";
    "2" Key2 K2 key2 get2 "&1";
}

pub(crate) type Keys = (Hashed<Key1>, Hashed<Key2>);

/// A hash map of records with two keys each, both unique, both borrowed from the records.
///
/// Iteration is in the order of slots: that of insertion as long as nothing is removed; a new record takes the slot of
/// the record that was removed last.
pub type BiHashMap<T, S = DefaultHashBuilder, A = Global> = IndexedMap<T, Keys, S, A>;

crate::macros::names_of_iterators!(BiHashMap);
crate::macros::names!(
    BiHashMap,
    bi_hash_map,
    several_entry,
    "keys",
    BiHashMapAsMap,
    BiHashMapStrategy,
    BiHashMapValueTree
);

/// Two maps, to be compared by one key or by all.
#[cfg(feature = "daft")]
pub type MapLeaf<'daft, T, S = DefaultHashBuilder, A = Global> =
    crate::external::daft::MapLeaf<'daft, T, Keys, S, A>;

#[cfg(feature = "daft")]
crate::external::daft_keys::by_one_key! {
    BiHashItem, bi_hash_map:
    "1" ByK1 K1 key1 upcast_key1;
    "2" ByK2 K2 key2 upcast_key2;
}

several_entry::occupied!(
    BiHashItem, bi_hash_map, BiHashMap, "\"a7\", 1" "\"a7\", 2" "\"c9\", 3":
    by_key1 0 "1", by_key2 1 "2");

/// What the examples of methods begin with.
macro_rules! example {
    () => {
        r#"# use idmap::{BiHashItem, bi_hash_map, bi_upcast};
# #[derive(Clone, Debug)]
# struct Disk { serial: String, slot: u8, healthy: bool }
# impl BiHashItem for Disk {
#     type K1<'a> = &'a str;
#     type K2<'a> = u8;
#     fn key1(&self) -> &str { &self.serial }
#     fn key2(&self) -> u8 { self.slot }
#     bi_upcast!();
# }
let mut disks = bi_hash_map! { Disk { serial: "a7".into(), slot: 1, healthy: true } };
"#
    };
}

crate::several_map::by_key! {
    BiHashItem, BiHashMap,
    example!();
    "1" 0 Key1 K1 key1 upcast_key1, "\"a7\"" "\"a7\"",
    find1 position1 contains_key1 get1 get1_mut get1_disjoint_mut remove1 update1 handle1 keys1;
    "2" 1 Key2 K2 key2 upcast_key2, "&1" "1",
    find2 position2 contains_key2 get2 get2_mut get2_disjoint_mut remove2 update2 handle2 keys2;
}

crate::several_map::by_all_keys! {
    BiHashItem, BiHashMap,
    example!(),
    "\"a7\", &1" "\"a7\", 1";
    find1 key1 K1 Q1 upcast_key1 "k1" hash1,
    find2 key2 K2 Q2 upcast_key2 "k2" hash2
}
