//! Where chunks come from.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::alloc;

/// Where an arena gets its chunks: [`Heap`], or, with the feature `allocator-api2`, any `Allocator`
/// of that crate. Sealed.
///
/// # Examples
///
/// ```
/// use memscope::arena::{Arena, Source};
///
/// fn chunks<A: Source>(arena: &Arena<A>) -> usize {
///     arena.stats().chunks
/// }
/// assert_eq!(chunks(&Arena::new()), 0);
/// ```
pub trait Source: sealed::Source {}

impl<A: sealed::Source> Source for A {}

/// The program's global allocator.
///
/// # Examples
///
/// ```
/// use memscope::arena::{Arena, Heap};
///
/// let arena: Arena<Heap> = Arena::new();
/// assert_eq!(*arena.alloc(7), 7);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap;

pub(super) mod sealed {
    use super::{Layout, NonNull};

    /// The part of [`Source`](super::Source) that only this folder may implement.
    ///
    /// # Safety
    /// - A block that was obtained is valid for reads and writes of its layout's size, aligned, and
    ///   apart from every other one, until it is released or the source is dropped; moving the
    ///   source does not change that.
    #[expect(unnameable_types, reason = "the trait is sealed by being unnameable")]
    pub unsafe trait Source {
        /// A block, or nothing when there is no memory. The layout's size is not 0.
        fn obtain(&self, layout: Layout) -> Option<NonNull<u8>>;

        /// Takes a block back.
        ///
        /// # Safety
        /// - The block was obtained here with this layout, and is not used again.
        unsafe fn release(&self, block: NonNull<u8>, layout: Layout);
    }
}

// SAFETY: the contract of the trait is that of the global allocator, which moving `Heap` doesn't touch.
unsafe impl sealed::Source for Heap {
    fn obtain(&self, layout: Layout) -> Option<NonNull<u8>> {
        debug_assert_ne!(layout.size(), 0);
        // SAFETY: the size is not 0: a chunk has its header.
        NonNull::new(unsafe { alloc::alloc(layout) })
    }

    unsafe fn release(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { alloc::dealloc(block.as_ptr(), layout) };
    }
}

#[cfg(feature = "allocator-api2")]
// SAFETY: the contract of `Allocator` says the same of a block that is currently allocated.
unsafe impl<A: allocator_api2::alloc::Allocator> sealed::Source for A {
    fn obtain(&self, layout: Layout) -> Option<NonNull<u8>> {
        self.allocate(layout).ok().map(NonNull::cast)
    }

    unsafe fn release(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { self.deallocate(block, layout) };
    }
}
