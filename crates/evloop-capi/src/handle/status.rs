//! What calls answer.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

macro_rules! statuses {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $c:literal, $text:literal;)*) => {
        impl Status {
            $($(#[doc = $doc])+ pub const $name: Self = Self($number);)*

            /// Each with its name in C, and what it says.
            pub const ALL: &[(Self, &str, &str)] = &[$((Self::$name, $c, $text)),*];
        }
    };
}

/// `evloop_status`: 0, or what went wrong.
///
/// ```
/// use evloop_capi::handle::Status;
///
/// assert_eq!(Status::STALE.text(), "the handle names something that is gone");
/// ```
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub i32);

statuses! {
    /// It is done.
    OK = 0, "EVLOOP_OK", "done";
    /// A pointer is missing.
    NULL = -1, "EVLOOP_E_NULL", "a pointer that must not be NULL is, or is not aligned";
    /// Another version of the interface.
    ABI = -2, "EVLOOP_E_ABI", "the header is of another version than the library";
    /// A structure's size.
    SIZE = -3, "EVLOOP_E_SIZE", "a structure's `size` is too small, or it asks for what this library does not know";
    /// A bit or a number that has no meaning.
    BITS = -4, "EVLOOP_E_BITS", "a bit, a flag or a number that has no meaning here";
    /// Out of range.
    RANGE = -5, "EVLOOP_E_RANGE", "a value is out of its range";
    /// No descriptor.
    BAD_FD = -6, "EVLOOP_E_BAD_FD", "the descriptor is not open";
    /// Handle 0.
    ZERO = -7, "EVLOOP_E_ZERO", "the handle is 0, which names nothing";
    /// Gone.
    STALE = -8, "EVLOOP_E_STALE", "the handle names something that is gone";
    /// Made up.
    FOREIGN = -9, "EVLOOP_E_FOREIGN", "the handle was never given out, or not by this loop";
    /// Of another kind.
    KIND = -10, "EVLOOP_E_KIND", "the handle names something of another kind";
    /// Of another thread.
    THREAD = -11, "EVLOOP_E_THREAD", "the loop belongs to another thread";
    /// Not from here.
    BUSY = -12, "EVLOOP_E_BUSY", "the loop is at work: not from inside a callback or destroy function of its own";
    /// Too many.
    LIMIT = -13, "EVLOOP_E_LIMIT", "too many loops, registrations or references";
    /// No memory.
    MEMORY = -14, "EVLOOP_E_MEMORY", "there is no memory";
    /// The system refuses.
    SYSTEM = -15, "EVLOOP_E_SYSTEM", "the system refuses; errno says why";
    /// A panic in the library or in a callback.
    PANIC = -16, "EVLOOP_E_PANIC", "a callback or the library panicked; the registration is removed";
    /// The buffer is too small.
    TOO_SMALL = -17, "EVLOOP_E_TOO_SMALL", "the buffer is too small; the length that is needed has been stored";
    /// The waker's loop is gone.
    GONE = -18, "EVLOOP_E_GONE", "the loop is gone";
    /// Handed over before.
    OWNED = -19, "EVLOOP_E_OWNED", "the library owns this data already: it would be destroyed twice";
    /// Something was left.
    LEFT = -20, "EVLOOP_E_LEFT", "the loop is freed, and something was left in it; evloop_last_report has the list";
}

impl Status {
    /// What it says, in English; "unknown status" for a number that no call answers.
    ///
    /// ```
    /// use evloop_capi::handle::Status;
    ///
    /// assert_eq!(Status(1).text(), "unknown status");
    /// ```
    #[must_use]
    pub fn text(self) -> &'static str {
        let known = Self::ALL.iter().find(|(status, ..)| *status == self);
        known.map_or("unknown status", |(_, _, text)| text)
    }

    /// The system's refusal, with its number in `errno`.
    pub(super) fn system(error: &evloop::Error) -> Self {
        use std::error::Error as _;
        let source = error.source().and_then(|it| it.downcast_ref());
        let number = source.and_then(std::io::Error::raw_os_error);
        set_errno(number.unwrap_or(libc::EINVAL));
        Self::SYSTEM
    }
}

pub(super) fn set_errno(number: i32) {
    // SAFETY: it has no conditions.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: the calling thread's own.
    unsafe { place.write(number) };
}

/// Does the work of a call from C: nothing unwinds out of it.
#[inline]
pub(super) fn answer(work: impl FnOnce() -> Result<(), Status>) -> Status {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => Status::OK,
        Ok(Err(status)) => status,
        Err(panic) => panicked(panic),
    }
}

#[cold]
fn panicked(panic: Box<dyn Any + Send>) -> Status {
    drop_panic(panic);
    Status::PANIC
}

/// What was thrown may throw again when it is dropped: the process ends then.
pub(super) fn drop_panic(panic: Box<dyn Any + Send>) {
    if catch_unwind(AssertUnwindSafe(|| drop(panic))).is_err() {
        std::process::abort();
    }
}
