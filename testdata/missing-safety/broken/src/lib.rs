//! Planted: the site in [`first`] does not say why it is sound (it is).

/// The first byte.
pub fn first(bytes: &[u8]) -> Option<u8> {
    if bytes.is_empty() {
        return None;
    }
    Some(unsafe { *bytes.as_ptr() }) // PLANTED
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_byte() {
        assert_eq!(super::first(&[1, 2]), Some(1));
        assert_eq!(super::first(&[]), None);
    }
}
