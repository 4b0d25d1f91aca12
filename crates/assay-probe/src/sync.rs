//! The only module that names an atomic or `UnsafeCell` directly.

#[cfg(any(assay_alloc, test))]
pub(crate) use core::cell::UnsafeCell;
pub(crate) use core::sync::atomic;
