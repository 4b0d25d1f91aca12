//! `cargo assay`.
#![forbid(unsafe_code)]

fn main() {}
