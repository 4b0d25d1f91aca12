//! An allocator that fails on demand.

pub use crate::raw::FailingAlloc;
use std::cell::Cell;

thread_local! {
    static FAILS: Cell<bool> = const { Cell::new(false) };
}

/// Runs the operation while every allocation of a [`FailingAlloc`] on this thread fails.
pub fn with_failing_alloc<R>(operation: impl FnOnce() -> R) -> R {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            FAILS.set(false);
        }
    }
    let _reset = Reset;
    FAILS.set(true);
    operation()
}

pub(crate) fn fails() -> bool {
    FAILS.get()
}
