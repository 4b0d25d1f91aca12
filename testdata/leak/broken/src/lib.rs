//! Planted: [`Buffer`] never frees its block.
//!
//! Seen by asan, memcheck, miri. Not seen by unit, alloc, tsan.

use std::alloc::{Layout, alloc, handle_alloc_error};

/// A block of bytes.
pub struct Buffer {
    start: *mut u8,
    layout: Layout,
}

impl Buffer {
    /// A block of `len` bytes, all of them `fill`; none if `len` is 0 or too large.
    pub fn filled(len: usize, fill: u8) -> Option<Self> {
        let layout = Layout::array::<u8>(len)
            .ok()
            .filter(|layout| layout.size() > 0)?;
        // SAFETY: the layout's size is not 0.
        let start = unsafe { alloc(layout) }; // PLANTED
        if start.is_null() {
            handle_alloc_error(layout);
        }
        // SAFETY: `start` begins `len` bytes.
        unsafe { start.write_bytes(fill, len) };
        Some(Self { start, layout })
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `filled` wrote all of them.
        unsafe { std::slice::from_raw_parts(self.start, self.layout.size()) }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_filled() {
        let buffer = super::Buffer::filled(std::hint::black_box(100), 7).unwrap();
        assert!(
            std::hint::black_box(&buffer)
                .bytes()
                .iter()
                .all(|&byte| byte == 7)
        );
    }
}
