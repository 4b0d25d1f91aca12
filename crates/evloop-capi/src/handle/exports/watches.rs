//! Descriptors, timers, signals.

use std::ffi::{c_int, c_void};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::{LoopHandle, WatchHandle, on_loop, on_watch};
use crate::handle::abi::{self, Callback, NEVER, Timer};
use crate::handle::bits::{Interest, TimerFlags};
use crate::handle::calls::{TOLD, told};
use crate::handle::id::{Area, Id};
use crate::handle::registry;
use crate::handle::state::State;
use crate::handle::status::{Status, answer};
use crate::handle::wakers;
use crate::handle::watches::{Kind, Watch};

/// `evloop_io_add`.
///
/// # Safety
/// - `callback` is null or as long as its first field says; its functions are null or of their types, and may be called with
///   its data; `out` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_io_add(
    events: LoopHandle,
    fd: c_int,
    interest: Interest,
    callback: *const Callback,
    out: *mut WatchHandle,
) -> Status {
    on_loop(events, |state| {
        // SAFETY: the caller's contract is the same.
        let out = unsafe { abi::clear(out) }?;
        // SAFETY: the caller's contract is the same.
        let callback = unsafe { abi::read(callback) }?;
        let interest = interest.to_evloop()?;
        state.check_fd(fd)?;
        // SAFETY: not -1, which was refused; C keeps it open as long as it is watched, and where it does not, the loop's
        // system calls fail or tell of what has the number now: nothing here reads or writes it.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        let id = state.register(&callback, Kind::Io, "evloop_io_add", |events| {
            Ok(events.watch(fd, interest, TOLD))
        })?;
        out.put(id.bits());
        Ok(())
    })
}

/// `evloop_io_set`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_io_set(watch: WatchHandle, interest: Interest) -> Status {
    on_watch(watch, |state, id| {
        let interest = interest.to_evloop()?;
        let token = match state.watches.borrow_mut().get(id)? {
            Watch {
                kind: Kind::Io,
                token,
                ..
            } => *token,
            _ => return Err(Status::KIND),
        };
        state.lend(|events| _ = events.set_interest(token, interest))
    })
}

/// `evloop_timer_add`.
///
/// # Safety
/// - As [`evloop_io_add`]; `timer` is null or as long as its first field says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_timer_add(
    events: LoopHandle,
    timer: *const Timer,
    callback: *const Callback,
    out: *mut WatchHandle,
) -> Status {
    on_loop(events, |state| {
        // SAFETY: the caller's contract is the same.
        let out = unsafe { abi::clear(out) }?;
        // SAFETY: the caller's contract is the same.
        let timer = unsafe { abi::read(timer) }?;
        // SAFETY: the caller's contract is the same.
        let callback = unsafe { abi::read(callback) }?;
        let is_removed = timer.flags.checked()?.has(TimerFlags::REMOVE);
        let is_periodic = timer.every_us > 0;
        if timer.reserved != 0 || (is_removed && is_periodic) {
            return Err(Status::BITS);
        }
        let kind = Kind::Timer {
            is_removed,
            is_periodic,
            is_armed: timer.after_us != NEVER,
        };
        let id = state.register(&callback, kind, "evloop_timer_add", |events| {
            let token = if is_periodic {
                let every = evloop::Timer::every(Duration::from_micros(timer.every_us));
                let token = events.add_timer(every, told);
                events.disarm(token);
                token
            } else {
                events.rest(TOLD)
            };
            if timer.after_us != NEVER {
                events.arm(token, Duration::from_micros(timer.after_us));
            }
            Ok(token)
        })?;
        out.put(id.bits());
        Ok(())
    })
}

/// `evloop_timer_arm`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_timer_arm(watch: WatchHandle, after_us: u64) -> Status {
    on_watch(watch, |state, id| {
        let token = armed(state, id, after_us != NEVER)?;
        state.lend(|events| {
            _ = if after_us == NEVER {
                events.disarm(token)
            } else {
                events.arm(token, Duration::from_micros(after_us))
            };
        })
    })
}

/// Notes whether a timer is armed.
fn armed(state: &State, id: Id, is: bool) -> Result<evloop::Token, Status> {
    let mut watches = state.watches.borrow_mut();
    let watch = watches.get(id)?;
    let Kind::Timer { is_armed, .. } = &mut watch.kind else {
        return Err(Status::KIND);
    };
    *is_armed = is;
    Ok(watch.token)
}

/// `evloop_signal_add`.
///
/// # Safety
/// - As [`evloop_io_add`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_signal_add(
    events: LoopHandle,
    signal: c_int,
    callback: *const Callback,
    out: *mut WatchHandle,
) -> Status {
    on_loop(events, |state| {
        // SAFETY: the caller's contract is the same.
        let out = unsafe { abi::clear(out) }?;
        // SAFETY: the caller's contract is the same.
        let callback = unsafe { abi::read(callback) }?;
        let id = state.register(&callback, Kind::Signal, "evloop_signal_add", |events| {
            events.add_signal(signal, told)
        })?;
        out.put(id.bits());
        Ok(())
    })
}

/// `evloop_set_priority`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_set_priority(watch: WatchHandle, priority: u32) -> Status {
    on_watch(watch, |state, id| {
        let token = state.watches.borrow_mut().get(id)?.token;
        let priority = u8::try_from(priority).map_err(|_| Status::RANGE)?;
        if priority > 3 {
            return Err(Status::RANGE);
        }
        state.lend(|events| _ = events.set_priority(token, priority))
    })
}

/// `evloop_activate`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_activate(watch: WatchHandle) -> Status {
    on_watch(watch, |state, id| {
        let token = state.watches.borrow_mut().get(id)?.token;
        state.lend(|events| _ = events.activate(token))
    })
}

/// `evloop_remove`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_remove(watch: WatchHandle) -> Status {
    on_watch(watch, State::remove)
}

/// `evloop_get_data`.
///
/// # Safety
/// - `out` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_get_data(watch: WatchHandle, out: *mut *mut c_void) -> Status {
    on_watch(watch, |state, id| {
        if out.is_null() || !out.is_aligned() {
            return Err(Status::NULL);
        }
        let data = state.watches.borrow_mut().get(id)?.owned.data;
        // SAFETY: by the caller's contract.
        unsafe { out.write(data) };
        Ok(())
    })
}

/// `evloop_check`: of any kind.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_check(handle: u64) -> Status {
    answer(|| {
        let id = match Id::parse(handle, Area::Watch) {
            Ok(id) => {
                return registry::with(id, |state| state.watches.borrow_mut().get(id).map(|_| ()));
            }
            Err(Status::KIND) => Id::any(handle),
            Err(status) => return Err(status),
        };
        match id.area() {
            Area::Waker => wakers::get(id).map(drop),
            Area::Shared => registry::with(id, |state| state.with_shared(id, |_| Ok(()))),
            _ => registry::with(id, |state| state.is_named(id)),
        }
    })
}
