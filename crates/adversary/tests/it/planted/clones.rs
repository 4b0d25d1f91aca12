//! Copies of slices whose `Clone` may panic.
#![expect(unsafe_code, reason = "the bugs are bugs of unsafe code")]

use std::ptr;

/// Copies all values bit by bit and then clones each in its place: a panic leaves the list with values
/// that are another's.
pub(crate) fn copy_then_clone<T: Clone>(from: &[T]) -> Vec<T> {
    let mut list = Vec::with_capacity(from.len());
    // SAFETY: there is room for all; the two do not overlap.
    unsafe { ptr::copy_nonoverlapping(from.as_ptr(), list.as_mut_ptr(), from.len()) };
    // SAFETY: all values are there. The bug: they are the slice's.
    unsafe { list.set_len(from.len()) };
    for (to, from) in list.iter_mut().zip(from) {
        // SAFETY: `to` is a place of the list, and what is there is not to be dropped.
        unsafe { ptr::write(to, from.clone()) };
    }
    list
}

/// Writes the clones and sets the length at the end: a panic leaks what was cloned by then.
pub(crate) fn clone_then_own<T: Clone>(from: &[T]) -> Vec<T> {
    let mut list = Vec::with_capacity(from.len());
    for (to, from) in list.spare_capacity_mut().iter_mut().zip(from) {
        to.write(from.clone());
    }
    // SAFETY: that many were written.
    unsafe { list.set_len(from.len()) };
    list
}

/// One by one, each owned when the next is cloned.
pub(crate) fn clone_and_own<T: Clone>(from: &[T]) -> Vec<T> {
    let mut list = Vec::with_capacity(from.len());
    for value in from {
        list.push(value.clone());
    }
    list
}
