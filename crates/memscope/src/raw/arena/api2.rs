//! Arenas and regions as the `Allocator` of allocator-api2.

use super::bump::Arena;
use super::region::Region;
use super::source::Source;
use allocator_api2::alloc::{AllocError, Allocator};
use core::alloc::Layout;
use core::ptr::NonNull;

/// An `Allocator` whose blocks are those of an arena that `$arena` borrows.
macro_rules! allocator {
    ($type:ty, $arena:expr) => {
        // SAFETY: a block stays valid until it is given back or the arena goes back, which needs the
        // arena, or the region, exclusively, while the reference that is the allocator borrows it.
        // Copies of the reference are of the same arena.
        unsafe impl<A: Source> Allocator for $type {
            #[inline(always)]
            fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
                let block = $arena(self).try_block(layout);
                sized(block.map_err(|_| AllocError)?, layout)
            }

            #[inline]
            unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the caller's promise: the block is of this allocator and has this layout.
                unsafe { $arena(self).give_back(block, layout) };
            }

            #[inline]
            unsafe fn grow(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promises, which are the same.
                let grown = unsafe { $arena(self).enlarge(block, old, new) };
                sized(grown.map_err(|_| AllocError)?, new)
            }

            #[inline]
            unsafe fn grow_zeroed(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promises, which are the same.
                let grown = unsafe { self.grow(block, old, new)? };
                // SAFETY: the block has the new size, which is not smaller.
                let behind = unsafe { grown.cast::<u8>().add(old.size()) };
                // SAFETY: the bytes behind the old size are the block's.
                unsafe { behind.write_bytes(0, new.size() - old.size()) };
                Ok(grown)
            }

            #[inline]
            unsafe fn shrink(
                &self,
                block: NonNull<u8>,
                old: Layout,
                new: Layout,
            ) -> Result<NonNull<[u8]>, AllocError> {
                // SAFETY: the caller's promises, which are the same.
                let shrunk = unsafe { $arena(self).reduce(block, old, new) };
                sized(shrunk.map_err(|_| AllocError)?, new)
            }
        }
    };
}

allocator!(&Arena<A>, |this: &Self| -> &Arena<A> { this });
allocator!(&Region<'_, A>, |this: &Self| -> &Arena<A> { this.arena() });

#[inline(always)]
fn sized(block: NonNull<u8>, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
    Ok(NonNull::slice_from_raw_parts(block, layout.size()))
}
