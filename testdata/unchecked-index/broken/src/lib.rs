//! Planted: [`nth`] skips a check one position too late; the standard library's own check of the precondition stands
//! in the way where debug assertions are on.
//!
//! Seen by unit, asan, memcheck, miri. Not seen by alloc, tsan.

/// The byte at `at`, if there is one.
pub fn nth(bytes: &[u8], at: usize) -> Option<u8> {
    if at > bytes.len() {
        return None;
    }
    // SAFETY: `at` is below the length.
    Some(unsafe { *bytes.get_unchecked(at) }) // PLANTED
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_there_or_not() {
        let bytes = std::hint::black_box(vec![7_u8; 8]);
        assert_eq!(super::nth(&bytes, 7), Some(7));
        std::hint::black_box(super::nth(&bytes, std::hint::black_box(8)));
    }
}
