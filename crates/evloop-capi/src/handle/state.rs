//! A loop that C has a handle of.
//!
//! # Lending the loop
//!
//! While the loop waits, calls or changes something, Rust has it exclusively, and `events` is null. A callback of C's gets it
//! back for as long as it runs. So a call from C either finds the pointer, and nobody else is at work with the loop, or gets
//! [`Status::BUSY`].

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::os::fd::RawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::rc::Rc;

use evloop::{Error, Loop};

use super::abi::Stats;
use super::id::Id;
use super::ledger::Ledger;
use super::owned::{Job, Owned, Sent};
use super::registry::Running;
use super::shared::Shared;
use super::status::Status;
use super::wakers::Mailbox;
use super::watches::Watches;
use crate::sync::Arc;

/// # Invariants
/// 1. `events` is null or leads to the loop that `whole` is, which nobody else uses as long as C's code runs.
/// 2. `calls_out` is the number of C's functions of this loop on the stack; the state is freed only where it is 0.
/// 3. No `RefCell` is borrowed while C's code runs.
pub(super) struct State {
    pub(super) id: Id,
    /// From `Box::into_raw`.
    whole: *mut Loop,
    events: Cell<*mut Loop>,
    calls_out: Cell<u32>,
    pub(super) watches: RefCell<Watches>,
    pub(super) shared: RefCell<BTreeMap<Id, Shared>>,
    pub(super) deferred: RefCell<VecDeque<Job>>,
    pub(super) mailbox: Arc<Mailbox>,
    /// Counts that nobody refers to, to be used again: what was removed makes room for what is added.
    spare: RefCell<Vec<Rc<Owned>>>,
    names: RefCell<BTreeMap<Id, Rc<[u8]>>>,
    ledger: Option<RefCell<Ledger>>,
    taken: Cell<u64>,
    destroyed: Cell<u64>,
    /// A number of a descriptor that was open: the kernel has given out such, so that tables up to it are of a sane length.
    highest_fd: Cell<RawFd>,
}

impl State {
    pub(super) fn new(id: Id, base: u32, events: Loop, is_debug: bool) -> Self {
        let mailbox = Arc::new(Mailbox::new(&events));
        let whole = Box::into_raw(Box::new(events));
        Self {
            id,
            whole,
            events: Cell::new(whole),
            calls_out: Cell::new(0),
            watches: RefCell::new(Watches::new(id.number(), base)),
            shared: RefCell::default(),
            deferred: RefCell::default(),
            mailbox,
            spare: RefCell::default(),
            names: RefCell::default(),
            ledger: is_debug.then(RefCell::default),
            taken: Cell::new(0),
            destroyed: Cell::new(0),
            highest_fd: Cell::new(-1),
        }
    }

    /// Whether this is the loop that the handle names.
    pub(super) fn is_named(&self, id: Id) -> Result<(), Status> {
        if self.id == id {
            return Ok(());
        }
        let was_given = (1..self.id.generation()).contains(&id.generation()) && id.slot() == 0;
        Err(if was_given {
            Status::STALE
        } else {
            Status::FOREIGN
        })
    }

    pub(super) fn can_be_freed(&self, id: Id) -> Result<(), Status> {
        self.is_named(id)?;
        if self.calls_out.get() > 0 || self.events.get().is_null() {
            return Err(Status::BUSY);
        }
        Ok(())
    }

    /// Has `work` use the loop. It may not call C's code but by way of the loop's callbacks.
    ///
    /// # Errors
    /// Somebody uses it.
    #[inline]
    pub(super) fn lend<R>(&self, work: impl FnOnce(&mut Loop) -> R) -> Result<R, Status> {
        let events = self.events.replace(null_mut());
        if events.is_null() {
            return Err(Status::BUSY);
        }
        let _back = Back {
            place: &self.events,
            pointer: events,
        };
        // SAFETY: the first invariant; taking it out of `events` has made it this call's alone.
        Ok(work(unsafe { &mut *events }))
    }

    /// Has the loop wait and call.
    pub(super) fn run<R>(
        &self,
        work: impl FnOnce(&mut Loop) -> Result<R, Error>,
    ) -> Result<R, Status> {
        let _running = Running::enter(self);
        self.lend(work)?.map_err(|error| Status::system(&error))
    }

    /// Has `call`, which is C's code that `events` calls, use the loop meanwhile.
    #[inline]
    pub(super) fn call_out_of(&self, events: &mut Loop, call: impl FnOnce()) {
        let _back = Back {
            place: &self.events,
            pointer: self.events.replace(events),
        };
        self.call_out(call);
    }

    #[inline]
    fn call_out(&self, call: impl FnOnce()) {
        let _out = Out::begin(&self.calls_out);
        call();
    }

    /// Whether data may be handed over.
    ///
    /// # Errors
    /// It would be destroyed twice, as debug mode sees.
    pub(super) fn may_take(&self, owned: &Owned) -> Result<(), Status> {
        let owns = |ledger: &RefCell<Ledger>| ledger.borrow().owns(owned);
        if self.ledger.as_ref().is_some_and(owns) {
            return Err(Status::OWNED);
        }
        Ok(())
    }

    /// Notes that data is the library's from now on, or lent.
    pub(super) fn note_taken(&self, owned: &Rc<Owned>, call: &'static str, id: Id) {
        if owned.destroy.is_some() {
            self.taken.set(self.taken.get() + 1);
        }
        if let Some(ledger) = &self.ledger {
            ledger.borrow_mut().taken(owned, call, id);
        }
    }

    /// Counts the references to data, of which this is the first.
    pub(super) fn counted(&self, owned: Owned) -> Rc<Owned> {
        let Some(mut spare) = self.spare.borrow_mut().pop() else {
            return Rc::new(owned);
        };
        match Rc::get_mut(&mut spare) {
            Some(place) => *place = owned,
            None => return Rc::new(owned),
        }
        spare
    }

    /// Lets a reference go; with the last one, data is destroyed. No `RefCell` may be borrowed.
    #[inline]
    pub(super) fn release(&self, mut counted: Rc<Owned>) {
        if let Some(owned) = Rc::get_mut(&mut counted) {
            let owned = *owned;
            let key = Rc::as_ptr(&counted).addr();
            self.spare.borrow_mut().push(counted);
            self.end(&owned, key);
        }
    }

    fn end(&self, owned: &Owned, key: usize) {
        if let Some(ledger) = &self.ledger {
            ledger.borrow_mut().returned(key);
        }
        if let Some(destroy) = owned.destroy {
            self.destroyed.set(self.destroyed.get() + 1);
            // SAFETY: the caller gave both for each other, and this was the last reference.
            self.call_out(|| unsafe { destroy(owned.data) });
        }
    }

    pub(super) fn set_name(&self, id: Id, name: &[u8]) {
        let mut names = self.names.borrow_mut();
        if name.is_empty() {
            names.remove(&id);
        } else {
            names.insert(id, name.into());
        }
    }

    pub(super) fn name(&self, id: Id) -> Option<Rc<[u8]>> {
        self.names.borrow().get(&id).cloned()
    }

    pub(super) fn forget_name(&self, id: Id) {
        let mut names = self.names.borrow_mut();
        if !names.is_empty() {
            names.remove(&id);
        }
    }

    /// What is open between C and the library; empty without debug mode.
    pub(super) fn ledger_text(&self) -> String {
        let text = |it: &RefCell<Ledger>| it.borrow().text(|id| self.name(id));
        self.ledger.as_ref().map_or_else(String::new, text)
    }

    pub(super) fn stats(&self) -> Result<Stats, Status> {
        let (stats, registrations) = self.lend(|events| (events.stats(), events.len()))?;
        Ok(Stats {
            size: size_of::<Stats>() as u32,
            abi_version: super::abi::ABI_VERSION,
            waits: stats.waits,
            callbacks: stats.callbacks,
            changes: stats.changes,
            stale: stats.stale,
            ghosts: stats.ghosts,
            switches: stats.switches,
            refusals: stats.refusals,
            registrations: registrations as u64,
            taken: self.taken.get(),
            destroyed: self.destroyed.get(),
        })
    }

    /// Refuses what cannot be a descriptor. One system call for each number that is higher than all before.
    pub(super) fn check_fd(&self, fd: RawFd) -> Result<(), Status> {
        if fd < 0 {
            return Err(Status::RANGE);
        }
        if fd > self.highest_fd.get() {
            // SAFETY: it has no conditions, and tells of a number that is no descriptor.
            if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
                return Err(Status::BAD_FD);
            }
            self.highest_fd.set(fd);
        }
        Ok(())
    }

    /// Ends the loop: what is left is destroyed, and each thing once. Answers the last generation of its registrations, and a
    /// report if debug mode has one.
    pub(super) fn dissolve(self: Box<Self>) -> (u32, Option<String>) {
        let mut all = self.take_sent();
        let left = self.text_of_what_is_left();
        self.events.set(null_mut());
        // SAFETY: the first invariant; nobody will look at `events` again, for the handles name nothing any more.
        drop(unsafe { Box::from_raw(self.whole) });
        let last = self.watches.borrow().last_generation();
        self.take_everything(&mut all);
        for owned in all {
            // The others are not to go without, whatever one of them throws.
            let released = catch_unwind(AssertUnwindSafe(|| self.release(owned)));
            if let Err(panic) = released {
                super::status::drop_panic(panic);
            }
        }
        let is_balanced = self.taken.get() == self.destroyed.get();
        let wrong = self
            .ledger
            .as_ref()
            .is_some_and(|it| !it.borrow().is_clean());
        let report = left.or_else(|| (wrong || !is_balanced).then(|| self.ledger_text()));
        (last, report)
    }

    fn text_of_what_is_left(&self) -> Option<String> {
        let ledger = self.ledger.as_ref()?;
        (!ledger.borrow().is_clean()).then(|| self.ledger_text())
    }

    /// Closes the way for other threads. What they sent has not been called.
    fn take_sent(&self) -> Vec<Rc<Owned>> {
        let take = |sent: Sent| {
            let owned = self.counted(sent.into_parts().1);
            self.note_taken(&owned, "evloop_waker_call", self.id);
            owned
        };
        self.mailbox.close().into_iter().map(take).collect()
    }

    fn take_everything(&self, all: &mut Vec<Rc<Owned>>) {
        all.extend(self.watches.take().into_owned());
        let shared = self.shared.take().into_values();
        all.extend(shared.map(|it| it.owned));
        all.extend(self.deferred.take().into_iter().map(|job| job.owned));
    }
}

/// Puts a pointer back.
struct Back<'a> {
    place: &'a Cell<*mut Loop>,
    pointer: *mut Loop,
}

impl Drop for Back<'_> {
    fn drop(&mut self) {
        self.place.set(self.pointer);
    }
}

/// Counts one of C's functions.
struct Out<'a>(&'a Cell<u32>);

impl<'a> Out<'a> {
    fn begin(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Out<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
