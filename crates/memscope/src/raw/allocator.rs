//! The allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};

#[cfg(feature = "enabled")]
use super::counted;
use crate::scope::ScopeHandle;
use crate::stacks::Stacks;

/// An allocator that books every block to the scope that the allocating thread is in, and every free to the scope of
/// the block.
///
/// Each block is 8 bytes larger than what was asked for; see the crate's documentation for what they hold.
///
/// ```
/// use memscope::Scoped;
///
/// #[global_allocator]
/// static ALLOCATOR: Scoped = Scoped::system();
///
/// let before = memscope::process();
/// let block = vec![0_u8; 100];
/// let during = memscope::process();
/// assert!(during.live_bytes() >= before.live_bytes() + 100);
/// drop(block);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Scoped<A = System> {
    inner: A,
    #[cfg(feature = "enabled")]
    stacks: Stacks,
}

impl Scoped<System> {
    /// Counts what comes from the system's allocator.
    #[must_use]
    pub const fn system() -> Self {
        Self::new(System)
    }
}

impl<A> Scoped<A> {
    /// Counts what comes from `inner`.
    #[must_use]
    pub const fn new(inner: A) -> Self {
        Self {
            inner,
            #[cfg(feature = "enabled")]
            stacks: Stacks::None,
        }
    }

    /// Notes where each block is allocated, so that leaks are told with the call.
    ///
    /// ```
    /// use memscope::{Scope, Scoped, Stacks};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::Unwind);
    ///
    /// let scope = Scope::new("work");
    /// let kept = scope.run(|| vec![0_u8; 100]);
    /// let leak = scope.end().unwrap_err();
    /// let site = &leak.sites()[0];
    /// assert_eq!((site.blocks, site.bytes), (1, 100));
    /// # drop(kept);
    /// ```
    #[must_use]
    #[cfg(feature = "enabled")]
    pub const fn with_stacks(mut self, stacks: Stacks) -> Self {
        self.stacks = stacks;
        self
    }

    /// Notes nothing: the feature `enabled` is off.
    #[must_use]
    #[cfg(not(feature = "enabled"))]
    pub const fn with_stacks(self, _stacks: Stacks) -> Self {
        self
    }

    /// Moves a block to the account of another scope, as [`ScopeHandle::adopt`] does with the blocks of a value.
    ///
    /// What counts on the one account from now on as freed counts on the other as allocated; the site stays. A block
    /// that was allocated while [accounting was off](crate::set_accounting) stays uncounted. Nothing is copied.
    ///
    /// # Safety
    /// - `block` is live, and was allocated with this layout by this allocator or by one that is equal to it.
    /// - It is the caller's alone during the call: nobody frees, resizes or moves it meanwhile on another thread.
    ///
    /// ```
    /// use std::alloc::{GlobalAlloc, Layout};
    ///
    /// let allocator = memscope::Scoped::system();
    /// let (request, cache) = (memscope::Scope::new("request"), memscope::Scope::new("cache"));
    /// let layout = Layout::new::<[u8; 100]>();
    /// let block = request.run(|| unsafe { allocator.alloc(layout) });
    /// assert!(!block.is_null());
    /// unsafe { allocator.transfer(block, layout, &cache.handle()) };
    /// request.end()?;
    /// # #[cfg(feature = "enabled")]
    /// assert_eq!(cache.usage().live_bytes(), 100);
    /// unsafe { allocator.dealloc(block, layout) };
    /// cache.end()?;
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[inline]
    pub unsafe fn transfer(&self, block: *mut u8, layout: Layout, to: &ScopeHandle) {
        #[cfg(feature = "enabled")]
        // SAFETY: the caller's contract is the same.
        to.run(|| unsafe { counted::move_here(block, self.stacks, layout) });
        #[cfg(not(feature = "enabled"))]
        let _: (*mut u8, Layout, &ScopeHandle) = (block, layout, to);
    }

    /// The allocator that memory comes from.
    pub const fn inner(&self) -> &A {
        &self.inner
    }
}

// SAFETY: without the feature every call is the inner allocator's, with the caller's own arguments. With it, see
// `counted`: each block is one of the inner allocator's, larger at its end by the trailer alone; so that it is aligned
// and as long as asked for, exclusive as long as the inner one's, and given back with the layout that it was made with.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Scoped<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        #[cfg(feature = "enabled")]
        return match self.stacks {
            // SAFETY: the caller's contract is the same.
            Stacks::None => unsafe {
                counted::alloc::<A, false>(&self.inner, Stacks::None, layout)
            },
            // SAFETY: as above.
            stacks => unsafe { counted::alloc::<A, true>(&self.inner, stacks, layout) },
        };
        #[cfg(not(feature = "enabled"))]
        // SAFETY: the caller's contract is the same.
        return unsafe { self.inner.alloc(layout) };
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        #[cfg(feature = "enabled")]
        return match self.stacks {
            // SAFETY: the caller's contract is the same.
            Stacks::None => unsafe {
                counted::alloc_zeroed::<A, false>(&self.inner, Stacks::None, layout)
            },
            // SAFETY: as above.
            stacks => unsafe { counted::alloc_zeroed::<A, true>(&self.inner, stacks, layout) },
        };
        #[cfg(not(feature = "enabled"))]
        // SAFETY: the caller's contract is the same.
        return unsafe { self.inner.alloc_zeroed(layout) };
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        #[cfg(feature = "enabled")]
        match self.stacks {
            // SAFETY: the caller's contract is the same.
            Stacks::None => unsafe {
                counted::dealloc::<A, false>(&self.inner, Stacks::None, block, layout);
            },
            // SAFETY: as above.
            stacks => unsafe {
                counted::dealloc::<A, true>(&self.inner, stacks, block, layout);
            },
        }
        #[cfg(not(feature = "enabled"))]
        // SAFETY: the caller's contract is the same.
        return unsafe { self.inner.dealloc(block, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        #[cfg(feature = "enabled")]
        return match self.stacks {
            // SAFETY: the caller's contract is the same.
            Stacks::None => unsafe {
                counted::realloc::<A, false>(&self.inner, Stacks::None, block, layout, new_size)
            },
            // SAFETY: as above.
            stacks => unsafe {
                counted::realloc::<A, true>(&self.inner, stacks, block, layout, new_size)
            },
        };
        #[cfg(not(feature = "enabled"))]
        // SAFETY: the caller's contract is the same.
        return unsafe { self.inner.realloc(block, layout, new_size) };
    }
}
