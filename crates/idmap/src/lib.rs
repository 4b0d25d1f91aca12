//! Maps whose keys are borrowed from their records.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod allocator;
pub mod by;
pub mod entry;
pub mod errors;
mod handle;
mod hash_table;
pub mod id_hash_map;
pub mod id_ord_map;
pub mod index;
#[doc(hidden)]
pub mod internal;
pub mod iter;
mod macros;
mod map;
#[doc(hidden)]
pub mod prefix;
pub mod ref_mut;
mod slab;
mod tree;
mod update;

pub use handle::Handle;
pub use id_hash_map::{IdHashItem, IdHashMap};
pub use id_ord_map::{IdOrdItem, IdOrdMap};
pub use map::IndexedMap;

/// The hasher of maps that name none.
pub type DefaultHashBuilder = foldhash::fast::RandomState;
