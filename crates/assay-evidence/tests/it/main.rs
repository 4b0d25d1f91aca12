//! Tests of the evidence crate as its users see it.

mod browser;
mod diffs;
mod gates;
mod json;
mod monotone;
mod mutants;
mod realistic;
mod render;
mod robust;
mod sample;
mod schema;
mod verdict;
