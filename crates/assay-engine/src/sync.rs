//! The only module that names an atomic.

pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
