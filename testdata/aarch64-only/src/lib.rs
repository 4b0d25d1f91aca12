//! Nothing planted. The site in the first [`first`] is compiled for AArch64 alone, the other one elsewhere alone.

/// The first byte.
#[cfg(target_arch = "aarch64")]
pub fn first(bytes: &[u8]) -> Option<u8> {
    if bytes.is_empty() {
        return None;
    }
    // SAFETY: there is a byte.
    Some(unsafe { bytes.as_ptr().read() })
}

/// The first byte.
#[cfg(not(target_arch = "aarch64"))]
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
