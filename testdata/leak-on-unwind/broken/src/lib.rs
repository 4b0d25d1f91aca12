//! Planted: [`with_scratch`] leaks its block when the caller's function panics.
//!
//! Seen by asan, memcheck, miri. Not seen by unit, alloc, tsan.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

const LAYOUT: Layout = Layout::new::<[u64; 32]>();

/// Lends `run` 32 zeroes.
pub fn with_scratch<R>(run: impl FnOnce(&mut [u64; 32]) -> R) -> R {
    // SAFETY: the layout's size is not 0.
    let block = unsafe { alloc(LAYOUT) }.cast::<[u64; 32]>(); // PLANTED
    if block.is_null() {
        handle_alloc_error(LAYOUT);
    }
    // SAFETY: the block has the array's size and alignment.
    unsafe { block.write([0; 32]) };
    // SAFETY: the array was written above and nothing else refers to it.
    let result = run(unsafe { &mut *block });
    // SAFETY: the block was allocated with this layout and is freed here alone.
    unsafe { dealloc(block.cast(), LAYOUT) };
    result
}

#[cfg(test)]
mod tests {
    #[test]
    fn gives_the_result() {
        assert_eq!(super::with_scratch(|scratch| scratch.len()), 32);
    }

    #[test]
    fn hands_a_panic_on() {
        let caught = std::panic::catch_unwind(|| {
            super::with_scratch(|scratch| assert_eq!(std::hint::black_box(scratch)[0], 1));
        });
        assert!(caught.is_err());
    }
}
