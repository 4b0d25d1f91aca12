//! The unsafe room: the mapped counters, the selected mutant, and the checking allocator.
//!
//! `count` is what a hit does at run time; there is one for each kind of platform.
#![expect(
    unsafe_code,
    reason = "a file is mapped and a variable read before main, counters lie in that mapping, an allocator hands out memory"
)]

#[cfg(assay_alloc)]
mod allocator;
#[cfg(any(assay_alloc, test))]
mod heap;
#[cfg(any(assay_alloc, test))]
mod lock;
#[cfg(any(assay_alloc, test))]
mod quarantine;
#[cfg(assay_alloc)]
mod unwind;

#[cfg(assay_alloc)]
pub(crate) use allocator::write;
#[cfg(assay_alloc)]
pub(crate) use unwind::{capture, module_of};

#[cfg(any(
    test,
    all(
        not(miri),
        target_pointer_width = "64",
        any(target_os = "linux", target_os = "android", target_os = "macos")
    )
))]
mod counters;
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
mod environment;
#[cfg(all(
    not(miri),
    target_pointer_width = "64",
    any(target_os = "linux", target_os = "android", target_os = "macos")
))]
mod map;
#[cfg(miri)]
mod miri;
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
mod selected;

#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
pub(crate) use selected::is_selected;

#[cfg(all(
    not(miri),
    target_pointer_width = "64",
    any(target_os = "linux", target_os = "android", target_os = "macos")
))]
pub(crate) use map::count;
#[cfg(miri)]
pub(crate) use miri::count;

/// Elsewhere nothing is counted.
#[cfg(not(any(
    miri,
    all(
        target_pointer_width = "64",
        any(target_os = "linux", target_os = "android", target_os = "macos")
    )
)))]
pub(crate) fn count(_site: u32) {}

/// Elsewhere no mutant can be switched on.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
pub(crate) fn is_selected(_mutant: u32) -> bool {
    false
}
