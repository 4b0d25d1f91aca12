//! Values without a destructor, and slices of them.

use super::bump::Arena;
use super::owned::Owned;
use super::source::Source;
use crate::arena::ArenaError;
use core::alloc::Layout;
use core::ptr::NonNull;
use core::slice;

impl<A: Source> Arena<A> {
    /// Room for a value.
    #[inline(always)]
    fn try_room<T>(&self) -> Result<NonNull<T>, ArenaError> {
        if size_of::<T>() == 0 {
            return Ok(NonNull::dangling());
        }
        self.try_block(Layout::new::<T>()).map(NonNull::cast)
    }

    /// Room for a slice.
    #[inline(always)]
    pub(super) fn try_slots<T>(&self, len: usize) -> Result<NonNull<T>, ArenaError> {
        if size_of::<T>() == 0 {
            return Ok(NonNull::dangling());
        }
        let layout = Layout::array::<T>(len).map_err(|_| ArenaError::TooLarge)?;
        self.try_block(layout).map(NonNull::cast)
    }

    /// A value whose destructor, if it has one, does not run.
    #[inline(always)]
    pub(crate) fn try_put<T>(&self, value: T) -> Result<&mut T, ArenaError> {
        let mut place = self.try_room::<T>()?;
        // SAFETY: the room has the layout of `T`, and is nobody else's.
        unsafe { place.write(value) };
        // SAFETY: the value was just written; the room is its own as long as the arena is borrowed.
        Ok(unsafe { place.as_mut() })
    }

    /// The same, where the value is made after its room. The closure may allocate here.
    #[inline(always)]
    pub(crate) fn try_put_with<T>(&self, make: impl FnOnce() -> T) -> Result<&mut T, ArenaError> {
        let mut place = self.try_room::<T>()?;
        // SAFETY: the room has the layout of `T`, and is nobody else's.
        unsafe { place.write(make()) };
        // SAFETY: the value was just written; the room is its own as long as the arena is borrowed.
        Ok(unsafe { place.as_mut() })
    }

    /// A value that is dropped with its handle.
    #[inline]
    pub(crate) fn try_put_owned<T>(&self, value: T) -> Result<Owned<'_, T>, ArenaError> {
        self.try_put(value).map(Owned::new)
    }

    /// A copy of a slice.
    #[inline]
    pub(crate) fn try_put_copy<T: Copy>(&self, values: &[T]) -> Result<&mut [T], ArenaError> {
        let start = self.try_slots::<T>(values.len())?;
        let from = NonNull::from(values).cast::<T>();
        // SAFETY: both are valid for so many values; the room is apart from all that is borrowed.
        unsafe { start.copy_from_nonoverlapping(from, values.len()) };
        // SAFETY: the values were just written; the room is the slice's own.
        Ok(unsafe { slice::from_raw_parts_mut(start.as_ptr(), values.len()) })
    }

    /// A copy of a text.
    #[inline]
    pub(crate) fn try_put_str(&self, text: &str) -> Result<&mut str, ArenaError> {
        let bytes = self.try_put_copy(text.as_bytes())?;
        // SAFETY: the bytes are those of a `str`.
        Ok(unsafe { str::from_utf8_unchecked_mut(bytes) })
    }

    /// A slice whose values a closure makes, by index. Destructors do not run: not those of the
    /// values that are there when the closure panics, nor later.
    #[inline]
    pub(crate) fn try_put_slice<T>(
        &self,
        len: usize,
        mut make: impl FnMut(usize) -> T,
    ) -> Result<&mut [T], ArenaError> {
        let start = self.try_slots::<T>(len)?;
        for index in 0..len {
            let value = make(index);
            // SAFETY: the room is for `len` values.
            let slot = unsafe { start.add(index) };
            // SAFETY: the slot is valid, and nobody else's.
            unsafe { slot.write(value) };
        }
        // SAFETY: `len` values were written; the room is the slice's own.
        Ok(unsafe { slice::from_raw_parts_mut(start.as_ptr(), len) })
    }
}
