//! The twin of `broken`: [`word`] reads without asking for alignment.

/// The four bytes from `at` as a number of this machine; none past the end.
pub fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.get(..4)?;
    let start = four.as_ptr().cast::<u32>();
    // SAFETY: `four` has four bytes, and the read asks for no alignment.
    Some(unsafe { start.read_unaligned() })
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_at_an_odd_place() {
        let bytes = std::hint::black_box(vec![7_u8; 16]);
        assert_eq!(super::word(&bytes, 1), Some(0x0707_0707));
    }
}
