//! What one writes who needs a bump allocator and nothing else: a chunk, a pointer, and a look
//! whether there is room. Sizes are rounded up to 8, as in the seed's `arena_alloc`.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;
use std::slice;

pub struct ByHand {
    ptr: Cell<*mut u8>,
    end: *mut u8,
    start: NonNull<u8>,
    layout: Layout,
}

impl ByHand {
    pub fn new(size: usize) -> Self {
        let layout = Layout::from_size_align(size, 16).expect("a size that there is");
        // SAFETY: the size is not 0.
        let start = NonNull::new(unsafe { alloc(layout) });
        let start = start.unwrap_or_else(|| handle_alloc_error(layout));
        Self {
            ptr: Cell::new(start.as_ptr()),
            end: start.as_ptr().wrapping_add(size),
            start,
            layout,
        }
    }

    #[inline(always)]
    pub fn block(&self, layout: Layout) -> NonNull<u8> {
        assert!(layout.align() <= 8);
        let ptr = self.ptr.get();
        let size = (layout.size() + 7) & !7;
        if size > self.end.addr() - ptr.addr() {
            full();
        }
        self.ptr.set(ptr.wrapping_add(size));
        // SAFETY: the chunk is not at address 0.
        unsafe { NonNull::new_unchecked(ptr) }
    }

    #[inline(always)]
    pub fn put<T: Copy>(&self, value: T) -> &T {
        let place = self.block(Layout::new::<T>()).cast::<T>();
        // SAFETY: the block is for a `T`, and nobody else's.
        unsafe { place.write(value) };
        // SAFETY: it was just written.
        unsafe { place.as_ref() }
    }

    #[inline(always)]
    pub fn copy<T: Copy>(&self, values: &[T]) -> &[T] {
        let place = self.block(Layout::for_value(values)).cast::<T>();
        // SAFETY: the block is for so many, and nobody else's.
        unsafe { place.copy_from_nonoverlapping(NonNull::from(values).cast(), values.len()) };
        // SAFETY: they were just written.
        unsafe { slice::from_raw_parts(place.as_ptr(), values.len()) }
    }

    #[inline(always)]
    pub fn text(&self, text: &str) -> &str {
        // SAFETY: the bytes are those of a text.
        unsafe { str::from_utf8_unchecked(self.copy(text.as_bytes())) }
    }

    pub fn reset(&mut self) {
        self.ptr.set(self.start.as_ptr());
    }
}

#[cold]
#[inline(never)]
fn full() -> ! {
    panic!("the chunk is full")
}

impl Drop for ByHand {
    fn drop(&mut self) {
        // SAFETY: the chunk was allocated with this layout.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}
