//! User data that several registrations share.

use std::ffi::c_void;
use std::rc::Rc;

use super::abi::DestroyFn;
use super::id::{Area, Id};
use super::owned::Owned;
use super::state::State;
use super::status::Status;
use super::wakers;

/// What stands behind a handle of shared data. Registrations count beside it.
pub(super) struct Shared {
    pub(super) owned: Rc<Owned>,
    /// References that C has; the handle goes with the last.
    references: u32,
}

impl State {
    pub(super) fn add_shared(
        &self,
        data: *mut c_void,
        destroy: Option<DestroyFn>,
    ) -> Result<Id, Status> {
        let owned = Owned { data, destroy };
        self.may_take(&owned)?;
        let owned = self.counted(owned);
        let id = wakers::serial(Area::Shared, self.id.number());
        self.note_taken(&owned, "evloop_data_new", id);
        let shared = Shared {
            owned,
            references: 1,
        };
        self.shared.borrow_mut().insert(id, shared);
        Ok(id)
    }

    pub(super) fn with_shared<R>(
        &self,
        id: Id,
        work: impl FnOnce(&mut Shared) -> Result<R, Status>,
    ) -> Result<R, Status> {
        let mut shared = self.shared.borrow_mut();
        work(shared.get_mut(&id).ok_or_else(|| wakers::missing(id))?)
    }

    pub(super) fn release_shared(&self, id: Id) -> Result<(), Status> {
        let is_last = self.with_shared(id, |shared| {
            shared.references -= 1;
            Ok(shared.references == 0)
        })?;
        if is_last {
            let shared = self.shared.borrow_mut().remove(&id);
            self.forget_name(id);
            if let Some(shared) = shared {
                self.release(shared.owned);
            }
        }
        Ok(())
    }
}

impl Shared {
    pub(super) fn retain(&mut self) -> Result<(), Status> {
        self.references = self.references.checked_add(1).ok_or(Status::LIMIT)?;
        Ok(())
    }
}
