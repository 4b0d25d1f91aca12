//! Loops.

use evloop::{Ended, Loop};

use super::{LoopHandle, on_loop, with_loop};
use crate::handle::abi::{self, ABI_VERSION, Abi, Options, Stats, Task};
use crate::handle::bits::{self, Flags};
use crate::handle::exports::text::keep_report;
use crate::handle::id::{Area, Id};
use crate::handle::owned::Sent;
use crate::handle::registry;
use crate::handle::state::State;
use crate::handle::status::{Status, answer};

/// `evloop_abi_version`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_abi_version() -> u32 {
    ABI_VERSION
}

/// `evloop_abi_check`.
///
/// # Safety
/// - `abi` is null or as long as its first field says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_abi_check(abi: *const Abi) -> Status {
    answer(|| {
        // SAFETY: the caller's contract is the same.
        let theirs = unsafe { abi::read(abi) }?;
        let ours = Abi::here();
        let sizes = |it: Abi| {
            [
                it.pointer,
                it.options,
                it.callback,
                it.task,
                it.timer,
                it.stats,
            ]
        };
        if sizes(theirs) == sizes(ours) {
            Ok(())
        } else {
            Err(Status::SIZE)
        }
    })
}

/// `evloop_new`.
///
/// # Safety
/// - `options` is null or as long as its first field says; `out` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_new(options: *const Options, out: *mut LoopHandle) -> Status {
    answer(|| {
        // SAFETY: the caller's contract is the same.
        let out = unsafe { abi::clear(out) }?;
        // SAFETY: the caller's contract is the same.
        let options = unsafe { abi::read(options) }?;
        let backend = bits::backend(options.backend)?;
        let is_debug = options.flags.checked()?.has(Flags::DEBUG);
        let id = registry::open(|id, base| {
            let events = Loop::with_backend(backend).map_err(|error| Status::system(&error))?;
            Ok(State::new(id, base, events, is_debug))
        })?;
        out.put(id.bits());
        Ok(())
    })
}

/// `evloop_free`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_free(events: LoopHandle) -> Status {
    answer(|| {
        let id = Id::parse(events, Area::Loop)?;
        let (last_generation, report) = registry::close(id)?.dissolve();
        registry::vacate(id, last_generation);
        let Some(report) = report else {
            return Ok(());
        };
        keep_report(report);
        Err(Status::LEFT)
    })
}

/// `evloop_run`.
///
/// # Safety
/// - `ended` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_run(events: LoopHandle, ended: *mut u32) -> Status {
    answer(|| {
        // SAFETY: the caller's contract is the same.
        let out = (!ended.is_null()).then(|| unsafe { abi::clear(ended) });
        let out = out.transpose()?;
        let why = with_loop(events, |state| state.run(Loop::run))?;
        if let Some(out) = out {
            out.put(match why {
                Ended::NothingLeft => 0,
                Ended::Stopped => 1,
            });
        }
        Ok(())
    })
}

/// `evloop_run_once`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_run_once(events: LoopHandle) -> Status {
    on_loop(events, |state| state.run(Loop::run_once))
}

/// `evloop_poll`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_poll(events: LoopHandle) -> Status {
    on_loop(events, |state| state.run(Loop::poll))
}

/// `evloop_break`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_break(events: LoopHandle) -> Status {
    on_loop(events, |state| state.lend(Loop::stop_now))
}

/// `evloop_exit`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_exit(events: LoopHandle) -> Status {
    on_loop(events, |state| state.lend(Loop::stop))
}

/// `evloop_set_backend`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_set_backend(events: LoopHandle, backend: u32) -> Status {
    on_loop(events, |state| {
        let kind = bits::backend(backend)?;
        let switched = state.lend(|events| events.switch_backend(kind))?;
        switched.map_err(|error| Status::system(&error))
    })
}

/// `evloop_after_fork`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_after_fork(events: LoopHandle) -> Status {
    on_loop(events, |state| {
        let renewed = state.lend(|events| {
            events.after_fork()?;
            state.mailbox.renew(events);
            Ok(())
        })?;
        renewed.map_err(|error| Status::system(&error))
    })
}

/// `evloop_get_backend`.
///
/// # Safety
/// - `out` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_get_backend(events: LoopHandle, out: *mut u32) -> Status {
    on_loop(events, |state| {
        // SAFETY: the caller's contract is the same.
        let out = unsafe { abi::clear(out) }?;
        out.put(bits::backend_number(state.lend(|events| events.backend())?));
        Ok(())
    })
}

/// `evloop_now_us`.
///
/// # Safety
/// - `out` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_now_us(events: LoopHandle, out: *mut u64) -> Status {
    on_loop(events, |state| {
        // SAFETY: the caller's contract is the same.
        let out = unsafe { abi::clear(out) }?;
        let now = state.lend(|events| events.now())?;
        out.put(u64::try_from(now.as_micros()).unwrap_or(u64::MAX));
        Ok(())
    })
}

/// `evloop_get_stats`.
///
/// # Safety
/// - `stats` is null or as long as its first field says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_get_stats(events: LoopHandle, stats: *mut Stats) -> Status {
    on_loop(events, |state| {
        let found = state.stats()?;
        // SAFETY: the caller's contract is the same.
        unsafe { abi::write(stats, found) }
    })
}

/// `evloop_defer`.
///
/// # Safety
/// - `task` is null or as long as its first field says; its functions are null or of their types, and may be called with its
///   data.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_defer(events: LoopHandle, task: *const Task) -> Status {
    on_loop(events, |state| {
        // SAFETY: the caller's contract is the same.
        let task = unsafe { abi::read(task) }?;
        state.defer(Sent::new(&task)?)
    })
}
