//! The only module that names an atomic directly.

pub(crate) use core::sync::atomic;
