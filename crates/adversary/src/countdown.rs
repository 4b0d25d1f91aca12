//! Panics in every call into user code, one after the other.
//!
//! **Finds:** panic-safety bugs. Code that has moved values out, or has written a length before the
//! values are there, and then calls a closure or a trait of its user; when that call panics, values are
//! dropped twice, leaked, or read before they were written.
//!
//! Everything of this crate that stands in for user code ([`liar`](crate::liar), [`drops`](crate::drops))
//! calls [`tick`] before it answers; closures call it themselves. [`for_each_call`] runs an operation once
//! to count these calls, then once for each of them with a panic in it. It samples nothing: an operation
//! with nine calls is run ten times.
//!
//! ```
//! use adversary::{countdown, drops::Ledger};
//!
//! let panics = countdown::for_each_call(
//!     || {
//!         let ledger = Ledger::new();
//!         let values = (0..4).map(|_| ledger.token()).collect::<Vec<_>>();
//!         (ledger, values)
//!     },
//!     |(_, values)| values.retain(|value| {
//!         countdown::tick();
//!         value.serial() % 2 == 0
//!     }),
//!     |(ledger, values), _run| {
//!         drop(values);
//!         ledger.assert_clean();
//!     },
//! );
//! assert_eq!(panics, 6); // The closure four times, and two destructors.
//! ```
//!
//! # What it does not see
//!
//! A destructor that panics while the thread unwinds aborts the process, so a call that is made during
//! unwinding counts and does not panic. Calls on other threads than that of the run do not count.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

/// What goes wrong in a run, and at which call; calls count from 0.
///
/// The variants are functions from an index, which is what [`for_each`] takes.
///
/// # Examples
///
/// ```
/// use adversary::countdown::Fault;
///
/// let kind: fn(u64) -> Fault = Fault::Panic;
/// assert_eq!(kind(3).to_string(), "a panic in call 3");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This call into user code panics.
    Panic(u64),
    /// This allocation fails and no other, where a [`Scripted`](crate::alloc::Scripted) allocates.
    AllocFails(u64),
    /// This allocation and all after it fail.
    AllocFailsFrom(u64),
    /// This allocation panics. A global allocator must not, so it goes on as if nothing were; others do.
    AllocPanics(u64),
}

impl Fault {
    /// Which of a run's counts the index is one of.
    const fn total<R>(self, run: &Run<R>) -> u64 {
        match self {
            Self::Panic(_) => run.calls,
            Self::AllocFails(_) | Self::AllocFailsFrom(_) | Self::AllocPanics(_) => run.allocations,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic(index) => write!(f, "a panic in call {index}"),
            Self::AllocFails(index) => write!(f, "a failure of allocation {index}"),
            Self::AllocFailsFrom(index) => write!(f, "no memory from allocation {index} on"),
            Self::AllocPanics(index) => write!(f, "a panic in allocation {index}"),
        }
    }
}

/// The payload of a panic that [`tick`] raised, or an allocator.
///
/// Such a panic does not call the panic hook, so nothing is printed.
///
/// # Examples
///
/// ```
/// use adversary::countdown::{Fault, Injected, run_armed, tick};
///
/// let run = run_armed(Fault::Panic(0), tick);
/// assert!(run.result.unwrap_err().is::<Injected>());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Injected(pub Fault);

/// How a run ended.
///
/// # Examples
///
/// ```
/// use adversary::countdown::{Fault, run_armed, tick};
///
/// let run = run_armed(Fault::Panic(1), || (tick(), tick(), tick()));
/// assert!(run.fired && run.result.is_err());
/// assert_eq!(run.calls, 2);
/// ```
#[derive(Debug)]
pub struct Run<R> {
    /// What the operation returned, or the payload of its panic.
    pub result: thread::Result<R>,
    /// Calls into user code, those during unwinding included.
    pub calls: u64,
    /// Allocations and reallocations by a [`Scripted`](crate::alloc::Scripted) allocator.
    pub allocations: u64,
    /// Whether the fault was reached.
    pub fired: bool,
}

impl<R> Run<R> {
    /// Whether the run ended by a panic of [`tick`].
    ///
    /// ```
    /// use adversary::countdown::{Fault, run_armed, tick};
    ///
    /// assert!(run_armed(Fault::Panic(0), tick).was_injected());
    /// assert!(!run_armed(Fault::Panic(1), tick).was_injected());
    /// ```
    pub fn was_injected(&self) -> bool {
        self.result.as_ref().is_err_and(|it| it.is::<Injected>())
    }
}

/// Cells without destructors: an allocator may ask them at any time of a thread's life.
struct State {
    armed: Cell<bool>,
    paused: Cell<bool>,
    fired: Cell<bool>,
    /// Whether the fault was due while the thread unwound.
    muffled: Cell<bool>,
    fault: Cell<Option<Fault>>,
    calls: Cell<u64>,
    allocations: Cell<u64>,
}

thread_local! {
    static STATE: State = const {
        State {
            armed: Cell::new(false),
            paused: Cell::new(false),
            fired: Cell::new(false),
            muffled: Cell::new(false),
            fault: Cell::new(None),
            calls: Cell::new(0),
            allocations: Cell::new(0),
        }
    };
}

/// Counts a call into user code, and panics if it is the one that the run is armed for.
///
/// To be called first thing in every closure and trait method that the code under test is given. Outside
/// of a run it does nothing.
///
/// # Panics
///
/// With [`Injected`], if the thread's run is armed for this call and the thread does not unwind already.
///
/// # Examples
///
/// ```
/// use adversary::countdown::{run_counted, tick};
///
/// let run = run_counted(|| (0..5).filter(|_| { tick(); true }).count());
/// assert_eq!((run.result.unwrap(), run.calls), (5, 5));
/// ```
pub fn tick() {
    let panics = STATE.with(|state| {
        if !state.armed.get() || state.paused.get() {
            return None;
        }
        let call = state.calls.get();
        state.calls.set(call + 1);
        let fault = state.fault.get()?;
        if fault != Fault::Panic(call) {
            return None;
        }
        let unwinds = thread::panicking();
        if unwinds {
            &state.muffled
        } else {
            &state.fired
        }
        .set(true);
        (!unwinds).then_some(fault)
    });
    if let Some(fault) = panics {
        inject(fault);
    }
}

/// Without the hook: an exhaustive sweep would print thousands of backtraces.
fn inject(fault: Fault) -> ! {
    resume_unwind(Box::new(Injected(fault)))
}

/// How an allocation is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allocation {
    Proceeds,
    Fails,
}

/// Counts an allocation. Runs inside of allocators: it takes no lock and no memory unless it panics.
///
/// # Panics
///
/// If `may_panic` and the run is armed for it.
pub(crate) fn allocation(may_panic: bool) -> Allocation {
    let (answer, panics) = STATE.with(|state| {
        let idle = (Allocation::Proceeds, None);
        if !state.armed.get() || state.paused.get() {
            return idle;
        }
        let index = state.allocations.get();
        state.allocations.set(index + 1);
        let Some(fault) = state.fault.get() else {
            return idle;
        };
        let outcome = match fault {
            Fault::AllocFails(at) if at == index => (Allocation::Fails, None),
            Fault::AllocFailsFrom(at) if at <= index => (Allocation::Fails, None),
            Fault::AllocPanics(at) if at == index && may_panic => (Allocation::Fails, Some(fault)),
            _ => return idle,
        };
        // A panic allocates its payload and its message; without memory for these it aborts.
        if thread::panicking() {
            state.muffled.set(true);
            return idle;
        }
        state.fired.set(true);
        outcome
    });
    if let Some(fault) = panics {
        inject(fault);
    }
    answer
}

/// Runs a closure whose calls of [`tick`] neither count nor panic.
///
/// For what the harness does in the middle of a run, such as comparing with an oracle.
///
/// # Examples
///
/// ```
/// use adversary::countdown::{paused, run_counted, tick};
///
/// assert_eq!(run_counted(|| paused(tick)).calls, 0);
/// ```
pub fn paused<R>(f: impl FnOnce() -> R) -> R {
    struct Resume(bool);
    impl Drop for Resume {
        fn drop(&mut self) {
            STATE.with(|state| state.paused.set(self.0));
        }
    }
    let _resume = Resume(STATE.with(|state| state.paused.replace(true)));
    f()
}

/// Runs an operation with a fault, and catches its panic.
///
/// # Panics
///
/// If the thread is in a run already.
///
/// # Examples
///
/// ```
/// use adversary::countdown::{Fault, run_armed, tick};
///
/// let mut sorted = vec![3, 1, 2];
/// let run = run_armed(Fault::Panic(1), || sorted.sort_by(|a, b| {
///     tick();
///     a.cmp(b)
/// }));
/// assert!(run.was_injected());
/// sorted.sort();
/// assert_eq!(sorted, [1, 2, 3]); // Nothing lost, nothing twice.
/// ```
pub fn run_armed<R>(fault: Fault, operation: impl FnOnce() -> R) -> Run<R> {
    run(Some(fault), operation)
}

/// Runs an operation without a fault, counts its calls, and catches its panic.
///
/// # Panics
///
/// If the thread is in a run already.
///
/// # Examples
///
/// ```
/// use adversary::countdown::{run_counted, tick};
///
/// assert_eq!(run_counted(|| (tick(), tick())).calls, 2);
/// ```
pub fn run_counted<R>(operation: impl FnOnce() -> R) -> Run<R> {
    run(None, operation)
}

fn run<R>(fault: Option<Fault>, operation: impl FnOnce() -> R) -> Run<R> {
    STATE.with(|state| {
        assert!(!state.armed.get(), "a run inside of a run");
        state.calls.set(0);
        state.allocations.set(0);
        state.fired.set(false);
        state.muffled.set(false);
        state.fault.set(fault);
        state.armed.set(true);
    });
    let result = catch_unwind(AssertUnwindSafe(operation));
    STATE.with(|state| {
        state.armed.set(false);
        Run {
            result,
            calls: state.calls.get(),
            allocations: state.allocations.get(),
            fired: state.fired.get(),
        }
    })
}

/// Runs an operation once for each call into user code that it makes, with a panic in that call.
///
/// The same as [`for_each`] with [`Fault::Panic`].
///
/// # Panics
///
/// As [`for_each`].
///
/// # Examples
///
/// ```
/// use adversary::countdown::{for_each_call, tick};
///
/// let panics = for_each_call(
///     || vec![1, 2, 3],
///     |list| list.iter_mut().for_each(|it| { tick(); *it += 1 }),
///     |list, run| assert_eq!(list.iter().sum::<i32>() == 9, run.result.is_ok()),
/// );
/// assert_eq!(panics, 3);
/// ```
pub fn for_each_call<S, R>(
    setup: impl FnMut() -> S,
    operation: impl FnMut(&mut S) -> R,
    check: impl FnMut(S, Run<R>),
) -> u64 {
    for_each(Fault::Panic, setup, operation, check)
}

/// Runs an operation once without a fault, then once for each index at which `kind` can strike.
///
/// Every run has a fresh state of `setup`. `check` gets the state and how the run ended, the run without
/// a fault included; calls in `setup` and `check` do not count. Returns the number of faults.
///
/// An operation that catches a panic of its own makes some calls while it unwinds. Nothing can strike there: these
/// runs end as the one without a fault, and are not counted among the faults.
///
/// The operation is run `n + 1` times, where `n` is its number of calls.
///
/// # Panics
///
/// If `check` panics: with its message and the fault that led there. If the operation panics by itself:
/// with that panic; an operation that may do so catches its own panics. If a fault is not reached, which
/// says that the operation does not make the same calls twice, and the sweep is not exhaustive.
///
/// # Examples
///
/// ```
/// use adversary::countdown::{Fault, for_each, tick};
///
/// let faults = for_each(Fault::Panic, || (), |()| tick(), |(), _run| {});
/// assert_eq!(faults, 1);
/// ```
pub fn for_each<S, R>(
    kind: fn(u64) -> Fault,
    mut setup: impl FnMut() -> S,
    mut operation: impl FnMut(&mut S) -> R,
    mut check: impl FnMut(S, Run<R>),
) -> u64 {
    let mut state = setup();
    let honest = own_panics_go_on(run_counted(|| operation(&mut state)));
    let total = kind(0).total(&honest);
    explain("without a fault", || check(state, honest));
    let mut struck = 0;
    for index in 0..total {
        let fault = kind(index);
        let mut state = setup();
        let run = own_panics_go_on(run_armed(fault, || operation(&mut state)));
        let muffled = STATE.with(|state| state.muffled.get());
        assert!(
            run.fired || muffled,
            "{fault} was not reached: the run without a fault had {total}, this one {}",
            fault.total(&run)
        );
        struck += u64::from(run.fired);
        explain(&format!("with {fault} of {total}"), || check(state, run));
    }
    struck
}

fn own_panics_go_on<R>(run: Run<R>) -> Run<R> {
    let injected = run.was_injected();
    match run.result {
        Err(payload) if !injected => resume_unwind(payload),
        result => Run { result, ..run },
    }
}

/// Adds the circumstances to a panic's message.
pub(crate) fn explain(circumstances: &str, f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        panic!("{circumstances}: {}", message(&*payload));
    }
}

/// The text of a panic, as far as it has one.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(Injected(fault)) = payload.downcast_ref() {
        return format!("the injected panic ({fault})");
    }
    let text = payload.downcast_ref::<&str>().map(|it| (*it).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without text".to_owned())
}
