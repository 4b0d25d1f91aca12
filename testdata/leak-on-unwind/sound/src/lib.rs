//! The twin of `broken`: a guard frees the block, on unwinding too.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

const LAYOUT: Layout = Layout::new::<[u64; 32]>();

struct Scratch(*mut [u64; 32]);

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: the block was allocated with this layout and is freed here alone.
        unsafe { dealloc(self.0.cast(), LAYOUT) };
    }
}

/// Lends `run` 32 zeroes.
pub fn with_scratch<R>(run: impl FnOnce(&mut [u64; 32]) -> R) -> R {
    // SAFETY: the layout's size is not 0.
    let block = unsafe { alloc(LAYOUT) }.cast::<[u64; 32]>();
    if block.is_null() {
        handle_alloc_error(LAYOUT);
    }
    // SAFETY: the block has the array's size and alignment.
    unsafe { block.write([0; 32]) };
    let block = Scratch(block);
    // SAFETY: the array was written above and nothing else refers to it.
    run(unsafe { &mut *block.0 })
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
