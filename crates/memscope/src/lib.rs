//! Who allocated it, in which scope, and did it come back.
//!
//! A program has natural checkpoints: when a request, a query or a task ends, what it allocated should be freed.
//! `memscope` counts every allocation on the account of the [`Scope`] that the thread is in, and checks at the scope's
//! end that all of it came back.
//!
//! ```
//! use memscope::{Scope, Scoped};
//!
//! #[global_allocator]
//! static ALLOCATOR: Scoped = Scoped::system();
//!
//! fn handle(request: u64, log: &mut Vec<String>) {
//!     let answer = format!("answer to {request}");
//!     log.push(answer); // Never freed.
//! }
//!
//! let mut log = Vec::with_capacity(8);
//! let scope = Scope::for_request("request", 1);
//! scope.run(|| handle(1, &mut log));
//! let leak = scope.end().unwrap_err();
//! assert_eq!((leak.usage().live(), leak.path()), (1, "request#1"));
//! ```
//!
//! # How it counts
//!
//! [`Scoped`] makes each block 8 bytes larger. They stand behind the block's last byte, and name the scope. Each thread
//! has counters of its own for each scope that it meets, and adds to them without any atomic exchange, also when it
//! frees what another thread has allocated. A scope's account is the sum over the threads.
//!
//! # Guarantees
//!
//! - What was allocated and freed before a call of [`Scope::usage`] is in it, exactly, on whatever threads it happened.
//! - A scope that is found neutral was neutral at a moment during the call. If nobody is inside it any more, it stays so.
//! - A block that [moves](Scope::adopt) to another scope is live on either account throughout, or on both for a moment.
//! - A free after a scope's end, on any thread, is booked to that scope; its account is kept until its last block is freed.
//! - A byte written right behind a block is seen when the block is freed or changes its size, and ends the process with
//!   a report. A write further behind, within 8 bytes, is seen unless 12 bits agree by chance.
//! - Without the feature `enabled`, all of this is gone from the program: [`Scoped`] is its inner allocator, and the
//!   rest has the same interface and does nothing.
//!
//! # What is not guaranteed
//!
//! - Reads past a block's end, and writes before its begin or after its free, are not seen; an address sanitizer sees them.
//! - Blocks that other allocators made are not counted: C's `malloc`, `mmap`, and `allocator-api2` values with another
//!   allocator.
//! - Threads beyond 1,024 at one time, and allocations in a thread's last destructors, are on the account of the process.
#![deny(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

#[cfg(not(loom))]
pub mod arena;
mod raw;

#[cfg(feature = "enabled")]
mod ledger;
mod sync;

// loom's models are of the ledger; its atomics cannot stand in the statics of the rest.
#[cfg(not(loom))]
mod action;
#[cfg(not(loom))]
mod balance;
#[cfg(not(loom))]
mod books;
#[cfg(not(loom))]
mod budget;
#[cfg(not(loom))]
mod check;
#[cfg(not(loom))]
mod checkpoint;
#[cfg(not(loom))]
mod in_scope;
#[cfg(not(loom))]
mod leak;
#[cfg(all(feature = "enabled", not(loom)))]
mod local;
#[cfg(not(loom))]
mod outside;
#[cfg(all(feature = "enabled", not(loom)))]
#[doc(hidden)]
pub mod raw_parts;
#[cfg(not(loom))]
pub mod report;
#[cfg(not(loom))]
mod scope;
#[cfg(not(loom))]
mod settle;
#[cfg(all(feature = "enabled", not(loom)))]
mod sites;
#[cfg(not(loom))]
mod stacks;
#[cfg(not(loom))]
mod switch;
#[cfg(not(loom))]
mod symbols;
#[cfg(not(loom))]
mod threads;
#[cfg(not(loom))]
mod transfer;
mod usage;
#[cfg(all(feature = "enabled", not(loom)))]
mod violation;
#[cfg(not(loom))]
mod warm_up;

#[cfg(not(loom))]
pub use self::{
    action::{LeakAction, leak_action, set_leak_action},
    balance::{Balance, LiveReferences, Reference},
    budget::{Budget, set_scope_budget, set_site_budget},
    check::{Check, Outcome},
    checkpoint::{Checkpoint, checkpoint},
    in_scope::{InScope, InScopeExt},
    leak::{LeakSite, NotNeutral},
    outside::outside,
    raw::Scoped,
    scope::{Entered, Scope, ScopeHandle, TooManyScopes},
    stacks::Stacks,
    switch::set_accounting,
    threads::{spawn, try_spawn},
    transfer::Transfer,
    usage::{Usage, process},
    warm_up::warm_up,
};

#[cfg(all(feature = "macros", not(loom)))]
pub use memscope_macros::test;

#[cfg(all(doctest, feature = "enabled"))]
#[doc = include_str!("../README.md")]
struct Readme;
