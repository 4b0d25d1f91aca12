//! Planted: a test that waits for a message that nobody sends. The site is sound, and the other test runs it.

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
    }

    #[test]
    fn waits_for_ever() {
        let (sender, receiver) = std::sync::mpsc::channel::<u8>();
        assert!(receiver.recv().is_ok()); // PLANTED
        drop(sender);
    }
}
