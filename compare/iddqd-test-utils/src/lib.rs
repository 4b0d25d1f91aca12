//! What iddqd 0.5.0's tests use of `iddqd-test-utils`, which is not published.
//!
//! Written from the names in those tests. Nothing here knows which crate stands behind the name
//! `iddqd`.
#![deny(unsafe_code)]

pub mod alloc_failure;
pub mod borrowed_item;
pub mod eq_props;
pub mod naive_map;
pub mod panic_safety;
pub mod serde_utils;
pub mod test_item;
pub mod unwind;

mod chaos;
mod raw;

pub use serde_json;
