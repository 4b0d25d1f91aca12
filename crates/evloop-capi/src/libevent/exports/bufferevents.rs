//! Bufferevents.

use std::ffi::{c_int, c_short, c_void};
use std::ptr;

use super::buffers::evbuffer_add;
use crate::libevent::buffer::{self, Evbuffer};
use crate::libevent::bufferevent::{self, Bufferevent, DataCallback, EventCallback};

/// `bufferevent_new`, of the base of `event_init`.
///
/// # Safety
/// - The callbacks may be called with the argument until the bufferevent is freed.
#[unsafe(export_name = "ev2_bufferevent_new")]
pub unsafe extern "C" fn bufferevent_new(
    fd: c_int,
    read: Option<DataCallback>,
    written: Option<DataCallback>,
    event: Option<EventCallback>,
    argument: *mut c_void,
) -> *mut Bufferevent {
    bufferevent::create(fd, (read, written, event), argument)
}

/// `bufferevent_free`, from one of its own callbacks too. One that was freed is told and left alone.
///
/// # Safety
/// - `bufferevent` is null or came from [`bufferevent_new`]; it may have been freed. No other thread uses it.
#[unsafe(export_name = "ev2_bufferevent_free")]
pub unsafe extern "C" fn bufferevent_free(bufferevent: *mut Bufferevent) {
    bufferevent::free(bufferevent);
}

/// `bufferevent_enable`.
///
/// # Safety
/// - As [`bufferevent_free`].
#[unsafe(export_name = "ev2_bufferevent_enable")]
pub unsafe extern "C" fn bufferevent_enable(bufferevent: *mut Bufferevent, what: c_short) -> c_int {
    // SAFETY: the caller's contract is the same.
    let whose = unsafe { bufferevent::at(bufferevent, "bufferevent_enable") };
    whose.map_or(-1, |it| it.enable(what))
}

/// `bufferevent_disable`.
///
/// # Safety
/// - As [`bufferevent_free`].
#[unsafe(export_name = "ev2_bufferevent_disable")]
pub unsafe extern "C" fn bufferevent_disable(
    bufferevent: *mut Bufferevent,
    what: c_short,
) -> c_int {
    // SAFETY: the caller's contract is the same.
    let whose = unsafe { bufferevent::at(bufferevent, "bufferevent_disable") };
    whose.map_or(-1, |it| {
        it.disable(what);
        0
    })
}

/// `bufferevent_setwatermark`.
///
/// # Safety
/// - As [`bufferevent_free`].
#[unsafe(export_name = "ev2_bufferevent_setwatermark")]
pub unsafe extern "C" fn bufferevent_setwatermark(
    bufferevent: *mut Bufferevent,
    what: c_short,
    low: usize,
    high: usize,
) {
    // SAFETY: the caller's contract is the same.
    if let Some(whose) = unsafe { bufferevent::at(bufferevent, "bufferevent_setwatermark") } {
        whose.set_watermark(what, low, high);
    }
}

/// `bufferevent_write`.
///
/// # Safety
/// - As [`bufferevent_free`]; `data` has `length` readable bytes, which are not this bufferevent's.
#[unsafe(export_name = "ev2_bufferevent_write")]
pub unsafe extern "C" fn bufferevent_write(
    bufferevent: *mut Bufferevent,
    data: *const c_void,
    length: usize,
) -> c_int {
    // SAFETY: the caller's contract is the same.
    let Some(whose) = (unsafe { bufferevent::at(bufferevent, "bufferevent_write") }) else {
        return -1;
    };
    // SAFETY: a buffer of the bufferevent; the data as the caller says.
    unsafe { evbuffer_add(whose.get().output, data, length) }
}

/// `bufferevent_write_buffer`: takes all out of `buffer`.
///
/// # Safety
/// - As [`bufferevent_free`]; `buffer` as for `evbuffer_free`, and not this bufferevent's output.
#[unsafe(export_name = "ev2_bufferevent_write_buffer")]
pub unsafe extern "C" fn bufferevent_write_buffer(
    bufferevent: *mut Bufferevent,
    buffer: *mut Evbuffer,
) -> c_int {
    let what = "bufferevent_write_buffer";
    // SAFETY: the caller's contract is the same.
    let Some(whose) = (unsafe { bufferevent::at(bufferevent, what) }) else {
        return -1;
    };
    let output = whose.get().output;
    if ptr::eq(output, buffer) {
        return -1;
    }
    let take = |from: &mut buffer::Buffer| {
        let add = |to: &mut buffer::Buffer| to.add(from.bytes());
        // SAFETY: a buffer of the bufferevent, and another one than `from`.
        let added = unsafe { buffer::with(output, what, add) };
        if !matches!(added, Some(Ok(()))) {
            return -1;
        }
        from.drain(from.len());
        0
    };
    // SAFETY: the caller's contract is the same.
    unsafe { buffer::with(buffer, what, take) }.unwrap_or(-1)
}

/// `bufferevent_get_input`.
///
/// # Safety
/// - As [`bufferevent_free`].
#[unsafe(export_name = "ev2_bufferevent_get_input")]
pub unsafe extern "C" fn bufferevent_get_input(bufferevent: *mut Bufferevent) -> *mut Evbuffer {
    // SAFETY: the caller's contract is the same.
    let whose = unsafe { bufferevent::at(bufferevent, "bufferevent_get_input") };
    whose.map_or(ptr::null_mut(), |it| it.get().input)
}

/// `bufferevent_get_output`.
///
/// # Safety
/// - As [`bufferevent_free`].
#[unsafe(export_name = "ev2_bufferevent_get_output")]
pub unsafe extern "C" fn bufferevent_get_output(bufferevent: *mut Bufferevent) -> *mut Evbuffer {
    // SAFETY: the caller's contract is the same.
    let whose = unsafe { bufferevent::at(bufferevent, "bufferevent_get_output") };
    whose.map_or(ptr::null_mut(), |it| it.get().output)
}
