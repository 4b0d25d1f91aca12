//! What the maps promise, on honest records and on the worst.

mod allocation;
mod bi_tri;
#[cfg(feature = "derive")]
mod derive;
#[cfg(feature = "derive")]
mod derive_errors;
mod lies;
mod model;
mod one_key;
mod panics;
mod record;
mod several_keys;
