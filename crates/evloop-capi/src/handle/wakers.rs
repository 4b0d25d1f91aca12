//! The one kind of handle that every thread may use.

use std::collections::{BTreeMap, VecDeque};

use evloop::{Loop, Remote};

use super::id::{Area, Id};
use super::owned::Sent;
use super::status::Status;
use crate::sync::{Arc, AtomicU64, Mutex, Ordering, lock};

/// Of wakers and of shared data; never used again. 52 bits are there, which is a hundred years of a million a second.
static SERIALS: AtomicU64 = AtomicU64::new(1);
static WAKERS: Mutex<BTreeMap<Id, Arc<Mailbox>>> = Mutex::new(BTreeMap::new());

/// What other threads have for a loop. It outlives the loop where a waker does.
pub(super) struct Mailbox {
    inbox: Mutex<Inbox>,
}

struct Inbox {
    /// `None` once the loop is gone.
    remote: Option<Remote>,
    tasks: VecDeque<Sent>,
}

impl Mailbox {
    pub(super) fn new(events: &Loop) -> Self {
        Self {
            inbox: Mutex::new(Inbox {
                remote: Some(events.remote()),
                tasks: VecDeque::new(),
            }),
        }
    }

    /// Has the loop's thread make a call. `run` takes it from here.
    ///
    /// # Errors
    /// The loop is gone: the task is still the caller's.
    pub(super) fn send(&self, sent: Sent, run: fn(&mut Loop)) -> Result<(), Status> {
        let mut inbox = lock(&self.inbox);
        let remote = inbox.remote.clone().ok_or(Status::GONE)?;
        inbox.tasks.push_back(sent);
        drop(inbox);
        remote.call(run);
        Ok(())
    }

    pub(super) fn wake(&self) -> Result<(), Status> {
        let remote = lock(&self.inbox).remote.clone();
        remote.ok_or(Status::GONE)?.wake();
        Ok(())
    }

    /// The loop has another waker now, in the child of a fork.
    pub(super) fn renew(&self, events: &Loop) {
        lock(&self.inbox).remote = Some(events.remote());
    }

    pub(super) fn receive(&self) -> Option<Sent> {
        lock(&self.inbox).tasks.pop_front()
    }

    /// The loop goes: nothing more is taken. Answers what has not been called.
    pub(super) fn close(&self) -> VecDeque<Sent> {
        let mut inbox = lock(&self.inbox);
        inbox.remote = None;
        std::mem::take(&mut inbox.tasks)
    }
}

pub(super) fn serial(area: Area, number: usize) -> Id {
    // Relaxed: it is a number, and nothing depends on what others do with theirs.
    Id::serial(area, number, SERIALS.fetch_add(1, Ordering::Relaxed))
}

/// What to say of a handle with a serial number that names nothing.
#[cold]
pub(super) fn missing(id: Id) -> Status {
    let is_past = (1..SERIALS.load(Ordering::Relaxed)).contains(&id.serial_number());
    if is_past {
        Status::STALE
    } else {
        Status::FOREIGN
    }
}

pub(super) fn add(mailbox: Arc<Mailbox>) -> Id {
    let id = serial(Area::Waker, 0);
    lock(&WAKERS).insert(id, mailbox);
    id
}

pub(super) fn get(id: Id) -> Result<Arc<Mailbox>, Status> {
    let found = lock(&WAKERS).get(&id).cloned();
    found.ok_or_else(|| missing(id))
}

pub(super) fn remove(id: Id) -> Result<(), Status> {
    let removed = lock(&WAKERS).remove(&id);
    removed.map(drop).ok_or_else(|| missing(id))
}
