//! Blocks of values that move to another scope.
//!
//! Whether the program's allocator is a [`Scoped`](crate::Scoped) is not known here. It is therefore asked to give a
//! block the size that it has, which every allocator can do: one that counts takes it as what it is meant to be.
//! An allocator that does it by a new block makes that in the right scope too.

use std::alloc::Layout;
use std::ffi::OsString;
use std::mem::{self, ManuallyDrop};
use std::ptr;

use crate::scope::ScopeHandle;

/// Moves the buffer of a vector, and not what its elements own.
pub(crate) fn vec<T>(values: &mut Vec<T>, to: &ScopeHandle) {
    let Ok(layout) = Layout::array::<T>(values.capacity()) else {
        return;
    };
    if layout.size() == 0 {
        return;
    }
    let mut parts = ManuallyDrop::new(mem::take(values));
    let (base, length, capacity) = (parts.as_mut_ptr(), parts.len(), parts.capacity());
    // SAFETY: the buffer of a vector, which was taken from its owner; the global allocator made it with this layout,
    // whose size is not 0.
    let base = unsafe { block(base.cast(), layout, to) };
    // SAFETY: the same buffer, with the same size and content; its former owner does not drop.
    *values = unsafe { Vec::from_raw_parts(base.cast(), length, capacity) };
}

/// Moves the block of a box, and not what its value owns.
pub(crate) fn boxed<T>(value: &mut Box<T>, to: &ScopeHandle) {
    let layout = Layout::new::<T>();
    if layout.size() == 0 {
        return;
    }
    // SAFETY: `value` is written to below before anybody can see it again, for nothing between can panic.
    let owned = unsafe { ptr::read(value) };
    // SAFETY: the block of a box that was taken from its owner; the global allocator made it with the layout of `T`,
    // whose size is not 0.
    let base = unsafe { block(Box::into_raw(owned).cast(), layout, to) };
    // SAFETY: a block of the global allocator with the layout of `T` and the value in it, and nobody else's.
    let owned = unsafe { Box::from_raw(base.cast()) };
    // SAFETY: what stood there was read out above, so that nothing is lost by not dropping it.
    unsafe { ptr::write(value, owned) };
}

/// Moves the buffer of a text.
pub(crate) fn string(text: &mut String, to: &ScopeHandle) {
    let mut bytes = mem::take(text).into_bytes();
    vec(&mut bytes, to);
    // SAFETY: the bytes of a `String`, unchanged.
    *text = unsafe { String::from_utf8_unchecked(bytes) };
}

/// Moves the buffer of a string of the system's.
pub(crate) fn os_string(text: &mut OsString, to: &ScopeHandle) {
    let mut bytes = mem::take(text).into_encoded_bytes();
    vec(&mut bytes, to);
    // SAFETY: the bytes of an `OsString`, unchanged.
    *text = unsafe { OsString::from_encoded_bytes_unchecked(bytes) };
}

/// Moves a block, and answers where it is now.
///
/// # Safety
/// - The global allocator made `block` with `layout`; its size is not 0.
/// - It is the caller's alone, who uses it by the answer from then on.
unsafe fn block(block: *mut u8, layout: Layout, to: &ScopeHandle) -> *mut u8 {
    // SAFETY: the caller's block and layout; the size is the same, not 0, and fits the layout.
    let resize = || unsafe { std::alloc::realloc(block, layout, layout.size()) };
    let moved = to.run(|| while_moving(resize));
    // An allocator that has no room for a second block leaves the first where it is.
    if moved.is_null() { block } else { moved }
}

#[cfg(feature = "enabled")]
use crate::local::while_moving;

#[cfg(not(feature = "enabled"))]
fn while_moving<R>(work: impl FnOnce() -> R) -> R {
    work()
}
