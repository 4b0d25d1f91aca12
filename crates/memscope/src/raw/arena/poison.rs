//! What is done to memory that is no block's, so that a pointer into it is found.
//!
//! Debug builds fill it. A build for AddressSanitizer, and one with the feature `valgrind`, tell the
//! checker that it may not be touched. Other builds do nothing.

use super::valgrind;
use core::ptr::NonNull;

/// Whether anything is done when memory is given back.
pub(super) const ACTIVE: bool =
    cfg!(debug_assertions) || cfg!(memscope_asan) || cfg!(feature = "valgrind");

/// Memory becomes a block, with no content.
#[inline(always)]
pub(super) fn open(start: NonNull<u8>, len: usize) {
    #[cfg(memscope_asan)]
    asan::open(start, len);
    valgrind::make_undefined(start, len);
}

/// Memory that is no block's may not be touched.
#[inline(always)]
pub(super) fn hide(start: NonNull<u8>, len: usize) {
    #[cfg(memscope_asan)]
    asan::hide(start, len);
    valgrind::make_no_access(start, len);
}

/// Memory of blocks is given back.
///
/// # Safety
/// - The memory is valid for writes, and nothing in it is used again.
#[inline(always)]
pub(super) unsafe fn close(start: NonNull<u8>, len: usize) {
    if cfg!(debug_assertions) {
        // The padding between blocks is closed already.
        open(start, len);
        // SAFETY: the caller's promise.
        unsafe { start.write_bytes(block_guard::RETIRED_BYTE, len) };
    }
    hide(start, len);
}

/// The interface for manual poisoning, `sanitizer/asan_interface.h` of LLVM.
#[cfg(memscope_asan)]
mod asan {
    use core::ffi::c_void;
    use core::ptr::NonNull;

    // SAFETY: the names and types are those of the header.
    unsafe extern "C" {
        fn __asan_poison_memory_region(start: *const c_void, size: usize);
        fn __asan_unpoison_memory_region(start: *const c_void, size: usize);
    }

    pub(super) fn open(start: NonNull<u8>, len: usize) {
        // SAFETY: the function changes no memory of the program.
        unsafe { __asan_unpoison_memory_region(start.as_ptr().cast(), len) };
    }

    pub(super) fn hide(start: NonNull<u8>, len: usize) {
        // SAFETY: the function changes no memory of the program.
        unsafe { __asan_poison_memory_region(start.as_ptr().cast(), len) };
    }
}
