//! Implementations of the standard traits that lie on command.
//!
//! **Find:** unsafe code that takes a safe trait at its word. `Ord` need not be an order, `len` need not
//! be the length, `read` may return more than it read, and none of that is unsafe to write; so memory
//! safety may not rest on it.
//!
//! | liar | its lies | what they find |
//! |---|---|---|
//! | [`Liar`] with [`Lie::ord`], [`Lie::eq`], [`Lie::hash`] | changes its mind about order, equality, hash | indexes that leave the bounds, entries found twice or never again |
//! | [`Liar`] with [`Lie::borrow`], [`Lie::cloned`] | borrows as, or is cloned to, another value | lookups that trust a search to end where it began |
//! | [`LyingIter`] | `size_hint`, `len`, items after the end | buffers sized by a hint |
//! | [`LyingRead`] | the length that `read` returns, errors, a look at the buffer; what `fill_buf` shows, what `consume` takes | buffers whose length is set by a reader, or asked for twice |
//! | [`LyingWrite`] | the length that `write` returns, errors | a place in a buffer that a writer sets |
//! | [`Shelf`] | `Index` answers for another index | a bounds check of one call that is used for the next |
//!
//! All of them [`tick`](crate::countdown::tick), so they panic on command too, and a [`Liar`] can be on a
//! [`Ledger`](crate::drops::Ledger), which counts its drops.
//!
//! A lie is a closure from the index of the call and the honest answer to the answer; [`script`] has the
//! usual ones. It may do more than answer: whatever the closure captures it can call, the structure under
//! test included, which is how user code re-enters. While it runs, its own kind of call is answered
//! honestly.
//!
//! [`for_each_lie`] is exhaustive over the calls: it lies in each of them, once with each answer.
//!
//! ```
//! use adversary::liar::{Liar, Lie, script};
//! use std::cmp::Ordering;
//!
//! let (a, b) = (Liar::new(1), Liar::new(2));
//! let lie = Lie::ord(script::always(Ordering::Equal));
//! assert_eq!(a.cmp(&b), Ordering::Equal);
//! drop(lie);
//! assert_eq!(a.cmp(&b), Ordering::Less);
//! ```

mod index;
mod iter;
mod key;
mod lie;
mod read;
pub mod script;
mod write;

pub use index::Shelf;
pub use iter::LyingIter;
pub use key::Liar;
pub use lie::{Lie, for_each_lie};
pub use read::LyingRead;
pub use script::Script;
pub use write::LyingWrite;
