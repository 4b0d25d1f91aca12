//! Planted: no test, so that the site of [`first`] runs under no layer.

/// The first byte.
pub fn first(bytes: &[u8]) -> Option<u8> {
    if bytes.is_empty() {
        return None;
    }
    // SAFETY: there is a byte.
    Some(unsafe { *bytes.as_ptr() }) // PLANTED
}
