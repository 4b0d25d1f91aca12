//! Regions: the part of an arena whose values live as long as a lifetime, and children of it.

use super::back::Position;
use super::bump::Arena;
use super::owned::Owned;
use super::source::{Heap, Source};
use crate::arena::ArenaError;
use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;

/// A place to allocate values that live for `'r`.
///
/// It is the one handle of its part of an arena. While there is a child of it nothing can be
/// allocated through it, because the child's end takes back all that was allocated since its
/// beginning; the values that it has allocated before can be used.
///
/// # Examples
///
/// ```
/// use memscope::arena::{Arena, Region};
///
/// fn parse<'r>(region: &mut Region<'r>, line: &str) -> &'r [&'r str] {
///     let line = region.alloc_str(line);
///     region.alloc_from_iter(line.split(' ').map(|word| &*word))
/// }
/// let words = Arena::new().scope(|region| parse(region, "one two").len());
/// assert_eq!(words, 2);
/// ```
///
/// It stays on its thread.
///
/// ```compile_fail,E0277
/// fn is_send<T: Send>() {}
/// is_send::<memscope::arena::Region<'_>>();
/// ```
///
/// # Invariants
/// 1. Who has a region, not only a shared reference to it, is the only one who can allocate in the
///    arena, or make it go back.
pub struct Region<'r, A: Source = Heap> {
    arena: &'r Arena<A>,
}

/// A part of an arena that is taken back when this is dropped.
///
/// [`enter`](Self::enter) gives the region to allocate in. If a child is leaked (`mem::forget`) the
/// parent takes it back, when it ends itself.
///
/// # Examples
///
/// ```
/// use memscope::arena::Arena;
///
/// let mut arena = Arena::new();
/// let mut child = arena.child();
/// let region = child.enter();
/// assert_eq!(region.alloc_str("temporary"), "temporary");
/// drop(child);
/// assert_eq!(arena.stats().used, 0);
/// ```
///
/// It stays on its thread.
///
/// ```compile_fail,E0277
/// fn is_send<T: Send>() {}
/// is_send::<memscope::arena::Child<'_>>();
/// ```
///
/// # Invariants
/// 1. Since `start` was taken, nothing was allocated in the arena but through regions that borrow
///    this child, and the arena has not gone back past it.
pub struct Child<'p, A: Source = Heap> {
    arena: &'p Arena<A>,
    start: Position,
}

impl<A: Source> Arena<A> {
    /// The arena as a region, in which values live until this borrow of the arena ends.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let mut region = arena.as_region();
    /// let list = region.alloc_slice_copy(&[3, 1, 2]);
    /// region.scope(|child| child.alloc_slice_copy(list).len());
    /// list.sort();
    /// assert_eq!(list, [1, 2, 3]);
    /// ```
    pub fn as_region(&mut self) -> Region<'_, A> {
        Region { arena: self }
    }

    /// A child: what is allocated in it is taken back when it is dropped. See [`Child`].
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// arena.child().enter().alloc(1);
    /// assert_eq!(arena.stats().used, 0);
    /// ```
    pub fn child(&mut self) -> Child<'_, A> {
        Child {
            arena: self,
            start: self.position(),
        }
    }
}

impl<'r, A: Source> Region<'r, A> {
    /// A child: what is allocated in it is taken back when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let mut region = arena.as_region();
    /// let kept = region.alloc(1);
    /// let mut child = region.child();
    /// *kept += *child.enter().alloc(2);
    /// drop(child);
    /// assert_eq!(*kept, 3);
    /// ```
    pub fn child(&mut self) -> Child<'_, A> {
        Child {
            arena: self.arena,
            start: self.arena.position(),
        }
    }

    #[inline(always)]
    pub(crate) fn try_block(&self, layout: Layout) -> Result<NonNull<u8>, ArenaError> {
        self.arena.try_block(layout)
    }

    #[inline(always)]
    pub(crate) fn try_put<T>(&self, value: T) -> Result<&'r mut T, ArenaError> {
        self.arena.try_put(value)
    }

    #[inline(always)]
    pub(crate) fn try_put_with<T>(
        &self,
        make: impl FnOnce() -> T,
    ) -> Result<&'r mut T, ArenaError> {
        self.arena.try_put_with(make)
    }

    #[inline(always)]
    pub(crate) fn try_put_drop<T: Send + 'static>(
        &self,
        value: T,
    ) -> Result<&'r mut T, ArenaError> {
        self.arena.try_put_drop(value)
    }

    #[inline(always)]
    pub(crate) fn try_put_owned<T>(&self, value: T) -> Result<Owned<'r, T>, ArenaError> {
        self.arena.try_put_owned(value)
    }

    #[inline(always)]
    pub(crate) fn try_put_copy<T: Copy>(&self, values: &[T]) -> Result<&'r mut [T], ArenaError> {
        self.arena.try_put_copy(values)
    }

    #[inline(always)]
    pub(crate) fn try_put_str(&self, text: &str) -> Result<&'r mut str, ArenaError> {
        self.arena.try_put_str(text)
    }

    #[inline(always)]
    pub(crate) fn try_put_slice<T>(
        &self,
        len: usize,
        make: impl FnMut(usize) -> T,
    ) -> Result<&'r mut [T], ArenaError> {
        self.arena.try_put_slice(len, make)
    }

    #[inline(always)]
    pub(crate) fn try_collect<T>(
        &self,
        values: impl Iterator<Item = T>,
    ) -> Result<&'r mut [T], ArenaError> {
        self.arena.try_collect(values)
    }

    /// What `Arena` and `Region` do alike. The result is of the borrow of this region, so no child
    /// can be made as long as it is there.
    #[cfg(feature = "allocator-api2")]
    pub(super) fn arena(&self) -> &Arena<A> {
        self.arena
    }
}

impl<A: Source> Child<'_, A> {
    /// The child's region. It can be entered again; what was allocated before stays until the child
    /// ends.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let mut child = arena.child();
    /// child.enter().alloc(1_u64);
    /// child.enter().alloc(2_u64);
    /// drop(child);
    /// assert_eq!(arena.stats().peak, 16);
    /// ```
    pub fn enter(&mut self) -> Region<'_, A> {
        Region { arena: self.arena }
    }
}

impl<A: Source> Drop for Child<'_, A> {
    fn drop(&mut self) {
        // SAFETY: invariant 1; the regions that borrowed this child, and with them the borrows of
        // what was allocated through them, have ended.
        unsafe { self.arena.rewind_to(&self.start) };
    }
}

impl<A: Source> fmt::Debug for Region<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region").finish_non_exhaustive()
    }
}

impl<A: Source> fmt::Debug for Child<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child").finish_non_exhaustive()
    }
}
