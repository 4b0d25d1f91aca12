//! A slice of as many values as an iterator has.

use super::bump::Arena;
use super::source::Source;
use crate::arena::ArenaError;
use core::alloc::Layout;
use core::ptr::NonNull;
use core::slice;

/// What an iterator's hint may reserve, in bytes. The hint can be anything.
const HINT_MAX: usize = 16 * 1024;

/// A slice that grows.
///
/// # Invariants
/// 1. `start` is a block of the arena for `capacity` values, which only this writes to. Where that
///    has no size it is dangling.
/// 2. The first `len` are initialised, and `len` is at most `capacity`.
struct Growing<'a, T, A: Source> {
    arena: &'a Arena<A>,
    start: NonNull<T>,
    len: usize,
    capacity: usize,
}

impl<A: Source> Arena<A> {
    /// A slice of all values of an iterator, which may allocate here too. Destructors do not run.
    pub(crate) fn try_collect<T>(
        &self,
        values: impl Iterator<Item = T>,
    ) -> Result<&mut [T], ArenaError> {
        let mut slice = Growing::with_hint(self, values.size_hint().0)?;
        for value in values {
            slice.push(value)?;
        }
        slice.finish()
    }
}

impl<'a, T, A: Source> Growing<'a, T, A> {
    fn with_hint(arena: &'a Arena<A>, hint: usize) -> Result<Self, ArenaError> {
        let capacity = match size_of::<T>() {
            0 => usize::MAX,
            size => hint.min(HINT_MAX / size),
        };
        Ok(Self {
            arena,
            start: arena.try_slots(if size_of::<T>() == 0 { 0 } else { capacity })?,
            len: 0,
            capacity,
        })
    }

    fn push(&mut self, value: T) -> Result<(), ArenaError> {
        if self.len == self.capacity {
            self.grow()?;
        }
        // SAFETY: `len` is below `capacity`, by invariant 2 and the line before.
        let slot = unsafe { self.start.add(self.len) };
        // SAFETY: invariant 1.
        unsafe { slot.write(value) };
        self.len += 1;
        Ok(())
    }

    #[cold]
    fn grow(&mut self) -> Result<(), ArenaError> {
        let wanted = self.capacity.saturating_mul(2).max(4);
        let (old, new) = (Self::layout(self.capacity)?, Self::layout(wanted)?);
        // SAFETY: invariant 1; the old block is forgotten in the next line.
        let start = unsafe { self.arena.enlarge(self.start.cast(), old, new)? };
        self.start = start.cast();
        self.capacity = wanted;
        Ok(())
    }

    /// The slice; what is left of the room goes back to the arena if nothing was allocated since.
    fn finish(mut self) -> Result<&'a mut [T], ArenaError> {
        if size_of::<T>() != 0 {
            let (old, new) = (Self::layout(self.capacity)?, Self::layout(self.len)?);
            // SAFETY: invariant 1; the values that are there lie within the new size.
            let start = unsafe { self.arena.reduce(self.start.cast(), old, new)? };
            self.start = start.cast();
        }
        // SAFETY: invariants 1 and 2; the block is the slice's own from here on.
        Ok(unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) })
    }

    fn layout(len: usize) -> Result<Layout, ArenaError> {
        Layout::array::<T>(len).map_err(|_| ArenaError::TooLarge)
    }
}
