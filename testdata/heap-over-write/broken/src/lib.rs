//! Planted: [`zeroes`] writes one byte past its allocation.
//!
//! Seen by alloc, asan, memcheck, miri. Not seen by unit, tsan.

/// A block of `len` zero bytes.
pub fn zeroes(len: usize) -> Box<[u8]> {
    let mut block = vec![0xFF_u8; len].into_boxed_slice();
    let start = block.as_mut_ptr();
    for i in 0..=len {
        // SAFETY: `i` is below the block's length.
        unsafe { start.add(i).write_volatile(0) }; // PLANTED
    }
    block
}

#[cfg(test)]
mod tests {
    #[test]
    fn gives_a_block_of_zeroes() {
        let block = super::zeroes(std::hint::black_box(12));
        assert!(block.iter().all(|&byte| byte == 0));
    }
}
