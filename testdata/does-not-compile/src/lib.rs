//! Planted: a type error, so that there is nothing to audit.

/// The first byte.
pub fn first(bytes: &[u8]) -> Option<u8> {
    bytes.first() // PLANTED
}
