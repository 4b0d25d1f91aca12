//! The unsafe room: the mapped counters, and the checking allocator.
//!
//! `count` is what a hit does at run time; there is one for each kind of platform.
#![expect(
    unsafe_code,
    reason = "a file is mapped before main, counters lie in that mapping, an allocator hands out memory"
)]

#[cfg(any(
    test,
    all(
        not(miri),
        target_pointer_width = "64",
        any(target_os = "linux", target_os = "android", target_os = "macos")
    )
))]
mod counters;
#[cfg(all(
    not(miri),
    target_pointer_width = "64",
    any(target_os = "linux", target_os = "android", target_os = "macos")
))]
mod map;
#[cfg(miri)]
mod miri;

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
