//! The unsafe operations of this crate: a descriptor by its number, and requests to the kernel's rings.
#![expect(
    unsafe_code,
    reason = "numbers stand for descriptors, and requests for what they point to"
)]

mod ring;

pub(crate) use ring::Ring;

use std::os::fd::{BorrowedFd, RawFd};

/// Borrows a descriptor by its number, for one system call.
///
/// The number may be of a descriptor that was closed meanwhile, where the source did so behind a shared reference of its
/// own: the system call then fails, or tells of the descriptor that has the number now. Nothing of this crate reads or
/// writes a descriptor that it does not own.
#[inline]
pub(crate) fn borrow(fd: RawFd) -> BorrowedFd<'static> {
    debug_assert!(fd >= 0, "no descriptor: {fd}");
    // SAFETY: the registration that the number comes from owns its source, and is removed before the source is dropped;
    // -1, which is no descriptor, is refused where sources are registered.
    unsafe { BorrowedFd::borrow_raw(fd) }
}
