//! Planted: [`sum`] reads one byte past a slice on the heap.
//!
//! Seen by asan, memcheck, miri. Not seen by unit, alloc, tsan.

/// Adds up the bytes.
pub fn sum(bytes: &[u8]) -> u64 {
    let start = bytes.as_ptr();
    let mut total = 0;
    let mut i = 0;
    while i <= bytes.len() {
        // SAFETY: `i` is below the slice's length.
        total += u64::from(unsafe { *start.add(i) }); // PLANTED
        i += 1;
    }
    total
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds_up_eight_bytes() {
        let bytes = std::hint::black_box(vec![1_u8; 8]);
        assert!(super::sum(&bytes) >= 8);
    }
}
