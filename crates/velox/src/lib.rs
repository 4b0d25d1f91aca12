//! An order-flow pipeline: market data in, exact order books, bundles out, every transaction accounted for.
#![expect(
    non_ascii_idents,
    reason = "zerocopy's derives name what they generate so"
)]
#![warn(missing_docs, missing_debug_implementations)]

pub mod affinity;
mod book;
mod bundle;
pub mod clock;
pub mod itch;
mod orders;
pub mod pipeline;
mod raw;
mod sync;
pub mod synthetic;
pub mod telemetry;
mod transaction;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use book::{
    Applied, ApplyError, BookConfig, BookError, BookReader, BookWriter, Books, Depth, Level,
    OnError, SharedBook, SharedBookConfig, Top,
};
pub use bundle::{Accepted, Bundle, BundleError, Bundler, Flush, Flushes, Refused, Sink};
pub use orders::{Order, OrderError, OrderMap};
pub use transaction::{Kind, Price, Side, Transaction};
