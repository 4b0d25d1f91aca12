//! What is done to a loop by its own thread, and what the loop does: it waits, and calls.

use std::ffi::{c_int, c_short, c_void};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use evloop::{Call, Interest, Loop, Ready, Token};

use super::base::{Base, Inside, State, this_thread};
use super::layout::{Callback, EV_PERSIST, EV_READ, EV_SIGNAL, EV_TIMEOUT, EV_WRITE};
use super::log::warn;
use super::shadow::{Entry, Id};
use crate::sync::Ordering;

/// `event_base_loop` returns when something was called.
const ONCE: c_int = 0x01;
/// It does not wait.
const NONBLOCK: c_int = 0x02;
/// It waits for other threads when nothing is pending.
const NO_EXIT_ON_EMPTY: c_int = 0x04;

/// What is to be done to the loop.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Watches the descriptor or the signal.
    Watch(Id),
    /// Sets the time.
    Arm(Id, Duration),
    /// Calls, whatever happens.
    Activate(Id),
    /// Removes a registration of an event that is gone.
    Forget(Token),
    /// Watches a signal no longer for an event that is gone.
    Unwatch(c_int, Id),
}

/// Does it, on the thread that has the loop. `false` if the system refuses.
pub(super) fn apply(base: &'static Base, state: &mut State, events: &mut Loop, step: Step) -> bool {
    match step {
        Step::Watch(id) => return watch(base, state, events, id),
        Step::Arm(id, after) => {
            if let Some(entry) = state.shadows.get_mut(id) {
                entry.deadline = Some(events.now() + after);
                let token = timer(base, events, id, entry);
                events.arm(token, after);
            }
        }
        Step::Activate(id) => {
            if let Some(entry) = state.shadows.get_mut(id) {
                let token = match entry.io {
                    Some(token) => token,
                    None => timer(base, events, id, entry),
                };
                events.activate(token);
            }
        }
        Step::Forget(token) => _ = events.remove(token),
        Step::Unwatch(signal, id) => state.signals.unwatch(signal, id),
    }
    true
}

fn watch(base: &'static Base, state: &mut State, events: &mut Loop, id: Id) -> bool {
    let Some(entry) = state.shadows.get_mut(id) else {
        return true;
    };
    if entry.events & EV_SIGNAL != 0 {
        let signal = entry.fd;
        return state.signals.watch(base, events, signal, id).is_ok();
    }
    let mut interest = Interest::NONE;
    if entry.events & EV_READ != 0 {
        interest |= Interest::READABLE;
    }
    if entry.events & EV_WRITE != 0 {
        interest |= Interest::WRITABLE;
    }
    // libevent takes -1 too, and never tells of it.
    if entry.fd >= 0 && entry.io.is_none() {
        // SAFETY: not -1. The program says that it is its descriptor as long as the event is added; where it is not, the
        // loop is told of an error or of nothing.
        let fd = unsafe { BorrowedFd::borrow_raw(entry.fd) };
        entry.io = Some(events.watch(fd, interest, call(base, id)));
    }
    true
}

fn timer(base: &'static Base, events: &mut Loop, id: Id, entry: &mut Entry) -> Token {
    *entry
        .timer
        .get_or_insert_with(|| events.rest(call(base, id)))
}

fn call(base: &'static Base, id: Id) -> Call {
    Call {
        function: told,
        context: base.context(),
        data: id.to_bits(),
    }
}

/// Takes an event out of the base, and says what is left to do with the loop.
pub(super) fn take_out(state: &mut State, id: Id, mut step: impl FnMut(&mut State, Step)) {
    let Some(entry) = state.shadows.remove(id) else {
        return;
    };
    for token in [entry.io, entry.timer].into_iter().flatten() {
        step(state, Step::Forget(token));
    }
    if entry.is_inserted && entry.events & EV_SIGNAL != 0 {
        step(state, Step::Unwatch(entry.fd, id));
    }
}

/// A call that is due: copied out, so that the event may go meanwhile.
struct Due {
    callback: Callback,
    fd: c_int,
    result: c_short,
    argument: *mut c_void,
    calls: c_short,
    /// It stays, and further calls are not made once it is gone.
    stays: bool,
}

/// The loop's callback for every event.
fn told(events: &mut Loop, event: evloop::Event, context: *mut (), data: u64) {
    let base = Base::of_context(context);
    let id = Id::from_bits(data);
    let mut state = base.enter_running();
    let Some(due) = due(base, &mut state, events, event, id) else {
        return;
    };
    let before = std::mem::replace(&mut state.current, events);
    drop(state);
    for _ in 0..due.calls.max(1) {
        // SAFETY: the program's own function, as it was when the event was added, with the argument of then.
        unsafe { (due.callback)(due.fd, due.result, due.argument) };
        let is_gone = || due.stays && base.enter_running().shadows.get_mut(id).is_none();
        if due.calls > 1 && (base.is_broken.load(Ordering::Relaxed) || is_gone()) {
            break;
        }
    }
    let mut state = base.enter_running();
    state.current = before;
    state.running = 0;
    drop(state);
    base.notify();
    if base.is_broken.load(Ordering::Relaxed) {
        events.stop_now();
    }
}

/// What is to be called for what happened; the event is removed, or waits again, before it is.
#[inline]
fn due(
    base: &'static Base,
    state: &mut State,
    events: &mut Loop,
    event: evloop::Event,
    id: Id,
) -> Option<Due> {
    let entry = state.shadows.get_mut(id)?;
    let mut result = std::mem::take(&mut entry.active);
    let calls = std::mem::take(&mut entry.calls);
    if entry.io == Some(event.token) {
        result |= happened(event.ready) & entry.events;
    } else if event.ready.contains(Ready::TIMER) {
        result |= EV_TIMEOUT;
    }
    if result == 0 {
        return None;
    }
    let stays = entry.events & EV_PERSIST != 0;
    let due = Due {
        callback: entry.callback,
        fd: entry.fd,
        result,
        argument: entry.argument,
        calls,
        stays,
    };
    state.running = entry.address;
    state.called += 1;
    let is_over = !stays || !again(base, state, events, id, result & EV_TIMEOUT != 0);
    if is_over {
        take_out(state, id, |state, step| {
            apply(base, state, events, step);
        });
    }
    Some(due)
}

/// Sets the next time of an event that stays. `false` if it waits for nothing any more.
#[inline]
fn again(
    base: &'static Base,
    state: &mut State,
    events: &mut Loop,
    id: Id,
    was_timeout: bool,
) -> bool {
    let Some(entry) = state.shadows.get_mut(id) else {
        return false;
    };
    if let Some(interval) = entry.interval {
        // From when it was due, if it was that; where that is past already, from now on.
        let now = events.now();
        let from = entry.deadline.filter(|_| was_timeout).unwrap_or(now);
        let next = (from + interval).checked_sub(now).unwrap_or(interval);
        return apply(base, state, events, Step::Arm(id, next));
    }
    if was_timeout {
        entry.deadline = None;
    }
    entry.pending() != 0
}

/// Of what the kernel says, as libevent puts it: a hang-up and an error are both readable and writable.
#[inline]
fn happened(ready: Ready) -> c_short {
    if ready.intersects(Ready::HANGUP | Ready::ERROR) {
        return EV_READ | EV_WRITE;
    }
    let mut result = 0;
    if ready.contains(Ready::READABLE) {
        result |= EV_READ;
    }
    if ready.contains(Ready::WRITABLE) {
        result |= EV_WRITE;
    }
    result
}

/// `event_base_loop`.
pub(super) fn run(base: &'static Base, flags: c_int) -> c_int {
    let inside = match base.enter() {
        Ok(inside) => inside,
        Err(refused) => {
            refused.tell("event_base_loop");
            return -1;
        }
    };
    if base.runs() {
        drop(inside);
        warn("event_base_loop: the loop of this event base runs already");
        return -1;
    }
    base.set_owner(this_thread());
    base.is_broken.store(false, Ordering::Relaxed);
    base.is_over.store(false, Ordering::Relaxed);
    drop(inside);
    let result = rounds(base, flags);
    let mut state = base.enter_running();
    if state.is_freed() {
        base.set_owner(0);
        base.bury(state);
        return result;
    }
    catch_up(base, &mut state);
    base.set_owner(0);
    result
}

fn rounds(base: &'static Base, flags: c_int) -> c_int {
    loop {
        let is_over = base.is_over.load(Ordering::Relaxed);
        if is_over || base.is_broken.load(Ordering::Relaxed) {
            return 0;
        }
        let mut state = base.enter_running();
        let events = catch_up(base, &mut state);
        let exits = base.exits.swap(false, Ordering::Relaxed);
        let is_kept = exits || flags & NO_EXIT_ON_EMPTY != 0;
        if state.shadows.is_empty() && !events.is_active() && !is_kept {
            return 1;
        }
        let called = state.called;
        drop(state);
        let waits = flags & NONBLOCK == 0 && !exits;
        if let Err(error) = events.turn_once(waits) {
            warn(&format!("event_base_loop: {error}"));
            return -1;
        }
        let is_idle = base.enter_running().called == called;
        if exits {
            return 0;
        }
        let ends = flags & if is_idle { NONBLOCK } else { ONCE } != 0;
        if ends && !events.is_active() {
            return 0;
        }
    }
}

/// Does what other threads asked for; of the thread that runs the loop, between its rounds.
fn catch_up<'a>(base: &'static Base, state: &mut State) -> &'a mut Loop {
    // SAFETY: this thread runs the loop, which lives until the run ends, and no callback of it runs.
    let events = unsafe { &mut *state.engine() };
    for step in std::mem::take(&mut state.steps) {
        apply(base, state, events, step);
    }
    events
}

impl Inside {
    /// Does it now, or has the thread do it that runs the loop. `false` if the system refuses.
    pub(super) fn step(&mut self, step: Step) -> bool {
        if !self.is_ours {
            self.state.steps.push(step);
            self.base.wake();
            return true;
        }
        let base = self.base;
        // SAFETY: as `Inside::engine` says; the loop is not in the state, but beside it.
        let events = unsafe { &mut *self.state.current };
        apply(base, &mut self.state, events, step)
    }
}

/// `event_reinit`: in the child of a fork.
pub(super) fn renew(base: &'static Base) -> c_int {
    let Ok(mut inside) = base.enter() else {
        return -1;
    };
    let Some(events) = inside.engine().map(std::ptr::from_mut) else {
        return -1;
    };
    // SAFETY: the loop is beside the state, and this thread's, as `engine` says.
    let events = unsafe { &mut *events };
    if events.after_fork().is_err() {
        return -1;
    }
    base.set_remote(Some(events.remote()));
    match inside.state.signals.renew(base, events) {
        Ok(()) => 0,
        Err(_) => -1,
    }
}

/// libevent's name of what the base waits with.
pub(super) fn method(base: &'static Base) -> Option<&'static std::ffi::CStr> {
    let mut inside = base.enter().ok()?;
    let kind = inside.engine()?.backend();
    Some(super::base::method(kind))
}
