//! A dependency that has no tests: programs and examples of another package drive it.

/// The first byte of `bytes`.
///
/// # Panics
/// If there is none.
pub fn first(bytes: &[u8]) -> u8 {
    assert!(!bytes.is_empty(), "no first byte");
    // SAFETY: there is a first byte, by the assertion.
    unsafe { *bytes.get_unchecked(0) }
}
