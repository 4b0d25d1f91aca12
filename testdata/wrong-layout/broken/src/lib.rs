//! Planted: [`Table`] frees its block with the layout of another element type.
//!
//! Seen by alloc, miri. Not seen by unit, asan, tsan, memcheck.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};

/// A fixed number of zeroes.
pub struct Table {
    start: *mut u32,
    len: usize,
}

impl Table {
    /// A table of `len` zeroes; none if `len` is 0 or too large.
    pub fn new(len: usize) -> Option<Self> {
        let layout = Layout::array::<u32>(len)
            .ok()
            .filter(|layout| layout.size() > 0)?;
        // SAFETY: the layout's size is not 0.
        let start = unsafe { alloc_zeroed(layout) }.cast::<u32>();
        if start.is_null() {
            handle_alloc_error(layout);
        }
        Some(Self { start, len })
    }

    /// The numbers.
    pub fn rows(&self) -> &[u32] {
        // SAFETY: `new` allocated and zeroed `len` numbers.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let layout = Layout::array::<u8>(self.len).expect("`new` made one");
        // SAFETY: the block was allocated with this layout.
        unsafe { dealloc(self.start.cast(), layout) }; // PLANTED
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_zeroes() {
        let table = super::Table::new(std::hint::black_box(100)).unwrap();
        assert!(
            std::hint::black_box(&table)
                .rows()
                .iter()
                .all(|&row| row == 0)
        );
    }
}
