//! No memory at all, for loom: its models are about numbers of granules.

use super::Purge;

/// Granules can be used.
///
/// # Safety
///
/// - None: nothing is done.
pub(crate) unsafe fn commit(_start: *mut u8, _bytes: usize) -> bool {
    true
}

/// Granules are given back.
///
/// # Safety
///
/// - None: nothing is done.
pub(crate) unsafe fn purge(_start: *mut u8, _bytes: usize, _how: Purge) -> bool {
    false
}
