//! rusty_alloc, through the thinnest possible shim: the published crate has no `GlobalAlloc`.
#![deny(unsafe_op_in_unsafe_fn)]

use compare_phase::contender::{self, NONE};
use rusty_alloc::alloc;
use std::alloc::{GlobalAlloc, Layout};
use std::process::ExitCode;

struct RustyAlloc;

/// `malloc` aligns any block by this much.
const NATURAL: usize = 8;

// SAFETY: `malloc`, `malloc_aligned`, `realloc`, `realloc_aligned` and `free` of the crate keep the
// contracts of the C functions of these names, and each block comes from them alone.
unsafe impl GlobalAlloc for RustyAlloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= NATURAL {
            alloc::malloc(layout.size())
        } else {
            alloc::malloc_aligned(layout.size(), layout.align())
        }
    }

    #[inline]
    unsafe fn dealloc(&self, ptr: *mut u8, _: Layout) {
        // SAFETY: `ptr` came from this crate, by the contract of `dealloc`.
        unsafe { alloc::free(ptr) }
    }

    #[inline]
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if layout.align() <= NATURAL {
            // SAFETY: `ptr` came from this crate, by the contract of `realloc`.
            unsafe { alloc::realloc(ptr, new_size) }
        } else {
            // SAFETY: as above.
            unsafe { alloc::realloc_aligned(ptr, new_size, layout.align()) }
        }
    }
}

#[global_allocator]
static ALLOC: RustyAlloc = RustyAlloc;

fn main() -> ExitCode {
    contender::main(NONE)
}
