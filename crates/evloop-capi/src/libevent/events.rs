//! What programs do with events.

use std::ffi::{c_int, c_short, c_void};
use std::time::Duration;

use super::base::{self, Base, Inside, Refused};
use super::layout::{
    Callback, EV_CLOSED, EV_PERSIST, EV_READ, EV_SIGNAL, EV_TIMEOUT, EV_WRITE, Event,
};
use super::log::warn;
use super::shadow::{Entry, Id};
use super::turn::{Step, take_out};
use crate::sync::Ordering;

/// What makes an event's descriptor or signal watched.
const WATCHED: c_short = EV_READ | EV_WRITE | EV_CLOSED | EV_SIGNAL;

/// What an event's memory says, read once, and who it is of.
struct Named {
    event: Event,
    address: usize,
    base: &'static Base,
}

/// Reads an event. `None`, and said, if it was not assigned or has no base.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed.
unsafe fn read(event: *const Event, what: &str) -> Option<Named> {
    // SAFETY: null or readable.
    let Some(read) = (unsafe { event.as_ref() }) else {
        warn(&format!("{what}: the event is null"));
        return None;
    };
    // SAFETY: written by `event_assign` or `event_base_set`, which take null and bases.
    let base = unsafe { base::at(read.base) }.filter(|_| read.is_assigned());
    let Some(base) = base else {
        warn(&format!("{what}: event has no event_base set."));
        return None;
    };
    Some(Named {
        event: *read,
        address: event.addr(),
        base,
    })
}

impl Named {
    fn enter(&self) -> Result<Inside, Refused> {
        self.base.enter_as(self.event.life)
    }

    /// Its shadow; a new one if it has none, whose name is written to its memory.
    fn shadow(&self, inside: &mut Inside, callback: Callback, memory: *mut Event) -> Id {
        let shadows = &mut inside.state.shadows;
        if let Some(id) = shadows.find(self.address, &self.event) {
            return id;
        }
        if let Some(id) = shadows.at(self.address) {
            // Its memory was written to since it was added.
            remove(inside, id);
        }
        let entry = Entry::of(self.address, &self.event, callback);
        let id = inside.state.shadows.insert(entry);
        // SAFETY: an event that is assigned, which was read just now.
        let memory = unsafe { &mut *memory };
        (memory.slot, memory.generation) = (id.slot, id.generation);
        id
    }
}

/// Takes an event out, and what the loop has of it.
fn remove(inside: &mut Inside, id: Id) {
    let mut steps = Vec::new();
    take_out(&mut inside.state, id, |_, step| steps.push(step));
    for step in steps {
        inside.step(step);
    }
}

/// `event_assign` and `event_set`. What was added of the event that stands there, if any, goes.
///
/// # Safety
/// - `event` has the room of an event.
pub(super) unsafe fn assign(
    event: *mut Event,
    base: Option<&'static Base>,
    fd: c_int,
    events: c_short,
    callback: Option<Callback>,
    argument: *mut c_void,
) -> c_int {
    if event.is_null() {
        warn("event_assign: the event is null");
        return -1;
    }
    if events & EV_SIGNAL != 0 && events & (EV_READ | EV_WRITE | EV_CLOSED) != 0 {
        warn("event_assign: EV_SIGNAL is not compatible with EV_READ, EV_WRITE or EV_CLOSED");
        return -1;
    }
    let mut life = 0;
    if let Some(base) = base {
        life = base.life();
        match base.enter_as(life) {
            Ok(mut inside) => {
                if let Some(id) = inside.state.shadows.at(event.addr()) {
                    remove(&mut inside, id);
                }
            }
            // Another thread's base; the event is none of its, as its user promised.
            Err(Refused::Foreign) => {}
            Err(refused @ Refused::Gone) => {
                refused.tell("event_assign");
                return -1;
            }
        }
    }
    let base = base.map_or(std::ptr::null(), std::ptr::from_ref);
    let assigned = Event::new(base, life, fd, events, callback, argument);
    // SAFETY: the caller has the room.
    unsafe { event.write(assigned) };
    0
}

/// `event_base_set`.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed.
pub(super) unsafe fn set_base(base: &'static Base, event: *mut Event) -> c_int {
    // SAFETY: the caller's contract is the same.
    let Some(event) = (unsafe { event.as_mut() }).filter(|it| it.is_assigned()) else {
        return -1;
    };
    // SAFETY: written by `event_assign` or this function.
    let before = unsafe { base::at(event.base) };
    let address = std::ptr::from_ref(event).addr();
    if let Some(Ok(mut inside)) = before.map(|it| it.enter_as(event.life))
        && inside.state.shadows.find(address, event).is_some()
    {
        return -1;
    }
    (event.base, event.life) = (base, base.life());
    0
}

/// `event_add`.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed.
pub(super) unsafe fn add(event: *mut Event, timeout: Option<Duration>) -> c_int {
    // SAFETY: the caller's contract is the same.
    let Some(named) = (unsafe { read(event, "event_add") }) else {
        return -1;
    };
    let Some(callback) = named.event.callback else {
        warn("event_add: the event has no callback");
        return -1;
    };
    match named.enter() {
        Ok(mut inside) => {
            let id = named.shadow(&mut inside, callback, event);
            begin(&mut inside, id, timeout)
        }
        Err(refused) => {
            refused.tell("event_add");
            -1
        }
    }
}

/// Has a shadow wait for what its event says, and for a time.
fn begin(inside: &mut Inside, id: Id, timeout: Option<Duration>) -> c_int {
    let Some(entry) = inside.state.shadows.get_mut(id) else {
        return -1;
    };
    if entry.events & WATCHED != 0 && !entry.is_inserted {
        entry.is_inserted = true;
        if !inside.step(Step::Watch(id)) {
            remove(inside, id);
            return -1;
        }
    }
    if let Some(after) = timeout {
        wait_for(inside, id, after);
    }
    let is_idle = inside.state.shadows.get_mut(id);
    if is_idle.is_some_and(|it| it.pending() == 0) {
        // It waits for nothing: libevent takes that, and says that it is not pending.
        remove(inside, id);
    }
    0
}

fn wait_for(inside: &mut Inside, id: Id, after: Duration) {
    if let Some(entry) = inside.state.shadows.get_mut(id) {
        if entry.events & EV_PERSIST != 0 {
            entry.interval = Some(after).filter(|it| !it.is_zero());
        }
        entry.active &= !EV_TIMEOUT;
        entry.deadline = Some(after);
    }
    if !inside.base.runs()
        && let Some(events) = inside.engine()
    {
        events.update_now();
    }
    inside.step(Step::Arm(id, after));
}

/// `event_del`. Where another thread calls the event's callback at the moment, and the base has a lock, it returns after
/// that.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed.
pub(super) unsafe fn del(event: *mut Event) -> c_int {
    // SAFETY: the caller's contract is the same.
    let Some(named) = (unsafe { read(event, "event_del") }) else {
        return -1;
    };
    match named.enter() {
        Ok(mut inside) => {
            if let Some(id) = inside.state.shadows.find(named.address, &named.event) {
                remove(&mut inside, id);
            }
            while !inside.is_ours && inside.state.running == named.address {
                inside.state.wait();
            }
            0
        }
        // With its base, what was added went.
        Err(Refused::Gone) => 0,
        Err(refused) => {
            refused.tell("event_del");
            -1
        }
    }
}

/// `event_active`.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed.
pub(super) unsafe fn activate(event: *mut Event, result: c_short, calls: c_short) {
    // SAFETY: the caller's contract is the same.
    let Some(named) = (unsafe { read(event, "event_active") }) else {
        return;
    };
    let Some(callback) = named.event.callback else {
        warn("event_active: the event has no callback");
        return;
    };
    match named.enter() {
        Ok(mut inside) => {
            let id = named.shadow(&mut inside, callback, event);
            if let Some(entry) = inside.state.shadows.get_mut(id) {
                entry.active |= result;
                if entry.events & EV_SIGNAL != 0 {
                    entry.calls = calls;
                }
            }
            inside.step(Step::Activate(id));
        }
        Err(refused) => refused.tell("event_active"),
    }
}

/// `event_pending`: which of `events` it waits for or is active with, and when its time comes, from now on.
///
/// # Safety
/// - `event` is null or an event that is assigned or zeroed.
pub(super) unsafe fn pending(event: *const Event) -> (c_short, Option<Duration>) {
    // SAFETY: the caller's contract is the same.
    let Some(named) = (unsafe { read(event, "event_pending") }) else {
        return (0, None);
    };
    let Ok(mut inside) = named.enter() else {
        return (0, None);
    };
    let Some(id) = inside.state.shadows.find(named.address, &named.event) else {
        return (0, None);
    };
    let Some(entry) = inside.state.shadows.get_mut(id).copied() else {
        return (0, None);
    };
    let now = inside.engine().map(|events| events.now());
    let left = entry.deadline.zip(now);
    (
        entry.pending(),
        left.map(|(at, now)| at.saturating_sub(now)),
    )
}

/// `event_base_once` and the like: an event without memory of the caller's.
pub(super) fn once(
    base: &'static Base,
    fd: c_int,
    events: c_short,
    callback: Option<Callback>,
    argument: *mut c_void,
    timeout: Option<Duration>,
) -> c_int {
    let Some(callback) = callback else {
        warn("event_once: there is no callback");
        return -1;
    };
    if events & (EV_SIGNAL | EV_PERSIST) != 0 || events & (EV_READ | EV_WRITE | EV_TIMEOUT) == 0 {
        return -1;
    }
    let mut inside = match base.enter() {
        Ok(inside) => inside,
        Err(refused) => {
            refused.tell("event_once");
            return -1;
        }
    };
    let entry = Entry::new(0, fd, events, callback, argument);
    let id = inside.state.shadows.insert(entry);
    if events & WATCHED == 0 && timeout.is_none_or(|it| it.is_zero()) {
        if let Some(entry) = inside.state.shadows.get_mut(id) {
            entry.active = EV_TIMEOUT;
        }
        inside.step(Step::Activate(id));
        return 0;
    }
    begin(&mut inside, id, timeout)
}

/// `event_base_loopexit`.
pub(super) fn exit_after(base: &'static Base, timeout: Option<Duration>) -> c_int {
    let Some(after) = timeout else {
        base.exits.store(true, Ordering::Relaxed);
        base.wake();
        return 0;
    };
    once(
        base,
        -1,
        EV_TIMEOUT,
        Some(end_of_loop),
        base.context().cast(),
        Some(after),
    )
}

/// `event_base_loopbreak`.
pub(super) fn break_now(base: &'static Base) -> c_int {
    base.is_broken.store(true, Ordering::Relaxed);
    base.wake();
    0
}

unsafe extern "C" fn end_of_loop(_: c_int, _: c_short, argument: *mut c_void) {
    let base = Base::of_context(argument.cast());
    base.is_over.store(true, Ordering::Relaxed);
}
