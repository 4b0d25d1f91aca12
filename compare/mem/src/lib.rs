//! What every allocator that counts does here: single operations, and a program that answers requests.
//!
//! A contender is a program of its own, `src/bin/with_*.rs`, that names a global allocator and how its accounting is
//! turned on. The driver, `src/main.rs`, runs them in turn.

pub mod contender;
pub mod work;

/// Workloads, by the names under which they are reported.
pub const PAIR: &str = "64 B pair";
pub const TWO: &str = "64 B pair, two threads at once";
pub const HANDED: &str = "64 B pair, freed by the other thread";
pub const MIXED: &str = "16 to 1024 B, 256 live";
pub const PROGRAM: &str = "a program: parse, sort and write JSON";
pub const GUARD: &str = "enter and leave a scope";
