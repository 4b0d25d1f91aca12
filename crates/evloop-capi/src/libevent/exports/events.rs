//! Events.

use std::ffi::{c_int, c_short, c_void};
use std::mem::size_of;
use std::ptr;

use super::duration;
use crate::libevent::base::{self, Base};
use crate::libevent::events;
use crate::libevent::layout::{Callback, EV_TIMEOUT, Event};
use crate::libevent::log::warn;
use crate::libevent::slabs::Slabs;

/// What `event_new` made.
static MADE: Slabs<Blank> = Slabs::new(Blank(Event::BLANK));

/// An event that is in nobody's hands.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
struct Blank(Event);

// SAFETY: its pointers are null.
unsafe impl Sync for Blank {}
// SAFETY: as above.
unsafe impl Send for Blank {}

/// `event_assign`. An event of the same address that is pending in this base is removed before.
///
/// # Safety
/// - `event` is null or has the room of an event, which need not be initialised.
/// - `base` is null or came from a function that makes bases; it may have been freed.
/// - When the event is added, the callback may be called with the argument.
#[unsafe(export_name = "ev2_event_assign")]
pub unsafe extern "C" fn event_assign(
    event: *mut Event,
    base: *mut Base,
    fd: c_int,
    events: c_short,
    callback: Option<Callback>,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: the caller's contract is the same.
    let base = unsafe { base::at(base) }.or_else(base::current);
    // SAFETY: the caller's contract is the same.
    unsafe { events::assign(event, base, fd, events, callback, argument) }
}

/// `event_set`: for the base of `event_init`, or of `event_base_set`.
///
/// # Safety
/// - As [`event_assign`].
#[unsafe(export_name = "ev2_event_set")]
pub unsafe extern "C" fn event_set(
    event: *mut Event,
    fd: c_int,
    events: c_short,
    callback: Option<Callback>,
    argument: *mut c_void,
) {
    // SAFETY: the caller's contract is the same.
    unsafe { events::assign(event, base::current(), fd, events, callback, argument) };
}

/// `event_base_set`. -1 for an event that is pending.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed; `base` as for [`event_assign`].
#[unsafe(export_name = "ev2_event_base_set")]
pub unsafe extern "C" fn event_base_set(base: *mut Base, event: *mut Event) -> c_int {
    // SAFETY: the caller's contract is the same.
    let Some(base) = (unsafe { base::at(base) }) else {
        return -1;
    };
    // SAFETY: the caller's contract is the same.
    unsafe { events::set_base(base, event) }
}

/// `event_new`. Its memory is this library's: a pointer to an event that was freed does no harm.
///
/// # Safety
/// - `base` as for [`event_assign`]; the callback may be called with the argument when the event is added.
#[unsafe(export_name = "ev2_event_new")]
pub unsafe extern "C" fn event_new(
    base: *mut Base,
    fd: c_int,
    events: c_short,
    callback: Option<Callback>,
    argument: *mut c_void,
) -> *mut Event {
    let block = MADE.take();
    if block.is_null() {
        return ptr::null_mut();
    }
    let event = block.cast::<Event>();
    // SAFETY: a block has the room; the rest as the caller says.
    if unsafe { event_assign(event, base, fd, events, callback, argument) } != 0 {
        MADE.give_back(block);
        return ptr::null_mut();
    }
    event
}

/// `event_free`. One that was freed, and one that `event_new` did not make, is told and left alone.
///
/// # Safety
/// - `event` is null or any pointer; what it points to is looked at if `event_new` made it.
#[unsafe(export_name = "ev2_event_free")]
pub unsafe extern "C" fn event_free(event: *mut Event) {
    let block = event.cast::<Blank>();
    if !MADE.has(block) {
        return warn("event_free: this is no event that event_new made, or it was freed before");
    }
    // SAFETY: a block that is in use.
    unsafe { events::del(event) };
    MADE.give_back(block);
}

/// `event_add`. One whose descriptor the kernel refuses is told once with what it waits for; libevent answers -1.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed; `time` is null or readable.
#[unsafe(export_name = "ev2_event_add")]
pub unsafe extern "C" fn event_add(event: *mut Event, time: *const libc::timeval) -> c_int {
    // SAFETY: the caller's contract is the same.
    let time = unsafe { duration(time) };
    // SAFETY: the caller's contract is the same.
    unsafe { events::add(event, time) }
}

/// `event_del`.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed.
#[unsafe(export_name = "ev2_event_del")]
pub unsafe extern "C" fn event_del(event: *mut Event) -> c_int {
    // SAFETY: the caller's contract is the same.
    unsafe { events::del(event) }
}

/// `event_active`. From another thread, too, if the base has a lock.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed.
#[unsafe(export_name = "ev2_event_active")]
pub unsafe extern "C" fn event_active(event: *mut Event, result: c_int, calls: c_short) {
    // SAFETY: the caller's contract is the same.
    unsafe { events::activate(event, result as c_short, calls) };
}

/// `event_pending`.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed; `time` is null or writable.
#[unsafe(export_name = "ev2_event_pending")]
pub unsafe extern "C" fn event_pending(
    event: *const Event,
    events: c_short,
    time: *mut libc::timeval,
) -> c_int {
    // SAFETY: the caller's contract is the same.
    let (pending, left) = unsafe { events::pending(event) };
    let told = pending & events;
    if let Some(left) = left.filter(|_| told & EV_TIMEOUT != 0 && !time.is_null()) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let at = now.unwrap_or_default() + left;
        let at = libc::timeval {
            tv_sec: i64::try_from(at.as_secs()).unwrap_or(i64::MAX),
            tv_usec: at.subsec_micros().into(),
        };
        // SAFETY: writable, as the caller says.
        unsafe { time.write(at) };
    }
    told.into()
}

/// `event_initialized`.
///
/// # Safety
/// - `event` is null or readable.
#[unsafe(export_name = "ev2_event_initialized")]
pub unsafe extern "C" fn event_initialized(event: *const Event) -> c_int {
    // SAFETY: the caller's contract is the same.
    unsafe { event.as_ref() }
        .is_some_and(Event::is_assigned)
        .into()
}

/// `event_get_struct_event_size`: 128.
#[unsafe(export_name = "ev2_event_get_struct_event_size")]
pub const extern "C" fn event_get_struct_event_size() -> usize {
    size_of::<Event>()
}
