//! Counts, summaries, settings.

use std::ffi::c_int;

use memscope::Usage;
use memscope::raw_parts::RawScope;

use super::blocks::of_thread;
use crate::scope::Scope;
use crate::site::Site;
use crate::{exit, leaks, report};

/// C's `ms_stats_t`: what was allocated and freed.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Blocks that were allocated.
    pub alloc_count: u64,
    /// Blocks that were freed.
    pub free_count: u64,
    /// Bytes that were allocated; a change of size counts as a free of the old and an allocation of the new.
    pub bytes_allocated: u64,
    /// Bytes that were freed.
    pub bytes_freed: u64,
    /// The most bytes that were live at one time; see [`Usage::peak_bytes`].
    pub peak: u64,
}

impl From<Usage> for Stats {
    fn from(usage: Usage) -> Self {
        Self {
            alloc_count: usage.allocs,
            free_count: usage.frees,
            bytes_allocated: usage.bytes_allocated,
            bytes_freed: usage.bytes_freed,
            peak: usage.peak_bytes,
        }
    }
}

/// What the process allocated and freed.
#[unsafe(no_mangle)]
pub extern "C" fn ms_stats() -> Stats {
    RawScope::process()
        .map(RawScope::usage)
        .unwrap_or_default()
        .into()
}

/// What the calling thread allocated and freed, in whatever scopes.
#[unsafe(no_mangle)]
pub extern "C" fn ms_thread_stats() -> Stats {
    of_thread().into()
}

/// What was allocated and freed in a scope and in those inside it; in the one that the thread is in, where it is null.
///
/// # Safety
/// - `scope` is null or came from `ms_scope_begin` or `ms_scope_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scope_stats(scope: *const Scope) -> Stats {
    // SAFETY: null or a scope, which is never freed.
    let raw = match unsafe { scope.as_ref() } {
        Some(scope) => scope.raw("ms_scope_stats", Site::NONE),
        None => RawScope::current(),
    };
    raw.map(RawScope::usage).unwrap_or_default().into()
}

/// Writes to standard error what is live, by file and line.
#[unsafe(no_mangle)]
pub extern "C" fn ms_summary() {
    memscope::outside(|| {
        let usage = RawScope::process().map(RawScope::usage).unwrap_or_default();
        let live = leaks::live(|_| true);
        report::write(format!("memscope: {usage}\n{}", live.lines()).as_bytes());
    });
}

/// What reports do from now on: 0 aborts, 1 goes on; the answer is what it was.
#[unsafe(no_mangle)]
pub extern "C" fn ms_set_action(action: c_int) -> c_int {
    let action = if action == 1 {
        report::REPORT
    } else {
        report::ABORT
    };
    report::set_action(action).cast_signed()
}

/// How many reports there were.
#[unsafe(no_mangle)]
pub extern "C" fn ms_failures() -> u32 {
    report::failures()
}

/// Whether what is live at the end of the process makes it fail, as it does at the start; the answer is what it was.
#[unsafe(no_mangle)]
pub extern "C" fn ms_set_exit_check(on: c_int) -> c_int {
    c_int::from(exit::set_check(on != 0))
}
