//! Panics that a test expects.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// The operation's result, or nothing if it panicked.
pub fn catch_panic<R>(operation: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(operation)).ok()
}
