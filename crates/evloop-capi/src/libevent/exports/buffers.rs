//! Buffers. `evbuffer_add_printf` and `evbuffer_add_vprintf` are in `printf.c`.

use std::ffi::{c_char, c_int, c_void};
use std::io;
use std::ptr;

use crate::libevent::buffer::{self, Eol, Evbuffer};

/// A count or -1, with the error's number where C looks for it.
fn answer(result: Option<io::Result<usize>>) -> c_int {
    match result {
        Some(Ok(count)) => c_int::try_from(count).unwrap_or(c_int::MAX),
        Some(Err(error)) => {
            // SAFETY: this thread's own.
            let errno = unsafe { libc::__errno_location() };
            // SAFETY: as above.
            unsafe { errno.write(error.raw_os_error().unwrap_or(libc::ENOMEM)) };
            -1
        }
        None => -1,
    }
}

/// `evbuffer_new`.
#[unsafe(export_name = "ev2_evbuffer_new")]
pub extern "C" fn evbuffer_new() -> *mut Evbuffer {
    buffer::create(None)
}

/// `evbuffer_free`. One that was freed, and one of a bufferevent, is told and left alone.
///
/// # Safety
/// - `buffer` is null or came from [`evbuffer_new`]; it may have been freed. No other thread uses it.
#[unsafe(export_name = "ev2_evbuffer_free")]
pub unsafe extern "C" fn evbuffer_free(buffer: *mut Evbuffer) {
    let what = "evbuffer_free";
    // SAFETY: the caller's contract is the same.
    match unsafe { buffer::with(buffer, what, |it| it.watcher.is_some()) } {
        Some(false) => buffer::free(buffer, what),
        Some(true) => {
            crate::libevent::log::warn("evbuffer_free: this evbuffer is of a bufferevent");
        }
        None => {}
    }
}

/// `evbuffer_get_length`.
///
/// # Safety
/// - As [`evbuffer_free`].
#[unsafe(export_name = "ev2_evbuffer_get_length")]
pub unsafe extern "C" fn evbuffer_get_length(buffer: *const Evbuffer) -> usize {
    // SAFETY: the caller's contract is the same.
    unsafe { buffer::with(buffer, "evbuffer_get_length", |it| it.len()) }.unwrap_or(0)
}

/// `evbuffer_add`.
///
/// # Safety
/// - As [`evbuffer_free`]; `data` has `length` readable bytes, which are not this buffer's.
#[unsafe(export_name = "ev2_evbuffer_add")]
pub unsafe extern "C" fn evbuffer_add(
    buffer: *mut Evbuffer,
    data: *const c_void,
    length: usize,
) -> c_int {
    let bytes = match length {
        0 => &[],
        // SAFETY: the caller's contract is the same.
        _ => unsafe { std::slice::from_raw_parts(data.cast::<u8>(), length) },
    };
    // SAFETY: the caller's contract is the same.
    let added = unsafe { buffer::with(buffer, "evbuffer_add", |it| it.add(bytes)) };
    answer(added.map(|it| it.map(|()| 0)))
}

/// `evbuffer_drain`.
///
/// # Safety
/// - As [`evbuffer_free`].
#[unsafe(export_name = "ev2_evbuffer_drain")]
pub unsafe extern "C" fn evbuffer_drain(buffer: *mut Evbuffer, length: usize) -> c_int {
    // SAFETY: the caller's contract is the same.
    let drained = unsafe { buffer::with(buffer, "evbuffer_drain", |it| it.drain(length)) };
    if drained.is_some() { 0 } else { -1 }
}

/// `evbuffer_pullup`: what is in a buffer is in one piece here.
///
/// # Safety
/// - As [`evbuffer_free`].
#[unsafe(export_name = "ev2_evbuffer_pullup")]
pub unsafe extern "C" fn evbuffer_pullup(buffer: *mut Evbuffer, size: isize) -> *mut u8 {
    let find = |it: &mut buffer::Buffer| {
        let wanted = usize::try_from(size).unwrap_or(it.len());
        if wanted == 0 || wanted > it.len() {
            return ptr::null_mut();
        }
        it.bytes_mut().as_mut_ptr()
    };
    // SAFETY: the caller's contract is the same.
    unsafe { buffer::with(buffer, "evbuffer_pullup", find) }.unwrap_or(ptr::null_mut())
}

/// `evbuffer_read`.
///
/// # Safety
/// - As [`evbuffer_free`].
#[unsafe(export_name = "ev2_evbuffer_read")]
pub unsafe extern "C" fn evbuffer_read(buffer: *mut Evbuffer, fd: c_int, limit: c_int) -> c_int {
    let limit = usize::try_from(limit).ok();
    // SAFETY: the caller's contract is the same.
    answer(unsafe { buffer::with(buffer, "evbuffer_read", |it| it.read(fd, limit)) })
}

/// `evbuffer_write`. -1 for an empty one, as libevent's.
///
/// # Safety
/// - As [`evbuffer_free`].
#[unsafe(export_name = "ev2_evbuffer_write")]
pub unsafe extern "C" fn evbuffer_write(buffer: *mut Evbuffer, fd: c_int) -> c_int {
    let write = |it: &mut buffer::Buffer| (it.len() > 0).then(|| it.write(fd, usize::MAX));
    // SAFETY: the caller's contract is the same.
    answer(unsafe { buffer::with(buffer, "evbuffer_write", write) }.flatten())
}

/// `evbuffer_readline`: memory that the caller gives to `free`.
///
/// # Safety
/// - As [`evbuffer_free`].
#[unsafe(export_name = "ev2_evbuffer_readline")]
pub unsafe extern "C" fn evbuffer_readline(buffer: *mut Evbuffer) -> *mut c_char {
    // SAFETY: the caller's contract is the same.
    unsafe { evbuffer_readln(buffer, ptr::null_mut(), 0) }
}

/// `evbuffer_readln`: memory that the caller gives to `free`.
///
/// # Safety
/// - As [`evbuffer_free`]; `length` is null or writable.
#[unsafe(export_name = "ev2_evbuffer_readln")]
pub unsafe extern "C" fn evbuffer_readln(
    buffer: *mut Evbuffer,
    length: *mut usize,
    style: c_int,
) -> *mut c_char {
    let read = |it: &mut buffer::Buffer| it.line(Eol::new(style)?);
    // SAFETY: the caller's contract is the same.
    let line = unsafe { buffer::with(buffer, "evbuffer_readln", read) }.flatten();
    if !length.is_null() {
        // SAFETY: writable, as the caller says.
        unsafe { length.write(line.as_ref().map_or(0, Vec::len)) };
    }
    line.map_or(ptr::null_mut(), |line| copy(&line))
}

/// In memory of C's, with a 0 behind.
fn copy(line: &[u8]) -> *mut c_char {
    // SAFETY: any size may be asked for.
    let memory = unsafe { libc::malloc(line.len() + 1) }.cast::<u8>();
    if memory.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: the memory has room for the line and one byte, and is nobody else's.
    unsafe { ptr::copy_nonoverlapping(line.as_ptr(), memory, line.len()) };
    // SAFETY: as above.
    let end = unsafe { memory.add(line.len()) };
    // SAFETY: as above.
    unsafe { end.write(0) };
    memory.cast()
}
