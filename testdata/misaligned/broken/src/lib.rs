//! Planted: [`word`] reads a `u32` at any address.
//!
//! Seen by unit, miri. Not seen by alloc, asan, tsan, memcheck.

/// The four bytes from `at` as a number of this machine; none past the end.
pub fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.get(..4)?;
    let start = four.as_ptr().cast::<u32>();
    // SAFETY: `four` has four bytes.
    Some(unsafe { *start }) // PLANTED
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_at_an_odd_place() {
        let bytes = std::hint::black_box(vec![7_u8; 16]);
        assert_eq!(super::word(&bytes, 1), Some(0x0707_0707));
    }
}
