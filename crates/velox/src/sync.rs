//! The one module that names an atomic or a thread.
//!
//! Everything else in the crate imports them from here, so that the code which
//! loom (`--cfg loom`) and shuttle (`--cfg shuttle`) explore is the code that ships.

#[cfg(not(any(loom, shuttle)))]
mod imp {
    pub(crate) use core::hint::spin_loop;
    pub(crate) use core::sync::atomic::AtomicU64;
    pub(crate) use std::sync::Arc;
    pub(crate) use std::thread;
}

#[cfg(loom)]
mod imp {
    pub(crate) use loom::hint::spin_loop;
    pub(crate) use loom::sync::Arc;
    pub(crate) use loom::sync::atomic::AtomicU64;
    pub(crate) use loom::thread;
}

#[cfg(all(shuttle, not(loom)))]
mod imp {
    pub(crate) use shuttle::hint::spin_loop;
    pub(crate) use shuttle::sync::Arc;
    pub(crate) use shuttle::sync::atomic::AtomicU64;
    pub(crate) use shuttle::thread;
}

pub(crate) use core::sync::atomic::Ordering;
pub(crate) use imp::*;
