//! The allocators: each asks a question first, then does what the one behind it does.
#![expect(unsafe_code, reason = "`Allocator` is an unsafe trait")]

use crate::{alloc_failure, panic_safety};
use allocator_api2::alloc::{AllocError, Allocator, Layout};
use std::ptr::NonNull;

/// Fails inside [`with_failing_alloc`](alloc_failure::with_failing_alloc).
#[derive(Clone, Copy, Debug, Default)]
pub struct FailingAlloc<A>(pub A);

// SAFETY: memory comes from `A` unchanged and goes back to it with the layout it came with; the
// default methods of the trait are made of these two.
unsafe impl<A: Allocator> Allocator for FailingAlloc<A> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if alloc_failure::fails() {
            return Err(AllocError);
        }
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is the one that `A` asks for.
        unsafe { self.0.deallocate(block, layout) }
    }
}

/// Counts each allocation as a call into user code, which may panic.
#[derive(Clone, Copy, Debug, Default)]
pub struct PanickyAlloc<A>(pub A);

// SAFETY: as above. A panic happens before the memory is asked for.
unsafe impl<A: Allocator> Allocator for PanickyAlloc<A> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        panic_safety::observe_panicky_call("allocate");
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is the one that `A` asks for.
        unsafe { self.0.deallocate(block, layout) }
    }
}
