//! An allocator that fails on command.

use crate::countdown::{Allocation, allocation};
use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;

/// An allocator that does as another one does, but for the allocation that the thread's run is armed for.
///
/// See the [module](crate::alloc). Each allocation and each reallocation counts as one; freeing does not.
/// One that is over another scripted one, such as over `Global` where that is scripted, counts twice.
///
/// # Examples
///
/// ```
/// use adversary::alloc::Scripted;
/// use adversary::countdown::{Fault, run_armed};
/// use std::alloc::{GlobalAlloc, Layout};
///
/// let heap = Scripted::system();
/// // SAFETY: the layout has a size.
/// let run = run_armed(Fault::AllocFails(0), || unsafe { heap.alloc(Layout::new::<u64>()) });
/// assert!(run.fired && run.result.unwrap().is_null());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Scripted<A = System> {
    pub(super) inner: A,
}

impl Scripted {
    /// Over the system's allocator.
    ///
    /// ```
    /// use adversary::alloc::Scripted;
    ///
    /// static HEAP: Scripted = Scripted::system();
    /// ```
    #[must_use]
    pub const fn system() -> Self {
        Self { inner: System }
    }
}

impl<A> Scripted<A> {
    /// Over any allocator.
    ///
    /// ```
    /// use adversary::alloc::{Scripted, Shadowed};
    ///
    /// static HEAP: Scripted<Shadowed> = Scripted::new(Shadowed::system());
    /// ```
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }

    /// The allocator within.
    ///
    /// ```
    /// use adversary::alloc::{Scripted, Shadowed};
    ///
    /// Scripted::new(Shadowed::system()).inner().assert_clean();
    /// ```
    pub const fn inner(&self) -> &A {
        &self.inner
    }
}

// SAFETY: every method does what the inner allocator does, or returns null, which every one of those that
// return a pointer may. None of them unwinds: `allocation(false)` does not panic.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Scripted<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match allocation(false) {
            // SAFETY: the caller's promise about `layout` is passed on.
            Allocation::Proceeds => unsafe { self.inner.alloc(layout) },
            Allocation::Fails => ptr::null_mut(),
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match allocation(false) {
            // SAFETY: the caller's promise about `layout` is passed on.
            Allocation::Proceeds => unsafe { self.inner.alloc_zeroed(layout) },
            Allocation::Fails => ptr::null_mut(),
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        match allocation(false) {
            // SAFETY: the caller's promises are passed on; the block is the inner allocator's, as all are.
            Allocation::Proceeds => unsafe { self.inner.realloc(block, layout, new_size) },
            Allocation::Fails => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on; the block is the inner allocator's, as all are.
        unsafe { self.inner.dealloc(block, layout) };
    }
}
