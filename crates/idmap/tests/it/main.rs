//! What the maps promise, on honest records and on the worst.

mod allocation;
mod bi_tri;
mod lies;
mod model;
mod one_key;
mod panics;
mod record;
mod several_keys;
