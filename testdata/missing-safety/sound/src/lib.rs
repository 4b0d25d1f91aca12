//! The twin of `broken`: the site in [`first`] says why it is sound.

/// The first byte.
pub fn first(bytes: &[u8]) -> Option<u8> {
    if bytes.is_empty() {
        return None;
    }
    // SAFETY: there is a byte.
    Some(unsafe { *bytes.as_ptr() })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_byte() {
        assert_eq!(super::first(&[1, 2]), Some(1));
        assert_eq!(super::first(&[]), None);
    }
}
