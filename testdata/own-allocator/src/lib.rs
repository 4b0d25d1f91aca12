//! Planted: nothing. One test target and one example have an allocator of their own, so the checking allocator can't stand beside it.

/// The first byte.
///
/// ```
/// assert_eq!(own_allocator::first(&[1, 2]), Some(1));
/// ```
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: std::alloc::System = std::alloc::System;
///
/// assert_eq!(own_allocator::first(&[3]), Some(3));
/// ```
pub fn first(bytes: &[u8]) -> Option<u8> {
    if bytes.is_empty() {
        return None;
    }
    // SAFETY: the slice has a first element.
    Some(unsafe { *bytes.get_unchecked(0) })
}
