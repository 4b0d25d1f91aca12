//! The built `cargo-assay`, run on the packages under `testdata/`.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test does"
)]

mod fixtures;
mod gates;
mod mutants;
mod track;
