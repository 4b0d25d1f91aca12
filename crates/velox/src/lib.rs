//! An order-flow pipeline: market data in, exact order books, bundles out, every transaction accounted for.
#![expect(
    non_ascii_idents,
    reason = "zerocopy's derives name what they generate so"
)]
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod transaction;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use transaction::{Kind, Price, Side, Transaction};
