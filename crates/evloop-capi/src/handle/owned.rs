//! What C hands over.

use std::ffi::c_void;
use std::rc::Rc;

use super::abi::{DestroyFn, Task, TaskFn};
use super::status::Status;

/// User data, with what ends it. It is counted; who has the last reference calls
/// [`State::release`](super::state::State::release).
#[derive(Clone, Copy)]
pub(super) struct Owned {
    pub(super) data: *mut c_void,
    /// `None` for data that stays the caller's.
    pub(super) destroy: Option<DestroyFn>,
}

/// A call that is made once, and its data.
pub(super) struct Job {
    pub(super) call: TaskFn,
    pub(super) owned: Rc<Owned>,
}

/// A task on its way to the loop's thread.
pub(super) struct Sent {
    call: TaskFn,
    owned: Owned,
}

// SAFETY: C says so by handing the data to a call that is made on another thread.
unsafe impl Send for Sent {}

impl Sent {
    pub(super) fn new(task: &Task) -> Result<Self, Status> {
        Ok(Self {
            call: task.call.ok_or(Status::NULL)?,
            owned: Owned {
                data: task.data,
                destroy: task.destroy,
            },
        })
    }

    pub(super) fn into_parts(self) -> (TaskFn, Owned) {
        (self.call, self.owned)
    }
}
