//! Planted: [`chunk`] takes the word of a reader for how much of its buffer is filled.
//!
//! Seen by asan, memcheck, miri. Not seen by unit, alloc, tsan.

use std::io::{Read, Result};

/// What the reader gives at once, at most 16 bytes.
pub fn chunk(mut reader: impl Read) -> Result<Vec<u8>> {
    let mut buffer = vec![0; 16];
    let len = reader.read(&mut buffer)?;
    // SAFETY: a reader fills no more than its buffer.
    Ok(unsafe { std::slice::from_raw_parts(buffer.as_ptr(), len) }.to_vec()) // PLANTED
}

#[cfg(test)]
mod tests {
    struct Boaster;

    impl std::io::Read for Boaster {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            buffer.fill(7);
            Ok(buffer.len() + 4)
        }
    }

    #[test]
    fn begins_with_what_was_read() {
        assert!(super::chunk(Boaster).unwrap().starts_with(&[7; 16]));
        assert_eq!(super::chunk(&[1, 2][..]).unwrap(), [1, 2]);
    }
}
