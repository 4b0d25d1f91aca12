//! A value in an arena that belongs to its handle.

use core::fmt;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

/// A value in an arena whose destructor runs when the handle is dropped, as a `Box`'s does.
///
/// The value may borrow whatever it likes, and need not be `Send`. Its memory stays with the arena
/// until that goes back.
///
/// # Examples
///
/// ```
/// use memscope::arena::Arena;
///
/// let arena = Arena::new();
/// let name = String::from("name");
/// let mut parts = arena.alloc_owned(vec![name.as_str()]);
/// parts.push("more");
/// assert_eq!(parts.len(), 2);
/// ```
///
/// The handle of a value that is not `Send` stays on its thread:
///
/// ```compile_fail,E0277
/// let arena = memscope::arena::Arena::new();
/// let owned = arena.alloc_owned(std::rc::Rc::new(1));
/// std::thread::scope(|threads| threads.spawn(move || drop(owned)));
/// ```
pub struct Owned<'r, T> {
    /// Initialised until the handle is dropped or taken apart.
    value: ManuallyDrop<&'r mut T>,
}

impl<'r, T> Owned<'r, T> {
    /// The caller, in this folder, hands over a value whose destructor nobody else runs.
    pub(super) fn new(value: &'r mut T) -> Self {
        Self {
            value: ManuallyDrop::new(value),
        }
    }

    /// Gives up the handle: the value stays in the arena, and its destructor does not run.
    ///
    /// # Examples
    ///
    /// ```
    /// let arena = memscope::arena::Arena::new();
    /// let value: &mut u8 = arena.alloc_owned(1).leak();
    /// assert_eq!(*value, 1);
    /// ```
    pub fn leak(self) -> &'r mut T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: the handle's drop, the only other use, does not run.
        unsafe { ManuallyDrop::take(&mut this.value) }
    }

    /// Moves the value out of the arena.
    ///
    /// # Examples
    ///
    /// ```
    /// let arena = memscope::arena::Arena::new();
    /// let text = arena.alloc_owned(String::from("text"));
    /// assert_eq!(text.into_inner(), "text");
    /// ```
    pub fn into_inner(self) -> T {
        let value: *mut T = self.leak();
        // SAFETY: the value is initialised, and nothing refers to it any more.
        unsafe { value.read() }
    }
}

impl<T> Drop for Owned<'_, T> {
    fn drop(&mut self) {
        let value: *mut T = &raw mut **self.value;
        // SAFETY: the value is initialised, and the handle is not used again.
        unsafe { value.drop_in_place() };
    }
}

impl<T> Deref for Owned<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Owned<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Owned<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
