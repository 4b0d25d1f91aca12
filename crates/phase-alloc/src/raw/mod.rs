//! The unsafe part: the region, its chunks and spans, and the routes into them.
//!
//! | module | what it holds |
//! |---|---|
//! | `chunk` | what is live in a chunk: two words, and the argument for reading them |
//! | `chunks`, `areas`, `span` | what no thread allocates from, under the lock |
//! | `thread`, `cache` | what each thread has to itself |
//! | `state` | where the region is, and what the fast paths may do |
//! | `route` | allocation by mode and size, the rest by address |
//! | `debug`, `counters` | what costs nothing while it is not used |
//! | `os` | address space, and word of a thread's end |
#![expect(
    unsafe_code,
    reason = "an allocator hands out memory, and gets it from the operating system"
)]

pub(crate) mod chunk;
pub(crate) mod lock;
pub(crate) mod size;

#[cfg(not(loom))]
mod areas;
pub(crate) mod cache;
#[cfg(not(loom))]
mod chunks;
#[cfg(not(loom))]
pub(crate) mod counters;
#[cfg(not(loom))]
mod debug;
#[cfg(not(loom))]
mod global;
pub(crate) mod os;
#[cfg(not(loom))]
mod route;
pub(crate) mod span;
#[cfg(not(loom))]
pub(crate) mod state;
#[cfg(not(loom))]
pub(crate) mod thread;
#[cfg(not(loom))]
pub(crate) mod unwind;

#[cfg(not(loom))]
mod view;
#[cfg(not(loom))]
pub(crate) use view::{LiveTotals, figures, live, purge};
