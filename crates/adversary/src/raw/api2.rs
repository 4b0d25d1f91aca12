//! The two allocators as the `Allocator` of allocator-api2.

use super::{Scripted, Shadowed};
use crate::countdown::{Allocation, allocation};
use allocator_api2::alloc::{AllocError, Allocator};
use std::alloc::Layout;
use std::ptr::NonNull;

fn ask() -> Result<(), AllocError> {
    match allocation(true) {
        Allocation::Proceeds => Ok(()),
        Allocation::Fails => Err(AllocError),
    }
}

// SAFETY: blocks are the inner allocator's, which keeps them valid until it and its clones are dropped;
// clones of this one have clones of that one. An error, or unwinding, leaves every block as it was,
// because the inner allocator has not been asked yet.
unsafe impl<A: Allocator> Allocator for Scripted<A> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        ask()?;
        self.inner.allocate(layout)
    }

    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        ask()?;
        self.inner.allocate_zeroed(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promises are passed on; the block is the inner allocator's, as all are.
        unsafe { self.inner.deallocate(block, layout) };
    }

    unsafe fn grow(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        ask()?;
        // SAFETY: the caller's promises are passed on; the block is the inner allocator's, as all are.
        unsafe { self.inner.grow(block, old, new) }
    }

    unsafe fn grow_zeroed(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        ask()?;
        // SAFETY: the caller's promises are passed on; the block is the inner allocator's, as all are.
        unsafe { self.inner.grow_zeroed(block, old, new) }
    }

    unsafe fn shrink(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        ask()?;
        // SAFETY: the caller's promises are passed on; the block is the inner allocator's, as all are.
        unsafe { self.inner.shrink(block, old, new) }
    }
}

// SAFETY: blocks lie within blocks of the inner allocator, which stay valid until this one is dropped; it
// has no clones. Moving it moves no block.
unsafe impl<A: Allocator> Allocator for Shadowed<A> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let get = |whole| self.inner().allocate(whole).ok().map(NonNull::cast);
        let block = self.arm(layout, get).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(block, layout.size()))
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        if let Some((start, whole)) = self.disarm(block, layout) {
            // SAFETY: `disarm` gives back what `arm` was given for this block, once.
            unsafe { self.inner().deallocate(start, whole) };
        }
    }
}
