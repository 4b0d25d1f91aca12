//! Planted: [`last`] reads one byte past a slice, in a folder whose name has spaces.
//!
//! Seen by asan, memcheck, miri. Not seen by unit, alloc, tsan.

/// The last byte.
pub fn last(bytes: &[u8]) -> Option<u8> {
    let at = bytes.len();
    // SAFETY: `at` is below the slice's length.
    Some(unsafe { bytes.as_ptr().add(at).read_volatile() }) // PLANTED
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_eight() {
        let bytes = std::hint::black_box(vec![7_u8; 8]);
        assert!(super::last(&bytes).is_some());
    }
}
