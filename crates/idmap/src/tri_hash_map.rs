//! Maps by three hashed keys.

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

/// A record with three keys that may borrow from it.
///
/// # Examples
///
/// ```
/// use idmap::{TriHashItem, TriHashMap, tri_upcast};
///
/// struct Sled { serial: String, rack: u16, slot: u8, address: [u8; 4] }
///
/// impl TriHashItem for Sled {
///     type K1<'a> = &'a str;
///     type K2<'a> = (u16, u8);
///     type K3<'a> = &'a [u8; 4];
///     fn key1(&self) -> &str { &self.serial }
///     fn key2(&self) -> (u16, u8) { (self.rack, self.slot) }
///     fn key3(&self) -> &[u8; 4] { &self.address }
///     tri_upcast!();
/// }
///
/// let mut sleds = TriHashMap::new();
/// let sled = Sled { serial: "g1".into(), rack: 4, slot: 2, address: [10, 0, 4, 2] };
/// sleds.insert_unique(sled).unwrap_or_else(|_| unreachable!());
/// assert_eq!(sleds.get2(&(4, 2)).map(|sled| sled.serial.as_str()), Some("g1"));
/// assert_eq!(sleds.remove3(&[10, 0, 4, 2]).map(|sled| sled.rack), Some(4));
/// assert!(sleds.get1("g1").is_none());
/// ```
pub trait TriHashItem {
    /// Key 1.
    type K1<'a>: Eq + Hash
    where
        Self: 'a;

    /// Key 2.
    type K2<'a>: Eq + Hash
    where
        Self: 'a;

    /// Key 3.
    type K3<'a>: Eq + Hash
    where
        Self: 'a;

    /// Key 1 of the record.
    fn key1(&self) -> Self::K1<'_>;

    /// Key 2 of the record.
    fn key2(&self) -> Self::K2<'_>;

    /// Key 3 of the record.
    fn key3(&self) -> Self::K3<'_>;

    /// Makes the lifetime of key 1 shorter; [`tri_upcast!`](crate::tri_upcast) writes it.
    fn upcast_key1<'short, 'long: 'short>(long: Self::K1<'long>) -> Self::K1<'short>;

    /// Makes the lifetime of key 2 shorter; [`tri_upcast!`](crate::tri_upcast) writes it.
    fn upcast_key2<'short, 'long: 'short>(long: Self::K2<'long>) -> Self::K2<'short>;

    /// Makes the lifetime of key 3 shorter; [`tri_upcast!`](crate::tri_upcast) writes it.
    fn upcast_key3<'short, 'long: 'short>(long: Self::K3<'long>) -> Self::K3<'short>;
}

crate::macros::for_pointers! { TriHashItem, [K1 key1 upcast_key1, K2 key2 upcast_key2, K3 key3 upcast_key3] }

crate::macros::key_types! {
    TriHashItem, TriHashMap, tri_hash_map:
    "1" Key1 K1 key1 get1 "\"a7\"";
    "2" Key2 K2 key2 get2 "&1";
    "3" Key3 K3 key3 get3 "&8001";
}

pub(crate) type Keys = (Hashed<Key1>, Hashed<Key2>, Hashed<Key3>);

/// A hash map of records with three keys each, all unique, all borrowed from the records.
///
/// Iteration is in the order of slots: that of insertion as long as nothing is removed; a new record takes the slot of
/// the record that was removed last.
pub type TriHashMap<T, S = DefaultHashBuilder, A = Global> = IndexedMap<T, Keys, S, A>;

crate::macros::names_of_iterators!(TriHashMap);
crate::macros::names!(
    TriHashMap,
    tri_hash_map,
    several_entry,
    "keys",
    TriHashMapAsMap,
    TriHashMapStrategy,
    TriHashMapValueTree
);

/// Two maps, to be compared by one key or by all.
#[cfg(feature = "daft")]
pub type MapLeaf<'daft, T, S = DefaultHashBuilder, A = Global> =
    crate::external::daft::MapLeaf<'daft, T, Keys, S, A>;

#[cfg(feature = "daft")]
crate::external::daft_keys::by_one_key! {
    TriHashItem, tri_hash_map:
    "1" ByK1 K1 key1 upcast_key1;
    "2" ByK2 K2 key2 upcast_key2;
    "3" ByK3 K3 key3 upcast_key3;
}

several_entry::occupied!(
    TriHashItem, tri_hash_map, TriHashMap, "\"a7\", 1, 8001" "\"a7\", 2, 8001" "\"c9\", 3, 8003":
    by_key1 0 "1", by_key2 1 "2", by_key3 2 "3");

/// What the examples of methods begin with.
macro_rules! example {
    () => {
        r#"# use idmap::{TriHashItem, tri_hash_map, tri_upcast};
# #[derive(Clone, Debug)]
# struct Disk { serial: String, slot: u8, port: u16, healthy: bool }
# impl TriHashItem for Disk {
#     type K1<'a> = &'a str;
#     type K2<'a> = u8;
#     type K3<'a> = u16;
#     fn key1(&self) -> &str { &self.serial }
#     fn key2(&self) -> u8 { self.slot }
#     fn key3(&self) -> u16 { self.port }
#     tri_upcast!();
# }
let mut disks = tri_hash_map! { Disk { serial: "a7".into(), slot: 1, port: 443, healthy: true } };
"#
    };
}

crate::several_map::by_key! {
    TriHashItem, TriHashMap,
    example!();
    "1" 0 Key1 K1 key1 upcast_key1, "\"a7\"" "\"a7\"",
    find1 position1 contains_key1 get1 get1_mut get1_disjoint_mut remove1 update1 handle1 keys1;
    "2" 1 Key2 K2 key2 upcast_key2, "&1" "1",
    find2 position2 contains_key2 get2 get2_mut get2_disjoint_mut remove2 update2 handle2 keys2;
    "3" 2 Key3 K3 key3 upcast_key3, "&443" "443",
    find3 position3 contains_key3 get3 get3_mut get3_disjoint_mut remove3 update3 handle3 keys3;
}

crate::several_map::by_all_keys! {
    TriHashItem, TriHashMap,
    example!(),
    "\"a7\", &1, &443" "\"a7\", 1, 443";
    find1 key1 K1 Q1 upcast_key1 "k1" hash1,
    find2 key2 K2 Q2 upcast_key2 "k2" hash2,
    find3 key3 K3 Q3 upcast_key3 "k3" hash3
}
