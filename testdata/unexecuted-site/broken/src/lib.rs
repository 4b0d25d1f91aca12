//! Planted: no test calls [`last`], so its site runs under no layer.

/// The first byte.
pub fn first(bytes: &[u8]) -> Option<u8> {
    if bytes.is_empty() {
        return None;
    }
    // SAFETY: there is a byte.
    Some(unsafe { *bytes.as_ptr() })
}

/// The last byte.
pub fn last(bytes: &[u8]) -> Option<u8> {
    let at = bytes.len().checked_sub(1)?;
    // SAFETY: `at` is below the length.
    Some(unsafe { *bytes.as_ptr().add(at) }) // PLANTED
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_byte() {
        assert_eq!(super::first(&[1, 2]), Some(1));
        assert_eq!(super::first(&[]), None);
    }
}
