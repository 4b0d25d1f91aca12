//! The functions of `evloop.h`, which documents them.

mod loops;
mod shared;
mod text;
mod wakers;
mod watches;

pub use self::{loops::*, shared::*, text::*, wakers::*, watches::*};

use super::id::{Area, Id};
use super::registry;
use super::state::State;
use super::status::{Status, answer};

/// `evloop_loop`.
pub type LoopHandle = u64;
/// `evloop_watch`.
pub type WatchHandle = u64;
/// `evloop_data`.
pub type DataHandle = u64;
/// `evloop_waker`.
pub type WakerHandle = u64;

/// A call on a loop.
#[inline]
fn on_loop(bits: u64, work: impl FnOnce(&State) -> Result<(), Status>) -> Status {
    answer(|| with_loop(bits, work))
}

/// Does `work` with a loop.
fn with_loop<R>(bits: u64, work: impl FnOnce(&State) -> Result<R, Status>) -> Result<R, Status> {
    let id = Id::parse(bits, Area::Loop)?;
    registry::with(id, |state| {
        state.is_named(id)?;
        work(state)
    })
}

/// A call on a registration. `work` finds out whether it is there.
#[inline]
fn on_watch(bits: u64, work: impl FnOnce(&State, Id) -> Result<(), Status>) -> Status {
    answer(|| {
        let id = Id::parse(bits, Area::Watch)?;
        registry::with(id, |state| work(state, id))
    })
}
