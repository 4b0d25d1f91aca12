//! Bases: a loop, the shadows of what is registered with it, and who is inside.

use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_int};

use evloop::{BackendKind, Loop, Remote};

use super::log::{self, Severity, warn};
use super::shadow::Shadows;
use super::signals::Signals;
use super::turn::Step;
use crate::sync::{
    AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Entered, Gate, Mutex, Ordering, lock,
};

/// No lock: the program promises that one thread at a time uses the base.
pub(super) const FLAG_NOLOCK: c_int = 0x01;
/// The environment has no say in the choice of a backend.
pub(super) const FLAG_IGNORE_ENV: c_int = 0x02;

/// `struct event_base`. Its memory is used again for other bases and never given back, so that a pointer to one that was
/// freed is a pointer to a base still: one of another life.
#[derive(Debug)]
pub struct Base {
    /// Grows when the base is freed. Even while there is none.
    life: AtomicU32,
    locks: AtomicBool,
    /// The thread that runs the loop, or 0.
    owner: AtomicUsize,
    /// `event_base_loopbreak` was called.
    pub(super) is_broken: AtomicBool,
    /// `event_base_loopexit` was called without a time.
    pub(super) exits: AtomicBool,
    /// The loop is to end after this round.
    pub(super) is_over: AtomicBool,
    /// Outside of the gate: a loop is woken from anywhere.
    remote: Mutex<Option<Remote>>,
    gate: Gate<State>,
}

/// What one is inside for.
#[derive(Debug)]
pub(super) struct State {
    /// `None` while there is no base.
    engine: *mut Loop,
    /// The same, or what a callback of the loop was given, as long as that runs.
    pub(super) current: *mut Loop,
    pub(super) shadows: Shadows,
    pub(super) signals: Signals,
    /// What other threads asked for while the loop ran.
    pub(super) steps: Vec<Step>,
    /// The address of the event whose callback runs.
    pub(super) running: usize,
    /// How many callbacks were called.
    pub(super) called: u64,
    /// It was freed from a callback, and goes when the loop returns.
    is_freed: bool,
}

/// Bases that were freed, by their addresses.
static FREE: Mutex<VecDeque<&'static Base>> = Mutex::new(VecDeque::new());
/// Those that are not used again yet, so that a pointer to one says for a while that it was freed.
const RESTING: usize = 16;
/// libevent's one base for calls that name none.
static CURRENT: AtomicPtr<Base> = AtomicPtr::new(std::ptr::null_mut());

/// A thread, by an address that it alone has.
pub(super) fn this_thread() -> usize {
    std::thread_local! { static HERE: u8 = const { 0 } }
    HERE.with(|it| std::ptr::from_ref(it).addr())
}

/// Why a base cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It was freed.
    Gone,
    /// It has no lock, and another thread uses it.
    Foreign,
}

impl Refused {
    pub(super) fn tell(self, what: &str) {
        warn(&match self {
            Self::Gone => format!("{what}: the event base was freed"),
            Self::Foreign => format!(
                "{what}: another thread uses the event base, which was made with EVENT_BASE_FLAG_NOLOCK"
            ),
        });
    }
}

/// Inside a base.
#[derive(Debug)]
pub(super) struct Inside {
    pub(super) base: &'static Base,
    pub(super) state: Entered<'static, State>,
    /// The loop is this thread's for now, or nobody's.
    pub(super) is_ours: bool,
}

impl Base {
    /// A base that waits with what the flags and the environment leave; `None`, and said, where there is nothing.
    pub(super) fn create(flags: c_int) -> Option<&'static Self> {
        let kind = choose(flags)?;
        let engine = match make(kind) {
            Ok(engine) => engine,
            Err(error) => {
                warn(&format!("event_base_new: {error}"));
                return None;
            }
        };
        if variable(c"EVENT_SHOW_METHOD").is_some() && flags & FLAG_IGNORE_ENV == 0 {
            let text = format!("libevent using: {}", engine.backend());
            log::log(Severity::Message, &text);
        }
        let base = rested().unwrap_or_else(|| Box::leak(Box::new(Self::blank())));
        let locks = flags & FLAG_NOLOCK == 0;
        base.locks.store(locks, Ordering::Relaxed);
        let mut state = base.gate.wait_to_enter(true);
        base.set_remote(Some(engine.remote()));
        state.engine = Box::into_raw(Box::new(engine));
        state.current = state.engine;
        state.is_freed = false;
        for flag in [&base.is_broken, &base.exits, &base.is_over] {
            flag.store(false, Ordering::Relaxed);
        }
        // ORDERING: Release pairs with the Acquire in `enter_as`: who finds the base alive finds it whole.
        base.life.fetch_add(1, Ordering::Release);
        drop(state);
        Some(base)
    }

    const fn blank() -> Self {
        Self {
            life: AtomicU32::new(0),
            locks: AtomicBool::new(true),
            owner: AtomicUsize::new(0),
            is_broken: AtomicBool::new(false),
            exits: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            remote: Mutex::new(None),
            gate: Gate::new(State::blank()),
        }
    }

    /// Which life of its memory the base is; an event of another one is not its.
    pub(super) fn life(&self) -> u32 {
        self.life.load(Ordering::Relaxed)
    }

    /// Goes in, if it is the base of this life.
    ///
    /// # Errors
    /// It is not, or another thread uses it and there is no lock.
    #[inline]
    pub(super) fn enter_as(&'static self, life: u32) -> Result<Inside, Refused> {
        let locks = self.locks.load(Ordering::Relaxed);
        let me = this_thread();
        if !locks {
            let owner = self.owner.load(Ordering::Relaxed);
            if owner != 0 && owner != me {
                return Err(Refused::Foreign);
            }
        }
        let state = self.gate.enter(locks).ok_or(Refused::Foreign)?;
        // ORDERING: Acquire pairs with the Release in `create`.
        let now = self.life.load(Ordering::Acquire);
        if now != life || now.is_multiple_of(2) || state.is_freed {
            return Err(Refused::Gone);
        }
        let owner = self.owner.load(Ordering::Relaxed);
        Ok(Inside {
            base: self,
            state,
            is_ours: owner == 0 || owner == me,
        })
    }

    /// Goes in, if there is a base.
    ///
    /// # Errors
    /// As [`enter_as`](Self::enter_as).
    pub(super) fn enter(&'static self) -> Result<Inside, Refused> {
        self.enter_as(self.life())
    }

    /// Goes in from a callback of the loop, on the thread that runs it.
    #[inline]
    pub(super) fn enter_running(&'static self) -> Entered<'static, State> {
        let locks = self.locks.load(Ordering::Relaxed);
        self.gate.wait_to_enter(locks)
    }

    pub(super) fn runs(&self) -> bool {
        self.owner.load(Ordering::Relaxed) != 0
    }

    /// Says who runs the loop; from inside.
    pub(super) fn set_owner(&self, owner: usize) {
        self.owner.store(owner, Ordering::Relaxed);
    }

    /// Tells threads that wait for the end of a callback.
    pub(super) fn notify(&self) {
        if self.locks.load(Ordering::Relaxed) {
            self.gate.notify();
        }
    }

    /// What the loop's registrations are given to find their base.
    pub(super) fn context(&'static self) -> *mut () {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    /// The base that [`context`](Self::context) was of.
    pub(super) fn of_context(context: *mut ()) -> &'static Self {
        // SAFETY: `context` of a base, whose memory is never given back.
        unsafe { &*context.cast::<Self>() }
    }

    /// Ends the base. What is registered goes; a loop that runs ends, and the base with it.
    pub(super) fn free(&'static self) -> Result<(), Refused> {
        let mut inside = self.enter()?;
        _ = CURRENT.compare_exchange(
            std::ptr::from_ref(self).cast_mut(),
            std::ptr::null_mut(),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        inside.state.is_freed = true;
        inside.state.signals.clear();
        inside.state.shadows.clear();
        if self.runs() {
            self.is_broken.store(true, Ordering::Relaxed);
            drop(inside);
            self.wake();
            return Ok(());
        }
        self.bury(inside.state);
        Ok(())
    }

    /// Gives what a freed base has back; the loop does not run.
    pub(super) fn bury(&'static self, mut state: Entered<'_, State>) {
        let engine = std::mem::replace(&mut state.engine, std::ptr::null_mut());
        state.current = std::ptr::null_mut();
        self.set_remote(None);
        state.steps.clear();
        self.life.fetch_add(1, Ordering::Relaxed);
        if !engine.is_null() {
            // SAFETY: made by `Box::into_raw`, and taken out of the state, which is the only place that had it.
            drop(unsafe { Box::from_raw(engine) });
        }
        state.signals.close();
        drop(state);
        lock(&FREE).push_back(self);
    }

    /// Has a loop that waits look at what is there. May be called from a signal's handler.
    pub(super) fn wake(&self) {
        // Who has the lock wakes it too, or makes or ends the base.
        if let Ok(remote) = self.remote.try_lock()
            && let Some(remote) = &*remote
        {
            remote.wake();
        }
    }

    pub(super) fn set_remote(&self, remote: Option<Remote>) {
        *lock(&self.remote) = remote;
    }
}

impl State {
    const fn blank() -> Self {
        Self {
            engine: std::ptr::null_mut(),
            current: std::ptr::null_mut(),
            shadows: Shadows::new(),
            signals: Signals::new(),
            steps: Vec::new(),
            running: 0,
            called: 0,
            is_freed: false,
        }
    }

    pub(super) const fn is_freed(&self) -> bool {
        self.is_freed
    }

    /// The loop's own pointer, for the one who runs it.
    pub(super) const fn engine(&self) -> *mut Loop {
        self.engine
    }
}

impl Inside {
    /// The loop, if it is this thread's for now.
    pub(super) fn engine(&mut self) -> Option<&mut Loop> {
        if !self.is_ours {
            return None;
        }
        // SAFETY: the loop is nobody's or this thread's, and what this thread does with it at the moment is to call a
        // callback, which was given `current`.
        unsafe { self.state.current.as_mut() }
    }
}

/// A base's memory that nobody has had for a while.
fn rested() -> Option<&'static Base> {
    let mut free = lock(&FREE);
    if free.len() <= RESTING {
        return None;
    }
    free.pop_front()
}

/// The base at a pointer of the program's; `None` for null.
///
/// # Safety
/// - `base` is null or came from `event_base_new` or its like; it may have been freed.
pub(super) unsafe fn at(base: *const Base) -> Option<&'static Base> {
    // SAFETY: null, or a base, whose memory is never given back.
    unsafe { base.as_ref() }
}

/// libevent's one base for calls that name none.
pub(super) fn current() -> Option<&'static Base> {
    // ORDERING: Acquire pairs with the Release in `set_current`.
    let base = CURRENT.load(Ordering::Acquire);
    // SAFETY: null, or a base, whose memory is never given back.
    unsafe { base.as_ref() }
}

pub(super) fn set_current(base: &'static Base) {
    // ORDERING: Release pairs with the Acquire in `current`.
    CURRENT.store(std::ptr::from_ref(base).cast_mut(), Ordering::Release);
}

unsafe extern "C" {
    fn secure_getenv(name: *const c_char) -> *const c_char;
}

/// What a variable of the environment says; nothing in a program with the rights of another user.
fn variable(name: &CStr) -> Option<&'static CStr> {
    // SAFETY: a string; the environment is not changed meanwhile, which is the program's duty.
    let value = unsafe { secure_getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: a string of the environment, which stays as long as the program does not change it.
    Some(unsafe { CStr::from_ptr(value) })
}

/// What is waited with. `EVLOOP_BACKEND` names it whatever else is said; else epoll, or poll where `EVENT_NOEPOLL` is set.
fn choose(flags: c_int) -> Option<BackendKind> {
    if let Some(name) = variable(c"EVLOOP_BACKEND") {
        match name.to_bytes() {
            b"epoll" => return Some(BackendKind::Epoll),
            b"poll" => return Some(BackendKind::Poll),
            b"io_uring" => return Some(BackendKind::Uring),
            _ => warn("EVLOOP_BACKEND is not `epoll`, `poll` or `io_uring`, and is ignored"),
        }
    }
    let is_off = |name| flags & FLAG_IGNORE_ENV == 0 && variable(name).is_some();
    if !is_off(c"EVENT_NOEPOLL") {
        return Some(BackendKind::Epoll);
    }
    if !is_off(c"EVENT_NOPOLL") {
        return Some(BackendKind::Poll);
    }
    let select = match is_off(c"EVENT_NOSELECT") {
        true => "select too",
        false => "there is no select here",
    };
    warn(&format!(
        "event_base_new: no event mechanism is left: EVENT_NOEPOLL and EVENT_NOPOLL are set, and {select}"
    ));
    None
}

/// Where io_uring is refused, epoll takes its place, and that is said.
fn make(kind: BackendKind) -> Result<Loop, evloop::Error> {
    match Loop::with_backend(kind) {
        Err(error) if kind == BackendKind::Uring => {
            warn(&format!("event_base_new: {error}; epoll takes its place"));
            Loop::with_backend(BackendKind::Epoll)
        }
        made => made,
    }
}

/// libevent's name of what a base waits with, as a string of C's.
pub(super) const fn method(kind: BackendKind) -> &'static CStr {
    match kind {
        BackendKind::Poll => c"poll",
        BackendKind::Uring => c"io_uring",
        _ => c"epoll",
    }
}
