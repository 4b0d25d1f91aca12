//! What every contender runs: a Plonky3 proof loop, and the allocator's operations one by one.
//!
//! A contender is a program of its own, `src/bin/with_*.rs`, that names a global allocator and how
//! its phases begin and end. The driver, `src/main.rs`, runs them in turn.
#![forbid(unsafe_code)]

pub mod contender;
pub mod micro;
pub mod prove;
pub mod provers;
pub mod usage;
