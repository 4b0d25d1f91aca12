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

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_done() {
        let nowhere = core::ptr::null_mut();
        // SAFETY: nothing is done.
        assert!(unsafe { commit(nowhere, 1) });
        // SAFETY: likewise.
        assert!(!unsafe { purge(nowhere, 1, Purge::DontNeed) });
    }
}
