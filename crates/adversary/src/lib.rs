//! A test-kit that attacks generic unsafe code.
//!
//! Unsafe code that is generic calls code that it does not know: `Ord`, `Hash`, `Clone`, `Drop`, closures,
//! iterators. Any of it may panic, may lie, may change its mind between two calls, and none of that
//! needs `unsafe`. This crate has such code to call.
//!
//! | module | what it does | the class of bug it finds |
//! |---|---|---|
//! | [`countdown`] | runs an operation once for each call into user code, with a panic there | what a panic leaves behind: double drops, leaks, broken invariants |
//! | [`liar`] | `Ord`, `Eq`, `Hash`, `Borrow`, `Clone`, `Index`, iterators and readers that lie by script | memory safety that rests on a safe trait |
//! | [`drops`] | counts the drops of harmless tokens | double drops, leaks, late uses |
//! | [`alloc`] | fails or panics in each allocation in turn; watches blocks | allocation failure that leaves a structure half changed; double frees, wrong layouts, overflows, leaks |
//! | [`oracle`] | naive maps, and a record of what an allocator gives out | wrong answers; blocks that overlap or come back too early |
//! | `model` | sequences of operations beside an oracle, shrunk | what takes several operations to go wrong |
//! | `schedule` | threads under shuttle's schedulers | what depends on who runs first |
//!
//! A sweep over every call of an operation, with every value accounted for:
//!
//! ```
//! use adversary::{countdown, drops::Ledger, liar::Liar};
//! use std::collections::BTreeSet;
//!
//! countdown::for_each_call(
//!     || {
//!         let ledger = Ledger::new();
//!         let set: BTreeSet<_> = (0..8).map(|it| Liar::new(it).counted(&ledger)).collect();
//!         (ledger, set)
//!     },
//!     |(_, set)| set.retain(|it| it.get() % 2 == 0),
//!     |(ledger, set), _run| {
//!         assert_eq!(set.iter().count(), set.len());
//!         drop(set);
//!         ledger.assert_clean();
//!     },
//! );
//! ```
//!
//! # Guarantees
//!
//! - Nothing here is undefined behaviour to use, lies included: the liars are safe code.
//! - A sweep ([`countdown::for_each`], [`liar::for_each_lie`]) covers every index of the operation's calls,
//!   or panics because the operation did not make the same calls again.
//! - What fails says how to repeat it: the index of the fault, or the seed.
//! - All scripts and counts are those of one thread: tests that run side by side do not meet. The counts of
//!   a [`drops::Ledger`] take drops on any thread.
//!
//! Not guaranteed:
//!
//! - That code which stands a sweep is sound. A sweep is exhaustive over the calls of one operation on one
//!   state; other states make other calls. Nor is undefined behaviour that changes no count seen: run the
//!   same tests under Miri.
//! - Silence: `model` and `schedule` put a hook in front of the process's panic hook, which swallows the
//!   panics that they catch, and no others.
//! - The number of calls that a standard collection makes; it differs between versions.
//!
//! # Features
//!
//! - `model` (default): the module `model`, on proptest.
//! - `shuttle`: the module `schedule`.
//! - `allocator-api2`: the allocators implement that crate's `Allocator`.
#![warn(missing_docs, missing_debug_implementations)]

pub mod alloc;
pub mod countdown;
pub mod drops;
pub mod liar;
#[cfg(feature = "model")]
pub mod model;
pub mod oracle;
#[cfg(any(feature = "model", feature = "shuttle"))]
mod quiet;
mod raw;
#[cfg(feature = "shuttle")]
pub mod schedule;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
