//! What the crate asks of the operating system: address space, and word of a thread's end.
//!
//! Each target has the same functions: [`reserve`], [`unreserve`], [`commit`], [`purge`], [`prefer_huge`],
//! [`on_thread_exit`], [`around_fork`], [`page_faults`], [`die`].

#[cfg(all(unix, not(any(miri, loom))))]
mod unix;
#[cfg(all(unix, not(any(miri, loom))))]
use unix as imp;

#[cfg(all(windows, not(any(miri, loom))))]
mod windows;
#[cfg(all(windows, not(any(miri, loom))))]
use windows as imp;

#[cfg(all(not(loom), any(miri, test, not(any(unix, windows)))))]
#[cfg_attr(
    all(test, not(miri), any(unix, windows)),
    expect(dead_code, reason = "its tests use a part of it")
)]
mod fake;
#[cfg(all(not(loom), any(miri, not(any(unix, windows)))))]
use fake as imp;

#[cfg(any(loom, test))]
mod none;
#[cfg(loom)]
use none as imp;

#[cfg(not(loom))]
pub(crate) use imp::{
    around_fork, die, on_thread_exit, page_faults, prefer_huge, reserve, unreserve,
};
pub(crate) use imp::{commit, purge};

/// The alignment of what [`reserve`] gives: the size of a huge page, and a multiple of all others.
pub(crate) const RESERVE_ALIGN: usize = if cfg!(miri) { 1 << 13 } else { 2 << 20 };

/// How [`purge`] gives memory back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purge {
    /// When the system needs it; until then it counts as resident.
    Free,
    /// At once; it reads as zero when it is used again, where the system can do that.
    DontNeed,
}

impl Purge {
    /// Whether it does something to memory that was given back like that before.
    pub(crate) fn adds_to(self, before: Option<Self>) -> bool {
        before != Some(Self::DontNeed) && before != Some(self)
    }
}
