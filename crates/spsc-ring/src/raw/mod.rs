//! The unsafe part: storage, the two ends that own its slots, and the waker cell.
//!
//! The proof boundary is this folder. What it exports is safe to call in any order, the few
//! `unsafe fn`s excepted; the fields on which the arguments rest are private to it.
#![expect(
    unsafe_code,
    reason = "slots are handed between threads without a lock"
)]

#[cfg(feature = "alloc")]
mod heap;
mod inline;
mod read;
mod slots;
mod waker;
mod write;
mod write_grant;

#[cfg(feature = "alloc")]
pub use heap::Heap;
pub use inline::Inline;
pub(crate) use read::ReadEnd;
pub(crate) use slots::Slots;
pub(crate) use waker::WakerCell;
pub(crate) use write::WriteEnd;
pub use write_grant::WriteGrant;

use crate::header::Header;

/// Where a ring's storage is: [`Heap`] or `&`[`Inline`]. Sealed.
pub trait Backing<T>: sealed::Backing<T> {}

impl<T, B: sealed::Backing<T>> Backing<T> for B {}

/// The part of [`Backing`] that only this folder may implement.
///
/// # Invariants
/// 1. Each call gives the same header and the same slots, at the same address, as long as the
///    backing lives; moving the backing moves neither.
/// 2. The slots are as many as the header's storage, and used with this header alone.
mod sealed {
    use super::{Header, Slots};

    #[expect(unnameable_types, reason = "the trait is sealed by being unnameable")]
    pub trait Backing<T> {
        fn header(&self) -> &Header;
        fn slots(&self) -> Slots<T>;
    }
}
