//! From a source through the book into bundles: on one thread, two, or four.
//!
//! ```text
//! source -> ingress -> ring -> book -> ring -> bundles -> ring -> output     Layout::Four
//! source -> ingress -> ring -> book    ->    bundles     ->     output     Layout::Two
//! source -> ingress   ->    book    ->    bundles     ->     output     Layout::Fused
//! ```
//!
//! [`start`] makes the threads. [`Running`] tells at any time where all transactions are, and stops them. Whatever the
//! layout, the book sees the transactions of the source in their order, and all of them where nothing is dropped.
//!
//! # Guarantees
//!
//! - Conservation: each transaction that the source gave is put out once, or counted as dropped by its cause, or in
//!   flight, in every [`Snapshot`]; what is in flight is counted where it is.
//! - After [`Running::stop`], or the end of the source, everything that was taken from it is put out or counted as
//!   dropped before the threads end.
//! - Running threads do not allocate, unless the source, the book or the output does.
//!
//! Not guaranteed: that [`Running::finish`] returns where source, book or output don't.

// loom explores the accounts alone: whole pipelines are too long for it, shuttle has them.
mod account;
#[cfg(not(loom))]
mod bell;
#[cfg(not(loom))]
mod ingress;
mod options;
mod pace;
#[cfg(not(loom))]
mod running;
#[cfg(not(loom))]
mod shared;
mod snapshot;
#[cfg(not(loom))]
mod stages;
#[cfg(not(loom))]
mod tail;

pub use account::{Account, Drops, Ledger};
pub use options::{Layout, OnFull, Options, Wait};
pub use pace::{Moments, Pace};
#[cfg(not(loom))]
pub use running::{Finished, Running, StageError, StartError, Stop, start};
pub use snapshot::{InFlight, Snapshot};

use crate::{Bundle, Transaction};

/// What transactions are applied to.
pub trait Book: Send + 'static {
    /// Applies a transaction, or refuses it and stays as it was. What is refused is counted and goes no further.
    fn apply(&mut self, transaction: &Transaction) -> bool;
}

impl Book for crate::Books {
    #[inline]
    fn apply(&mut self, transaction: &Transaction) -> bool {
        // The books count the error by its cause.
        crate::Books::apply(self, transaction).is_ok()
    }
}

/// Where bundles come out.
pub trait Output: Send + 'static {
    /// Takes a bundle. May wait; then what is behind it fills up.
    fn put(&mut self, bundle: &Bundle);
}

impl<F: FnMut(&Bundle) + Send + 'static> Output for F {
    fn put(&mut self, bundle: &Bundle) {
        self(bundle);
    }
}

/// A transaction on its way, with the moment at which it was to be sent.
#[cfg(not(loom))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) transaction: Transaction,
    pub(crate) intended_ns: u64,
}

/// Transactions that a thread handles before it looks at anything else.
#[cfg(not(loom))]
const BATCH: usize = 64;
