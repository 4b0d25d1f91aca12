//! The twin of `broken`: [`zeroes`] ends with the part that was written.

use std::mem::MaybeUninit;

/// How many of the first `width` bytes are 0.
pub fn zeroes(bytes: &[u8], width: usize) -> usize {
    let mut row: Box<[MaybeUninit<u8>]> = Box::new_uninit_slice(width);
    for (cell, byte) in row.iter_mut().zip(bytes) {
        cell.write(*byte);
    }
    let filled = width.min(bytes.len());
    let mut count = 0;
    for cell in &std::hint::black_box(row)[..filled] {
        // SAFETY: the first `filled` cells were written above.
        let byte = unsafe { cell.assume_init() };
        if byte == 0 {
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts_within_the_width() {
        assert!(super::zeroes(&[0, 1, 0], std::hint::black_box(24)) >= 2);
    }
}
