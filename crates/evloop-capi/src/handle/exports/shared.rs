//! User data that several registrations share.

use std::ffi::c_void;

use super::{DataHandle, LoopHandle, on_loop};
use crate::handle::abi::{self, DestroyFn};
use crate::handle::id::{Area, Id};
use crate::handle::registry;
use crate::handle::shared::Shared;
use crate::handle::state::State;
use crate::handle::status::{Status, answer};

/// `evloop_data_new`.
///
/// # Safety
/// - `destroy` may be called with `data`; `out` is null or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evloop_data_new(
    events: LoopHandle,
    data: *mut c_void,
    destroy: Option<DestroyFn>,
    out: *mut DataHandle,
) -> Status {
    on_loop(events, |state| {
        // SAFETY: the caller's contract is the same.
        let out = unsafe { abi::clear(out) }?;
        out.put(state.add_shared(data, destroy)?.bits());
        Ok(())
    })
}

/// `evloop_data_retain`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_data_retain(data: DataHandle) -> Status {
    on_data(data, |state, id| state.with_shared(id, Shared::retain))
}

/// `evloop_data_release`.
#[unsafe(no_mangle)]
pub extern "C" fn evloop_data_release(data: DataHandle) -> Status {
    on_data(data, State::release_shared)
}

fn on_data(bits: u64, work: impl FnOnce(&State, Id) -> Result<(), Status>) -> Status {
    answer(|| {
        let id = Id::parse(bits, Area::Shared)?;
        registry::with(id, |state| work(state, id))
    })
}
