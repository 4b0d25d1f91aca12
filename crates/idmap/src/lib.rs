//! Maps whose keys are borrowed from their records.
//!
//! A record has its keys among its fields, so a map of keys to records says them twice. These maps ask the record:
//!
//! ```
//! use idmap::{IdHashItem, IdHashMap, id_upcast};
//!
//! #[derive(Clone, Debug)]
//! struct User { email: String, age: u8 }
//!
//! impl IdHashItem for User {
//!     type Key<'a> = &'a str;
//!     fn key(&self) -> &str { &self.email }
//!     id_upcast!();
//! }
//!
//! let mut users = IdHashMap::new();
//! users.insert_unique(User { email: "ada@example.org".into(), age: 36 }).unwrap();
//! assert_eq!(users.get("ada@example.org").map(|user| user.age), Some(36));
//!
//! // The key is not to be changed under the map's feet ...
//! users.get_mut("ada@example.org").expect("Ada is there").age += 1;
//! // ... but by an update, which moves the record or says who is in its way.
//! users.update("ada@example.org", |user| user.email = "ada@example.com".into()).unwrap().unwrap();
//! assert_eq!(users.get("ada@example.com").map(|user| user.age), Some(37));
//! ```
//!
//! | map | keys of a record | order of iteration |
//! |---|---|---|
//! | [`IdHashMap`] | one, hashed | slots: insertion, until something is removed |
//! | [`IdIndexMap`] | one, hashed | insertion |
//! | [`IdOrdMap`] | one, ordered | keys |
//! | [`IdMap`] | those that the record declares, by a derive | slots |
//! | [`IndexedMap`] | any: hashed or ordered, unique or not ([`index`]) | slots; the keys if its only index is [`Ordered`](index::Ordered) |
//!
//! The names and the behaviour are those of the crate `iddqd` 0.5.0, so a dependency on that may be renamed to this one:
//! `iddqd = { package = "idmap", .. }`.
//!
//! # Derives
//!
//! With the feature `derive`, fields say what they are, and nobody writes a key by hand:
//!
//! ```
//! # #[cfg(feature = "derive")] {
//! use idmap::{IdHashItem, IdHashMap, IdMap, Indexed};
//!
//! #[derive(IdHashItem)]
//! struct User { #[key] email: String, age: u8 }
//!
//! let users: IdHashMap<User> = [User { email: "ada@example.org".into(), age: 36 }].into_iter().collect();
//! assert_eq!(users.get("ada@example.org").map(|user| user.age), Some(36));
//!
//! #[derive(Indexed)]
//! struct Order {
//!     #[index(hash, unique)] id: u64,
//!     #[index(ord)] price: u32,
//!     #[index(hash)] trader: String,
//! }
//!
//! let orders: IdMap<Order> = (0..10).map(|n| Order { id: n, price: 90 + n as u32, trader: "ada".into() }).collect();
//! assert_eq!(orders.by(order::Price).range(95..).count(), 5);
//! assert_eq!(orders.by(order::Trader).get_all("ada").count(), 10);
//! # }
//! ```
//!
//! The item traits have derives of their names; [`Indexed`] shows keys of several fields.
//!
//! # Where it differs from iddqd
//!
//! - `retain` of a hash map asks in the order of slots, and iddqd in that of its table. What is removed there leaves its
//!   slots in that order, so records inserted later may iterate in another order than in iddqd.
//! - In an [`IdHashMap`] a key that is an integer is told from another by itself, and in iddqd by its hash. So a
//!   [`RefMut`](id_hash_map::RefMut) and a vacant entry refuse another key even if it has the same hash, and a vacant entry shows the integer for `{:?}`.
//!
//! # How it is built
//!
//! The records are in a slab, each at a position. A hashed index is a table of positions of 4 bytes; an ordered one is a
//! B+ tree of positions. Neither has keys; they ask the record at a position for its key. So user code, which may lie or
//! panic, runs in searches only, and a search changes nothing: insertion and removal take its result, and move positions
//! without asking anybody. The crate has no unsafe code.
//!
//! Whatever the keys do, a map never lends one record twice, loses no record without dropping it, and stays usable. If
//! they lie it may not find a record, or panic.
//!
//! # Features
//!
//! | feature | |
//! |---|---|
//! | `default-hasher` (default) | [`DefaultHashBuilder`], of the crate foldhash |
//! | `std` (default) | a key that changes is not reported while another panic unwinds |
//! | `derive` | the derives; not a default, since syn and quote take longer to compile than the maps |
//! | `allocator-api2` (default) | nothing here; the allocators of that crate are always taken |

#![no_std]
#![forbid(unsafe_code)]
#![expect(private_bounds, reason = "how indexes work is the crate's own matter")]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod allocator;
pub mod bi_hash_map;
pub mod by;
pub mod by_mut;
mod constructors;
pub mod entry;
pub mod errors;
pub mod external;
mod handle;
mod hash_table;
pub mod id_hash_map;
pub mod id_index_map;
pub mod id_ord_map;
pub mod index;
mod indexed;
#[doc(hidden)]
pub mod internal;
pub mod iter;
mod key;
mod macros;
mod map;
#[doc(hidden)]
pub mod prefix;
pub mod ref_mut;
mod several;
pub mod several_entry;
mod several_map;
mod slab;
mod tree;
pub mod tri_hash_map;
mod update;

pub use bi_hash_map::{BiHashItem, BiHashMap};
#[doc(no_inline)]
pub use equivalent::{Comparable, Equivalent};
#[cfg(feature = "daft")]
pub use external::daft::IdLeaf;
pub use handle::Handle;
pub use id_hash_map::{IdHashItem, IdHashMap};
pub use id_index_map::IdIndexMap;
pub use id_ord_map::{IdOrdItem, IdOrdMap};
pub use indexed::{IdMap, Indexed};
pub use key::{Beginning, First, FirstTwo};
pub use map::IndexedMap;
pub use tri_hash_map::{TriHashItem, TriHashMap};

#[cfg(feature = "derive")]
pub use idmap_derive::{BiHashItem, IdHashItem, IdOrdItem, Indexed, TriHashItem};

/// The hasher of maps that name none.
#[cfg(feature = "default-hasher")]
pub type DefaultHashBuilder = foldhash::fast::RandomState;

/// Stands for the hasher of maps that name none, where the feature `default-hasher` is off. There is no value of it.
///
/// # Examples
///
/// ```
/// let none: Option<idmap::DefaultHashBuilder> = None;
/// assert!(none.is_none());
/// ```
#[cfg(not(feature = "default-hasher"))]
#[derive(Clone, Copy, Debug)]
pub enum DefaultHashBuilder {}

#[cfg(not(feature = "default-hasher"))]
impl core::hash::BuildHasher for DefaultHashBuilder {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

#[cfg(not(feature = "default-hasher"))]
impl core::hash::Hasher for DefaultHashBuilder {
    fn finish(&self) -> u64 {
        match *self {}
    }

    fn write(&mut self, _: &[u8]) {
        match *self {}
    }
}
