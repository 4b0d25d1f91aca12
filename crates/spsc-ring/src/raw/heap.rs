//! Storage on the heap, shared by reference count.

use super::sealed::Backing;
use super::{ReadEnd, Slots, WriteEnd};
use crate::error::CapacityError;
use crate::header::Header;
use crate::sync::Arc;
use crate::{Consumer, Pair, Producer};
use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;

/// Storage on the heap: what [`ring`](crate::ring) makes. Freed with the second handle.
#[derive(Debug)]
pub struct Heap<T>(ManuallyDrop<Arc<Block<T>>>);

/// # Invariants
/// 1. `slots` point to memory of `layout` from the global allocator, or the layout's size is 0.
#[derive(Debug)]
struct Block<T> {
    header: Header,
    slots: Slots<T>,
    layout: Layout,
}

impl<T> Heap<T> {
    pub(crate) fn pair(capacity: usize) -> Result<Pair<T, Self>, CapacityError> {
        let block = Arc::new(Block::new(capacity)?);
        let lent = block.header.lend();
        debug_assert!(lent, "a new ring has no handles");
        let other = Self(ManuallyDrop::new(Arc::clone(&block)));
        let producer = Producer::from_end(WriteEnd::new(Self(ManuallyDrop::new(block))));
        Ok((producer, Consumer::from_end(ReadEnd::new(other))))
    }
}

impl<T> Drop for Heap<T> {
    /// Moves the `Arc` out before it is dropped. Dropped in place its address would go to a
    /// function that is not inlined, and an end that has its address taken cannot keep its indices
    /// in registers.
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the value is being dropped, so nothing takes or uses its field after this.
        let block = unsafe { ManuallyDrop::take(&mut self.0) };
        drop(block);
    }
}

impl<T> Backing<T> for Heap<T> {
    #[inline]
    fn header(&self) -> &Header {
        &self.0.header
    }

    #[inline]
    fn slots(&self) -> Slots<T> {
        self.0.slots
    }
}

impl<T> Block<T> {
    fn new(capacity: usize) -> Result<Self, CapacityError> {
        let error = CapacityError { capacity };
        let storage = capacity.max(1).checked_next_power_of_two().ok_or(error)?;
        // A slot then never straddles two cache lines that it could have avoided.
        let layout = Layout::array::<MaybeUninit<T>>(storage).and_then(|it| it.align_to(128));
        let layout = layout.map_err(|_| error)?;
        let base = if layout.size() == 0 {
            ptr::without_provenance_mut(layout.align())
        } else {
            // SAFETY: the size is not 0.
            unsafe { alloc(layout) }
        };
        if base.is_null() {
            return Err(error);
        }
        let slots = Slots::new(base.cast(), storage);
        Ok(Self {
            header: Header::new(capacity, storage),
            slots,
            layout,
        })
    }
}

impl<T> Drop for Block<T> {
    fn drop(&mut self) {
        /// Frees when the items are dropped, and when one of them panics.
        struct Free(*mut u8, Layout);
        impl Drop for Free {
            fn drop(&mut self) {
                if self.1.size() != 0 {
                    // SAFETY: invariant 1 of `Block`, which is being dropped: nothing uses it later.
                    unsafe { dealloc(self.0, self.1) };
                }
            }
        }
        let _free = Free(self.slots.at(0).cast(), self.layout);
        let (start, len) = self.header.remains();
        self.header.touch(start, len);
        // SAFETY: no handle exists, so all slots are the block's, and those of `remains` are
        // initialised (invariant 3 of `Header`). They are not read again.
        unsafe { self.slots.drop_range(start, len) };
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::Block;

    #[test]
    fn a_block_has_room_for_its_slots_and_no_more() {
        let block = Block::<u64>::new(5).unwrap();
        assert_eq!((block.layout.size(), block.layout.align()), (64, 128));
    }
}
