//! The functions, as `event2/*.h` document them; what is said here is what differs.

mod bases;
mod bufferevents;
mod buffers;
mod events;

use std::ffi::c_int;
use std::time::Duration;

pub use self::{bases::*, bufferevents::*, buffers::*, events::*};
use super::base::{self, Base};
use super::log::warn;

/// A time of C's; one before now is now.
///
/// # Safety
/// - `time` is null or readable.
unsafe fn duration(time: *const libc::timeval) -> Option<Duration> {
    // SAFETY: the caller's contract is the same.
    let time = unsafe { time.as_ref() }?;
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let microseconds = u64::try_from(time.tv_usec).unwrap_or(0);
    Some(Duration::from_secs(seconds) + Duration::from_micros(microseconds))
}

/// The base at a pointer, or the one for calls that name none.
///
/// # Safety
/// - `base` is null or came from a function that makes bases.
unsafe fn at_or_current(base: *const Base) -> Option<&'static Base> {
    // SAFETY: the caller's contract is the same.
    unsafe { base::at(base) }.or_else(base::current)
}

/// What `call` answers of a base; -1, and said, where there is none.
fn with_base(
    base: Option<&'static Base>,
    what: &str,
    call: impl FnOnce(&'static Base) -> c_int,
) -> c_int {
    if let Some(base) = base {
        return call(base);
    }
    warn(&format!("{what}: there is no event base"));
    -1
}
