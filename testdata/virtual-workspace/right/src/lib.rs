//! Planted: [`sum`] reads one byte past a slice when there are more than four. The tests of this package have fewer;
//! those of `virtual-left` have more.

/// Adds up the bytes.
pub fn sum(bytes: &[u8]) -> u64 {
    let end = bytes.len() + bytes.len() / 5;
    let mut total = 0;
    for at in 0..end {
        // SAFETY: `at` is below the slice's length.
        total += u64::from(unsafe { *bytes.as_ptr().add(at) }); // PLANTED
    }
    total
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_three_bytes() {
        assert_eq!(super::sum(&[1, 2, 3]), 6);
    }
}
