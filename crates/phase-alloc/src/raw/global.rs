//! The allocator values as the language sees them.

use core::alloc::{GlobalAlloc, Layout};

use super::route::Route;
use crate::PhaseAlloc;
use crate::zk_alloc::ZkAllocator;

// SAFETY: an object is allocated in a chunk or a span that the thread, or who holds the lock, has to
// itself, at a place that no live object has: a chunk's words and a span's record tell what is live
// (see `chunk` and `span`). It is aligned and large enough by `Stream::bump` and `Spans::allocate`. It
// stays so until `dealloc`, which only its user calls. Everything else is the inner allocator's, which
// keeps the same contract, and gets back what it gave out: that is told by address. Nothing here
// unwinds: what is under the lock neither panics nor allocates.
unsafe impl<Inner: GlobalAlloc> GlobalAlloc for PhaseAlloc<Inner> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the same.
        unsafe { self.route().alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the same.
        unsafe { self.route().alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, object: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same.
        unsafe { self.route().dealloc(object, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, object: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's contract is the same.
        unsafe { self.route().realloc(object, layout, size) }
    }
}

impl<Inner: GlobalAlloc> PhaseAlloc<Inner> {
    #[inline]
    fn route(&self) -> Route<'_, Inner> {
        Route {
            config: &self.config,
            inner: &self.inner,
        }
    }
}

static ZK: PhaseAlloc = crate::zk_alloc::ALLOCATOR;

// SAFETY: it is another name for `ZK`.
unsafe impl GlobalAlloc for ZkAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the same.
        unsafe { ZK.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the same.
        unsafe { ZK.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, object: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same.
        unsafe { ZK.dealloc(object, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, object: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's contract is the same.
        unsafe { ZK.realloc(object, layout, size) }
    }
}
