//! The unsafe part of the arenas: chunks, the bump pointer, destructors, and who may rewind.
//!
//! ```text
//! first                        current                     kept for later
//! +--------+--------------+   +--------+-------+------+   +--------+-------------+
//! | header | blocks       |-->| header | blocks| free |-->| header | free        |
//! +--------+--------------+   +--------+-------+------+   +--------+-------------+
//!                                              ^ptr   ^end
//! ```
//!
//! The proof boundary is this folder. What it exports is safe to call in any order; the fields on
//! which the arguments rest are private to it.
#![expect(
    clippy::mut_from_ref,
    reason = "each call hands out memory that no other one has"
)]

#[cfg(feature = "allocator-api2")]
mod api2;
mod back;
mod blocks;
mod bump;
mod chunk;
mod collect;
mod drops;
mod mark;
mod owned;
mod poison;
mod region;
mod source;
mod valgrind;
mod values;

pub use bump::Arena;
pub use mark::Mark;
pub use owned::Owned;
pub use region::{Child, Region};
pub use source::{Heap, Source};

/// Where blocks begin, and what their sizes are rounded up to: a block of no greater alignment
/// needs no padding, which is what makes its allocation one comparison and one addition.
pub(crate) const MIN_ALIGN: usize = 8;

/// A size, rounded up to [`MIN_ALIGN`]. Sizes of layouts are at most `isize::MAX`: nothing wraps.
#[inline(always)]
const fn round_up(size: usize) -> usize {
    (size + (MIN_ALIGN - 1)) & !(MIN_ALIGN - 1)
}
