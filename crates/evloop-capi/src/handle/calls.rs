//! Calls into C, and what they leave behind.

use std::ffi::c_void;
use std::rc::Rc;

use evloop::{Call, Error, Event, Loop, Token};

use super::abi::Callback;
use super::bits::Ready;
use super::id::{Area, Id};
use super::owned::{Job, Owned, Sent};
use super::registry::with_running;
use super::state::State;
use super::status::Status;
use super::watches::{Kind, Watch};

/// What a registration has as its callback, in either form. It captures nothing, so that it is not allocated.
pub(super) fn told(events: &mut Loop, event: Event) {
    with_running(|state| state.tell(events, event));
}

pub(super) const TOLD: Call = Call {
    function: |events, event, _, _| told(events, event),
    context: std::ptr::null_mut(),
    data: 0,
};

pub(super) fn run_deferred(events: &mut Loop) {
    with_running(|state| {
        let job = state.deferred.borrow_mut().pop_front();
        if let Some(job) = job {
            state.do_job(events, job);
        }
    });
}

pub(super) fn run_sent(events: &mut Loop) {
    with_running(|state| {
        if let Some(sent) = state.mailbox.receive() {
            let (call, owned) = sent.into_parts();
            let owned = state.counted(owned);
            state.note_taken(&owned, "evloop_waker_call", state.id);
            state.do_job(events, Job { call, owned });
        }
    });
}

impl State {
    #[inline]
    fn tell(&self, events: &mut Loop, event: Event) {
        let is_due = event.ready.contains(evloop::Ready::TIMER);
        let (id, call, owned) = {
            let mut watches = self.watches.borrow_mut();
            let Some((id, watch)) = watches.at(event.token) else {
                return;
            };
            if is_due {
                watch.kind.note_due();
            }
            (id, watch.call, Rc::clone(&watch.owned))
        };
        let ready = Ready::from_evloop(event.ready);
        self.call_out_of(events, || {
            let data = owned.data;
            let mut called = Called::begin(self, owned, Some(id));
            // SAFETY: the caller of the registration gave a function of this type, and data for it, which is there until
            // `called` lets it go.
            unsafe { call(self.id.bits(), id.bits(), ready, data) };
            called.is_back = true;
            if is_due {
                self.remove_if_over(id);
            }
        });
    }

    fn do_job(&self, events: &mut Loop, job: Job) {
        self.call_out_of(events, || {
            let data: *mut c_void = job.owned.data;
            let mut called = Called::begin(self, job.owned, None);
            // SAFETY: as above, for the task.
            unsafe { (job.call)(self.id.bits(), data) };
            called.is_back = true;
        });
    }

    /// Registers a callback with what `add` makes of it.
    ///
    /// # Errors
    /// Nothing is registered, and the data is still the caller's.
    pub(super) fn register(
        &self,
        callback: &Callback,
        kind: Kind,
        name: &'static str,
        add: impl FnOnce(&mut Loop) -> Result<Token, Error>,
    ) -> Result<Id, Status> {
        let call = callback.call.ok_or(Status::NULL)?;
        let owned = self.data_of(callback)?;
        self.watches.borrow_mut().reserve()?;
        let added = self.lend(|events| add(events))?;
        let token = added.map_err(|error| Status::system(&error))?;
        let id = self.watches.borrow().id_for(token).inspect_err(|_| {
            // It cannot be busy, for it has just added.
            _ = self.lend(|events| events.remove(token));
        })?;
        if callback.shared == 0 {
            self.note_taken(&owned, name, id);
        }
        let watch = Watch {
            token,
            kind,
            call,
            owned,
        };
        self.watches.borrow_mut().put(id, watch);
        Ok(id)
    }

    fn data_of(&self, callback: &Callback) -> Result<Rc<Owned>, Status> {
        if callback.shared == 0 {
            let owned = Owned {
                data: callback.data,
                destroy: callback.destroy,
            };
            self.may_take(&owned)?;
            return Ok(self.counted(owned));
        }
        if !callback.data.is_null() || callback.destroy.is_some() {
            return Err(Status::BITS);
        }
        let id = Id::parse(callback.shared, Area::Shared)?;
        if id.number() != self.id.number() {
            return Err(Status::FOREIGN);
        }
        self.with_shared(id, |shared| Ok(Rc::clone(&shared.owned)))
    }

    /// Has a task called by the loop later.
    pub(super) fn defer(&self, sent: Sent) -> Result<(), Status> {
        let (call, owned) = sent.into_parts();
        self.may_take(&owned)?;
        self.lend(|events| events.defer(run_deferred))?;
        let owned = self.counted(owned);
        self.note_taken(&owned, "evloop_defer", self.id);
        self.deferred.borrow_mut().push_back(Job { call, owned });
        Ok(())
    }

    /// Removes a registration, and lets its data go.
    pub(super) fn remove(&self, id: Id) -> Result<(), Status> {
        let token = self.watches.borrow_mut().get(id)?.token;
        self.lend(|events| events.remove(token))?;
        self.forget(id);
        Ok(())
    }

    /// Lets the data of a registration go that the loop does not have any more.
    fn forget(&self, id: Id) {
        let watch = self.watches.borrow_mut().take(id);
        self.forget_name(id);
        if let Some(watch) = watch {
            self.release(watch.owned);
        }
    }

    fn remove_if_over(&self, id: Id) {
        let is_over = |watch: &mut Watch| watch.kind.is_over();
        if self.watches.borrow_mut().get(id).is_ok_and(is_over) {
            // It was there, and C's code is not at work with the loop now.
            _ = self.remove(id);
        }
    }
}

impl Kind {
    fn note_due(&mut self) {
        if let Self::Timer {
            is_periodic,
            is_armed,
            ..
        } = self
        {
            *is_armed = *is_periodic;
        }
    }

    const fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Timer {
                is_removed: true,
                is_armed: false,
                ..
            }
        )
    }
}

/// A reference to data while a function of C's runs with it. Where that unwinds, the registration goes too: the loop removes
/// it.
struct Called<'a> {
    state: &'a State,
    owned: Option<Rc<Owned>>,
    watch: Option<Id>,
    is_back: bool,
}

impl<'a> Called<'a> {
    fn begin(state: &'a State, owned: Rc<Owned>, watch: Option<Id>) -> Self {
        Self {
            state,
            owned: Some(owned),
            watch,
            is_back: false,
        }
    }
}

impl Drop for Called<'_> {
    fn drop(&mut self) {
        if !self.is_back
            && let Some(id) = self.watch
        {
            self.state.forget(id);
        }
        if let Some(owned) = self.owned.take() {
            self.state.release(owned);
        }
    }
}
