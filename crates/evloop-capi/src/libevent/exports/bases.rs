//! Bases and their loops.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use super::{at_or_current, duration, with_base};
use crate::libevent::base::{self, Base};
use crate::libevent::events;
use crate::libevent::layout::{Callback, EV_TIMEOUT};
use crate::libevent::log::{self, LogCallback, warn};
use crate::libevent::turn;

/// `struct event_config`: the flags alone.
#[derive(Debug)]
pub struct Config {
    flags: c_int,
}

fn pointer(base: Option<&'static Base>) -> *mut Base {
    base.map_or(ptr::null_mut(), |it| ptr::from_ref(it).cast_mut())
}

/// `event_config_new`.
#[unsafe(export_name = "ev2_event_config_new")]
pub extern "C" fn event_config_new() -> *mut Config {
    Box::into_raw(Box::new(Config { flags: 0 }))
}

/// `event_config_free`.
///
/// # Safety
/// - `config` is null or came from [`event_config_new`], and was not freed.
#[unsafe(export_name = "ev2_event_config_free")]
pub unsafe extern "C" fn event_config_free(config: *mut Config) {
    if !config.is_null() {
        // SAFETY: made by `Box::into_raw`, and not freed before, as the caller says.
        drop(unsafe { Box::from_raw(config) });
    }
}

/// `event_config_set_flag`. `EVENT_BASE_FLAG_NOLOCK` and `EVENT_BASE_FLAG_IGNORE_ENV` have a meaning here.
///
/// # Safety
/// - `config` is null or came from [`event_config_new`], and was not freed.
#[unsafe(export_name = "ev2_event_config_set_flag")]
pub unsafe extern "C" fn event_config_set_flag(config: *mut Config, flag: c_int) -> c_int {
    // SAFETY: the caller's contract is the same.
    let Some(config) = (unsafe { config.as_mut() }) else {
        return -1;
    };
    config.flags |= flag;
    0
}

/// `event_init`: a base that calls which name none are for.
#[unsafe(export_name = "ev2_event_init")]
pub extern "C" fn event_init() -> *mut Base {
    let base = Base::create(0);
    if let Some(base) = base {
        base::set_current(base);
    }
    pointer(base)
}

/// `event_base_new`.
#[unsafe(export_name = "ev2_event_base_new")]
pub extern "C" fn event_base_new() -> *mut Base {
    pointer(Base::create(0))
}

/// `event_base_new_with_config`. Without `EVENT_BASE_FLAG_NOLOCK` the base has a lock.
///
/// # Safety
/// - `config` is null or came from [`event_config_new`], and was not freed.
#[unsafe(export_name = "ev2_event_base_new_with_config")]
pub unsafe extern "C" fn event_base_new_with_config(config: *const Config) -> *mut Base {
    // SAFETY: the caller's contract is the same.
    let flags = unsafe { config.as_ref() }.map_or(0, |it| it.flags);
    pointer(Base::create(flags))
}

/// `event_base_free`. A base that runs ends when the callback that runs returns; one that was freed is told.
///
/// # Safety
/// - `base` is null or came from a function that makes bases; it may have been freed.
#[unsafe(export_name = "ev2_event_base_free")]
pub unsafe extern "C" fn event_base_free(base: *mut Base) {
    // SAFETY: the caller's contract is the same.
    match unsafe { at_or_current(base) } {
        None => warn("event_base_free: no base to free"),
        Some(base) => {
            if let Err(refused) = base.free() {
                refused.tell("event_base_free");
            }
        }
    }
}

/// `event_reinit`.
///
/// # Safety
/// - As [`event_base_free`].
#[unsafe(export_name = "ev2_event_reinit")]
pub unsafe extern "C" fn event_reinit(base: *mut Base) -> c_int {
    // SAFETY: the caller's contract is the same.
    let base = unsafe { at_or_current(base) };
    with_base(base, "event_reinit", turn::renew)
}

/// `event_base_loop`.
///
/// # Safety
/// - As [`event_base_free`].
#[unsafe(export_name = "ev2_event_base_loop")]
pub unsafe extern "C" fn event_base_loop(base: *mut Base, flags: c_int) -> c_int {
    // SAFETY: the caller's contract is the same.
    let base = unsafe { at_or_current(base) };
    with_base(base, "event_base_loop", |base| turn::run(base, flags))
}

/// `event_base_dispatch`.
///
/// # Safety
/// - As [`event_base_free`].
#[unsafe(export_name = "ev2_event_base_dispatch")]
pub unsafe extern "C" fn event_base_dispatch(base: *mut Base) -> c_int {
    // SAFETY: the caller's contract is the same.
    unsafe { event_base_loop(base, 0) }
}

/// `event_loop`.
#[unsafe(export_name = "ev2_event_loop")]
pub extern "C" fn event_loop(flags: c_int) -> c_int {
    with_base(base::current(), "event_loop", |base| turn::run(base, flags))
}

/// `event_dispatch`.
#[unsafe(export_name = "ev2_event_dispatch")]
pub extern "C" fn event_dispatch() -> c_int {
    event_loop(0)
}

/// `event_base_loopbreak`. From another thread and from a signal's handler too: the loop is woken.
///
/// # Safety
/// - As [`event_base_free`].
#[unsafe(export_name = "ev2_event_base_loopbreak")]
pub unsafe extern "C" fn event_base_loopbreak(base: *mut Base) -> c_int {
    // SAFETY: the caller's contract is the same.
    let base = unsafe { base::at(base) };
    with_base(base, "event_base_loopbreak", events::break_now)
}

/// `event_base_loopexit`. Without a time also from another thread and from a signal's handler: the loop is woken.
///
/// # Safety
/// - As [`event_base_free`]; `time` is null or readable.
#[unsafe(export_name = "ev2_event_base_loopexit")]
pub unsafe extern "C" fn event_base_loopexit(base: *mut Base, time: *const libc::timeval) -> c_int {
    // SAFETY: the caller's contract is the same.
    let time = unsafe { duration(time) };
    // SAFETY: the caller's contract is the same.
    let base = unsafe { at_or_current(base) };
    with_base(base, "event_base_loopexit", |base| {
        events::exit_after(base, time)
    })
}

/// `event_loopexit`.
///
/// # Safety
/// - `time` is null or readable.
#[unsafe(export_name = "ev2_event_loopexit")]
pub unsafe extern "C" fn event_loopexit(time: *const libc::timeval) -> c_int {
    // SAFETY: the caller's contract is the same.
    unsafe { event_base_loopexit(ptr::null_mut(), time) }
}

/// `event_once`.
///
/// # Safety
/// - `time` is null or readable; the callback may be called with the argument.
#[unsafe(export_name = "ev2_event_once")]
pub unsafe extern "C" fn event_once(
    fd: c_int,
    events: std::ffi::c_short,
    callback: Option<Callback>,
    argument: *mut c_void,
    time: *const libc::timeval,
) -> c_int {
    // SAFETY: the caller's contract is the same.
    let time = unsafe { duration(time) };
    let fd = if events == EV_TIMEOUT { -1 } else { fd };
    with_base(base::current(), "event_once", |base| {
        events::once(base, fd, events, callback, argument, time)
    })
}

/// `event_base_get_method`: `epoll`, `poll` or `io_uring`; null for a base that was freed.
///
/// # Safety
/// - As [`event_base_free`].
#[unsafe(export_name = "ev2_event_base_get_method")]
pub unsafe extern "C" fn event_base_get_method(base: *const Base) -> *const c_char {
    // SAFETY: the caller's contract is the same.
    let base = unsafe { base::at(base) };
    base.and_then(turn::method)
        .map_or(ptr::null(), CStr::as_ptr)
}

/// `event_get_method`.
#[unsafe(export_name = "ev2_event_get_method")]
pub extern "C" fn event_get_method() -> *const c_char {
    let method = base::current().and_then(turn::method);
    method.map_or(ptr::null(), CStr::as_ptr)
}

/// `event_get_version`: that of the libevent whose interface this is.
#[unsafe(export_name = "ev2_event_get_version")]
pub const extern "C" fn event_get_version() -> *const c_char {
    c"2.1.12-stable".as_ptr()
}

/// `event_set_log_callback`.
#[unsafe(export_name = "ev2_event_set_log_callback")]
pub extern "C" fn event_set_log_callback(callback: Option<LogCallback>) {
    log::set_callback(callback);
}
