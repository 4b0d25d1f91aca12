//! `retain` and `truncate` whose lists are not in order while they call their user.
#![expect(unsafe_code, reason = "the bugs are bugs of unsafe code")]

use std::ptr;

/// Shifts the values that stay while the length still covers all of them: after a panic the gap between
/// is full of copies.
pub(crate) fn retain_then_shorten<T>(list: &mut Vec<T>, mut keep: impl FnMut(&T) -> bool) {
    let len = list.len();
    let kept = shift(list, len, &mut keep);
    // SAFETY: the first `kept` values are in order, the others were dropped or moved.
    unsafe { list.set_len(kept) };
}

/// Gives up the values first, so that a panic leaks the rest.
pub(crate) fn shorten_then_retain<T>(list: &mut Vec<T>, mut keep: impl FnMut(&T) -> bool) {
    let len = list.len();
    // SAFETY: 0 values are in order anyway.
    unsafe { list.set_len(0) };
    let kept = shift(list, len, &mut keep);
    // SAFETY: the first `kept` values are in order, the others were dropped or moved.
    unsafe { list.set_len(kept) };
}

fn shift<T>(list: &mut Vec<T>, len: usize, keep: &mut impl FnMut(&T) -> bool) -> usize {
    let base = list.as_mut_ptr();
    let mut kept = 0;
    for index in 0..len {
        // SAFETY: `index` is below the length that the list had.
        let from = unsafe { base.add(index) };
        // SAFETY: the value at `index` has not been moved or dropped yet.
        if keep(unsafe { &*from }) {
            // SAFETY: `kept <= index`.
            let to = unsafe { base.add(kept) };
            // SAFETY: the value at `kept` is this one, or was moved or dropped before.
            unsafe { ptr::copy(from, to, 1) };
            kept += 1;
        } else {
            // SAFETY: the value is not used again, unless its destructor panics: then by the list.
            unsafe { ptr::drop_in_place(from) };
        }
    }
    kept
}

/// Drops the tail and then says so: a destructor that panics leaves dropped values in the list.
pub(crate) fn drop_then_shorten<T>(list: &mut Vec<T>, len: usize) {
    let tail = ptr::from_mut(&mut list[len..]);
    // SAFETY: the tail is the list's own. The bug: it still is after a panic.
    unsafe { ptr::drop_in_place(tail) };
    // SAFETY: `len` values are left.
    unsafe { list.set_len(len) };
}

/// Says so first.
pub(crate) fn shorten_then_drop<T>(list: &mut Vec<T>, len: usize) {
    let tail = ptr::from_mut(&mut list[len..]);
    // SAFETY: `len` is below the length; the slice expression has checked it.
    unsafe { list.set_len(len) };
    // SAFETY: the tail is nobody's by now.
    unsafe { ptr::drop_in_place(tail) };
}
