//! The rooms with unsafe code.
//!
//! | module | what it holds |
//! |---|---|
//! | `allocator`, `counted` | the allocator, and its four calls with accounting |
//! | `trailer` | the eight bytes at a block's end |
//! | `transfer` | blocks of values that move to another scope |
//! | `arena` | chunks that blocks are cut from |
//! | `stack` | return addresses of the calling thread |
//! | `directory` | tables that grow and never move |
#![expect(unsafe_code, reason = "an allocator is made of pointers")]

#[cfg(not(loom))]
mod allocator;
#[cfg(not(loom))]
pub(crate) mod arena;
#[cfg(all(feature = "enabled", not(loom)))]
mod counted;
#[cfg(feature = "enabled")]
pub(crate) mod directory;
#[cfg(all(feature = "enabled", not(loom)))]
pub(crate) mod stack;
#[cfg(all(feature = "enabled", not(loom)))]
pub(crate) mod trailer;

#[cfg(not(loom))]
pub(crate) mod transfer;

#[cfg(not(loom))]
pub use allocator::Scoped;

#[cfg(all(test, feature = "enabled", not(loom)))]
mod tests;
