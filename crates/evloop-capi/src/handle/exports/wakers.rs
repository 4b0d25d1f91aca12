//! What other threads may call.

use super::{LoopHandle, WakerHandle, on_loop};
use crate::handle::abi::{self, Task};
use crate::handle::calls::run_sent;
use crate::handle::id::{Area, Id};
use crate::handle::owned::Sent;
use crate::handle::status::{Status, answer};
use crate::handle::wakers;
use crate::sync::Arc;

/// `evloop_waker_new`.
///
/// # Safety
/// - `out` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_waker_new(events: LoopHandle, out: *mut WakerHandle) -> Status {
    on_loop(events, |state| {
        // SAFETY: the caller's contract is the same.
        let out = unsafe { abi::clear(out) }?;
        out.put(wakers::add(Arc::clone(&state.mailbox)).bits());
        Ok(())
    })
}

/// `evloop_waker_wake`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_waker_wake(waker: WakerHandle) -> Status {
    answer(|| wakers::get(Id::parse(waker, Area::Waker)?)?.wake())
}

/// `evloop_waker_call`.
///
/// # Safety
/// - `task` is null or as long as its first field says; its functions are null or of their types, and may be called with its
///   data on the loop's thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_waker_call(waker: WakerHandle, task: *const Task) -> Status {
    answer(|| {
        let mailbox = wakers::get(Id::parse(waker, Area::Waker)?)?;
        // SAFETY: the caller's contract is the same.
        let task = unsafe { abi::read(task) }?;
        mailbox.send(Sent::new(&task)?, run_sent)
    })
}

/// `evloop_waker_free`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_waker_free(waker: WakerHandle) -> Status {
    answer(|| wakers::remove(Id::parse(waker, Area::Waker)?))
}
