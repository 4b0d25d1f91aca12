//! What the maps promise, on honest records and on the worst.

mod allocation;
mod attack;
// Honest keys, and safe code: Miri would see what it sees in the tests of other keys, and take its time.
#[cfg(not(miri))]
mod beginnings;
mod bi_tri;
mod cursors;
#[cfg(feature = "derive")]
mod derive;
#[cfg(feature = "derive")]
mod derive_errors;
#[cfg(feature = "daft")]
mod differences;
mod index_map;
mod lies;
mod model;
mod one_key;
mod panics;
#[cfg(feature = "rayon")]
mod parallel;
mod record;
#[cfg(feature = "schemars08")]
mod schemas08;
#[cfg(feature = "schemars1")]
mod schemas1;
#[cfg(feature = "serde")]
mod serde_formats;
mod several_keys;
#[cfg(feature = "proptest")]
mod strategies;
#[cfg(any(
    feature = "daft",
    feature = "proptest",
    feature = "rayon",
    feature = "serde"
))]
mod user;
