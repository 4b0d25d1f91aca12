//! Memory of the system allocator in place of a mapping: for Miri, and for targets without an
//! implementation of their own, whose region stays small.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use std::alloc::System;

use crate::raw::thread;

use super::{Purge, RESERVE_ALIGN};

/// The largest region that is taken from the system allocator.
const BYTES_MAX: usize = 600 << 10;

/// Memory of `bytes` bytes, if that is little.
pub(crate) fn reserve(bytes: usize) -> Option<NonNull<u8>> {
    if bytes > BYTES_MAX {
        return None;
    }
    let layout = Layout::from_size_align(bytes, RESERVE_ALIGN).ok()?;
    // SAFETY: the layout is not empty: the caller's smallest region is not.
    NonNull::new(unsafe { System.alloc_zeroed(layout) })
}

/// Gives memory back.
///
/// # Safety
///
/// - The memory is what [`reserve`] gave for that many bytes, and nothing uses it any more.
pub(crate) unsafe fn unreserve(start: *mut u8, bytes: usize) {
    if let Ok(layout) = Layout::from_size_align(bytes, RESERVE_ALIGN) {
        // SAFETY: `reserve` has it from there, with this layout.
        unsafe { System.dealloc(start, layout) };
    }
}

/// The memory is usable already.
///
/// # Safety
///
/// - None: nothing is done.
pub(crate) unsafe fn commit(_start: *mut u8, _bytes: usize) -> bool {
    true
}

/// Zeroes the memory, or makes its content unspecified by leaving it.
///
/// # Safety
///
/// - The memory is a part of what [`reserve`] gave, and nothing in it is in use.
pub(crate) unsafe fn purge(start: *mut u8, bytes: usize, how: Purge) -> bool {
    if how == Purge::DontNeed {
        // SAFETY: the memory is writable, and nobody else uses it.
        unsafe { start.write_bytes(0, bytes) };
    }
    how == Purge::DontNeed
}

/// There are none.
///
/// # Safety
///
/// - None: nothing is done.
pub(crate) unsafe fn prefer_huge(_start: *mut u8, _bytes: usize) {}

/// Calls [`thread::leave`] when this thread ends, by a destructor of the standard library: where this file is
/// used, registering one does not come back to the global allocator while it holds anything.
pub(crate) fn on_thread_exit() {
    struct AtExit;
    impl Drop for AtExit {
        fn drop(&mut self) {
            thread::leave();
        }
    }
    thread_local! {
        static AT_EXIT: core::cell::OnceCell<AtExit> = const { core::cell::OnceCell::new() };
    }
    let _ = AT_EXIT.try_with(|cell| {
        drop(cell.set(AtExit));
    });
}

/// There is no fork.
pub(crate) fn around_fork(_before: extern "C" fn(), _after: extern "C" fn()) {}

/// They are not counted.
pub(crate) fn page_faults() -> Option<u64> {
    None
}

/// Prints the message and aborts.
#[expect(clippy::print_stderr, reason = "the last words of a program")]
pub(crate) fn die(message: &str) -> ! {
    eprint!("{message}");
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_usable_and_reads_as_zero_after_it_was_given_back_at_once() {
        assert!(reserve(BYTES_MAX + 1).is_none());
        let start = reserve(1 << 14).expect("that is little").as_ptr();
        let purged = |how| {
            // SAFETY: the memory was reserved, and nobody else uses it.
            unsafe { start.write(7) };
            // SAFETY: likewise.
            let zeroed = unsafe { purge(start, 1 << 13, how) };
            // SAFETY: likewise, and it was written to.
            (zeroed, unsafe { start.read() })
        };
        // SAFETY: the memory was reserved.
        assert!(unsafe { commit(start, 1 << 14) });
        assert!(!purged(Purge::Free).0);
        assert_eq!(purged(Purge::DontNeed), (true, 0));
        // SAFETY: nothing uses it any more.
        unsafe { unreserve(start, 1 << 14) };
    }
}
