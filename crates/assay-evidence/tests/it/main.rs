//! Tests of the evidence crate as its users see it.

mod json;
mod monotone;
mod sample;
mod schema;
mod verdict;
