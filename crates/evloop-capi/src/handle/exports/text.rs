//! Text, in by pointer and length, out into the caller's buffer.

use std::cell::RefCell;
use std::ffi::c_char;

use super::{LoopHandle, on_loop};
use crate::handle::abi;
use crate::handle::id::{Area, Id};
use crate::handle::registry;
use crate::handle::state::State;
use crate::handle::status::{Status, answer};

thread_local! {
    static LAST_REPORT: RefCell<String> = const { RefCell::new(String::new()) };
}

pub(super) fn keep_report(report: String) {
    // At the end of a thread it is nobody's any more.
    drop(LAST_REPORT.try_with(|it| it.replace(report)));
}

/// `evloop_method`.
///
/// # Safety
/// - `capacity` bytes can be written at `buffer`, which may be null if that is 0; `needed` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_method(
    events: LoopHandle,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> Status {
    on_loop(events, |state| {
        let method = state.lend(|events| events.backend())?.to_string();
        // SAFETY: the caller's contract is the same.
        unsafe { abi::put_text(method.as_bytes(), buffer, capacity, needed) }
    })
}

/// `evloop_ledger`.
///
/// # Safety
/// - As [`evloop_method`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_ledger(
    events: LoopHandle,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> Status {
    on_loop(events, |state| {
        let text = state.ledger_text();
        // SAFETY: the caller's contract is the same.
        unsafe { abi::put_text(text.as_bytes(), buffer, capacity, needed) }
    })
}

/// `evloop_last_report`.
///
/// # Safety
/// - As [`evloop_method`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_last_report(
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> Status {
    answer(|| {
        let report = LAST_REPORT.try_with(|it| it.borrow().clone());
        let report = report.unwrap_or_default();
        // SAFETY: the caller's contract is the same.
        unsafe { abi::put_text(report.as_bytes(), buffer, capacity, needed) }
    })
}

/// `evloop_status_text`.
///
/// # Safety
/// - As [`evloop_method`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_status_text(
    status: Status,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> Status {
    // SAFETY: the caller's contract is the same.
    answer(|| unsafe { abi::put_text(status.text().as_bytes(), buffer, capacity, needed) })
}

/// `evloop_set_name`.
///
/// # Safety
/// - `length` bytes can be read at `name`, which may be null if that is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_set_name(
    handle: u64,
    name: *const c_char,
    length: usize,
) -> Status {
    answer(|| {
        with_named(handle, |state, id| {
            // SAFETY: the caller's contract is the same.
            state.set_name(id, unsafe { abi::text(name, length) }?);
            Ok(())
        })
    })
}

/// `evloop_get_name`.
///
/// # Safety
/// - As [`evloop_method`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_get_name(
    handle: u64,
    buffer: *mut c_char,
    capacity: usize,
    needed: *mut usize,
) -> Status {
    answer(|| {
        with_named(handle, |state, id| {
            let name = state.name(id);
            // SAFETY: the caller's contract is the same.
            unsafe { abi::put_text(name.as_deref().unwrap_or(b""), buffer, capacity, needed) }
        })
    })
}

/// What can have a name: loops, registrations, shared data.
fn with_named(
    handle: u64,
    work: impl FnOnce(&State, Id) -> Result<(), Status>,
) -> Result<(), Status> {
    if handle == 0 {
        return Err(Status::ZERO);
    }
    let id = Id::any(handle);
    if id.area() == Area::Waker {
        return Err(Status::KIND);
    }
    registry::with(id, |state| {
        match id.area() {
            Area::Watch => state.watches.borrow_mut().get(id).map(drop)?,
            Area::Shared => state.with_shared(id, |_| Ok(()))?,
            _ => state.is_named(id)?,
        }
        work(state, id)
    })
}
