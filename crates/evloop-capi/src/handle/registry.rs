//! Which loops there are, on which threads.
//!
//! A loop is used by the thread that made it alone. A handle says in which place its loop is; the place says whose it is, so
//! that a call compares that with the calling thread before it looks at anything that is not atomic.

use std::cell::Cell;
use std::ptr::null_mut;

use super::id::{Area, Id, LOOPS};
use super::state::State;
use super::status::Status;
use super::wakers;
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, Mutex, Ordering, lock};

const NOBODY: u64 = 0;
/// What a thread is before it has made a loop.
const NO_THREAD: u64 = u64::MAX;
/// Where the generations of a place end. The rest of them are the last loop's.
const LAST_BASE: u32 = u32::MAX / 2;

/// # Invariants
/// 1. `owner` and `state` are written by the thread that `owner` names, or by one that has taken the place from the registry
///    and becomes it.
/// 2. `state` is null, or what [`open`] was given and [`close`] has not taken back.
struct Place {
    owner: AtomicU64,
    state: AtomicPtr<State>,
    /// Of the loop that is there or was there last.
    generation: AtomicU32,
    /// Its registrations have later generations than this.
    base: AtomicU32,
}

impl Place {
    const fn new() -> Self {
        Self {
            owner: AtomicU64::new(NOBODY),
            state: AtomicPtr::new(null_mut()),
            generation: AtomicU32::new(0),
            base: AtomicU32::new(0),
        }
    }
}

static PLACES: [Place; LOOPS] = [const { Place::new() }; LOOPS];
static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    free: Vec::new(),
    used: 0,
});
/// Never used again, so that a thread is not taken for one that has ended.
static THREADS: AtomicU64 = AtomicU64::new(NOBODY + 1);

thread_local! {
    static THREAD: Cell<u64> = const { Cell::new(NO_THREAD) };
    /// The loop that waits or calls.
    static RUNNING: Cell<*const State> = const { Cell::new(std::ptr::null()) };
}

struct Registry {
    /// Places that were used before.
    free: Vec<usize>,
    used: usize,
}

impl Registry {
    /// A place that was never used, or the one with the most generations left.
    fn take(&mut self) -> Option<usize> {
        if self.used < LOOPS {
            self.used += 1;
            return Some(self.used - 1);
        }
        let base = |number: &usize| PLACES[*number].base.load(Ordering::Relaxed);
        let best = self
            .free
            .iter()
            .min_by_key(|number| base(number))
            .copied()?;
        self.free.retain(|number| *number != best);
        Some(best)
    }
}

/// Calls `work` with the loop that a handle is of.
///
/// # Errors
/// It is not there, or not this thread's.
#[inline]
pub(super) fn with<R>(id: Id, work: impl FnOnce(&State) -> Result<R, Status>) -> Result<R, Status> {
    let place = &PLACES[id.number()];
    // Relaxed: only this thread writes what it compares as equal here.
    if place.owner.load(Ordering::Relaxed) != THREAD.get() {
        return Err(elsewhere(id));
    }
    // Relaxed: written by this thread.
    let state = place.state.load(Ordering::Relaxed);
    // SAFETY: null, or a loop of this thread; it is not freed before `work` returns, for that takes code of C's, and a loop
    // that has called out is not freed.
    let Some(state) = (unsafe { state.as_ref() }) else {
        return Err(Status::STALE);
    };
    work(state)
}

/// What to say of a handle whose loop is not this thread's.
#[cold]
fn elsewhere(id: Id) -> Status {
    let place = &PLACES[id.number()];
    // Relaxed, all of them: whatever they say, it is an error.
    let is_taken = place.owner.load(Ordering::Relaxed) != NOBODY;
    let generation = place.generation.load(Ordering::Relaxed);
    let base = place.base.load(Ordering::Relaxed);
    let (was_given, is_of_this_loop) = match id.area() {
        Area::Loop => (
            (1..=generation).contains(&id.generation()),
            id.generation() == generation,
        ),
        Area::Watch => (
            generation > 0 && (is_taken || id.generation() <= base),
            id.generation() > base,
        ),
        Area::Shared | Area::Waker => (wakers::missing(id) == Status::STALE, true),
    };
    match (was_given, is_taken && is_of_this_loop) {
        (false, _) => Status::FOREIGN,
        (true, true) => Status::THREAD,
        (true, false) => Status::STALE,
    }
}

/// Puts a loop into a place of its own. `make` gets the loop's handle, and what the generations of its registrations begin
/// after.
///
/// # Errors
/// No place is left, or that of `make`.
pub(super) fn open(make: impl FnOnce(Id, u32) -> Result<State, Status>) -> Result<Id, Status> {
    let number = lock(&REGISTRY).take().ok_or(Status::LIMIT)?;
    let place = &PLACES[number];
    let base = place.base.load(Ordering::Relaxed);
    let generation = place.generation.load(Ordering::Relaxed) + 1;
    let id = Id::of_loop(number, generation);
    let state = make(id, base).inspect_err(|_| put_back(number))?;
    if THREAD.get() == NO_THREAD {
        THREAD.set(THREADS.fetch_add(1, Ordering::Relaxed));
    }
    place.generation.store(generation, Ordering::Relaxed);
    // The owner first: who reads a state has seen its own thread there.
    place.owner.store(THREAD.get(), Ordering::Relaxed);
    let state = Box::into_raw(Box::new(state));
    place.state.store(state, Ordering::Relaxed);
    Ok(id)
}

/// Takes a loop out: its handles name nothing any more. [`vacate`] gives the place to others.
///
/// # Errors
/// It is not there, not this thread's, or at work.
pub(super) fn close(id: Id) -> Result<Box<State>, Status> {
    with(id, |state| state.can_be_freed(id))?;
    let state = PLACES[id.number()]
        .state
        .swap(null_mut(), Ordering::Relaxed);
    // SAFETY: `with` has found it there, so it is what `open` has put there; nobody has a reference, for it has not called
    // out.
    Ok(unsafe { Box::from_raw(state) })
}

/// Gives the place of a loop that was closed to others. `base` is the last generation of its registrations.
pub(super) fn vacate(id: Id, base: u32) {
    let place = &PLACES[id.number()];
    place.base.store(base, Ordering::Relaxed);
    place.owner.store(NOBODY, Ordering::Relaxed);
    put_back(id.number());
}

fn put_back(number: usize) {
    let place = &PLACES[number];
    let is_worn = place.base.load(Ordering::Relaxed) > LAST_BASE
        || place.generation.load(Ordering::Relaxed) == u32::MAX;
    if !is_worn {
        // The lock hands the place over to who takes it.
        lock(&REGISTRY).free.push(number);
    }
}

/// Says which loop runs on this thread, as long as it is there.
pub(super) struct Running(*const State);

impl Running {
    pub(super) fn enter(state: &State) -> Self {
        Self(RUNNING.replace(state))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.set(self.0);
    }
}

/// Calls `work` with the loop that runs on this thread.
#[inline]
pub(super) fn with_running(work: impl FnOnce(&State)) {
    let state = RUNNING.get();
    // SAFETY: null, or what `Running::enter` was given, which is borrowed as long as it runs.
    if let Some(state) = unsafe { state.as_ref() } {
        work(state);
    }
}
