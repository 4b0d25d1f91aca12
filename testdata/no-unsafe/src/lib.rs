//! Nothing planted, and no unsafe code.
#![forbid(unsafe_code)]

/// The first byte.
pub fn first(bytes: &[u8]) -> Option<u8> {
    bytes.first().copied()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_byte() {
        assert_eq!(super::first(&[1, 2]), Some(1));
        assert_eq!(super::first(&[]), None);
    }
}
