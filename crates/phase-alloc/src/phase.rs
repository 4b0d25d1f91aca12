//! Phases: when allocations go to the region.

use crate::raw::{state, thread};

/// Runs `f` in a phase, which ends when `f` returns or panics.
///
/// While a phase is active anywhere in the process, allocations of all threads go to the region. Phases
/// nest, overlap between threads, and may hold anything: a phase decides where new objects go, never
/// when old ones end.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// let kept = phase_alloc::phase(|| vec![1; 1000]);
/// assert_eq!(kept.len(), 1000);
/// ```
pub fn phase<R>(f: impl FnOnce() -> R) -> R {
    let _guard = PhaseGuard::begin();
    f()
}

/// Runs `f` in a phase with a name, under which [`named_phases`](crate::named_phases) tells what it left.
///
/// Looks at every chunk in use before and after `f`, so it is for phases of a millisecond or more.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// let kept = phase_alloc::named_phase("load", || vec![0_u8; 4096]);
/// let load = phase_alloc::named_phases().find(|phase| phase.name == "load").unwrap();
/// assert_eq!(load.runs, 1);
/// assert!(load.kept_bytes >= 4096);
/// # drop(kept);
/// ```
pub fn named_phase<R>(name: &'static str, f: impl FnOnce() -> R) -> R {
    let guard = PhaseGuard::begin();
    let before = crate::raw::live();
    let result = f();
    let after = crate::raw::live();
    drop(guard);
    crate::named::record(name, before, after);
    result
}

/// Begins a phase; [`end_phase`] ends it. [`phase`] and [`PhaseGuard`] cannot be forgotten.
///
/// The first call of the process reserves the region.
pub fn begin_phase() {
    state::begin();
}

/// Ends a phase. Does nothing if none is active; ends another's phase if there is no own one, which
/// costs speed and nothing else.
pub fn end_phase() {
    state::end();
}

/// A phase that ends when the guard is dropped, on any thread.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// let guard = phase_alloc::PhaseGuard::begin();
/// let kept = String::from("kept");
/// drop(guard);
/// assert_eq!(kept, "kept");
/// ```
#[derive(Debug)]
#[must_use = "the phase ends when the guard is dropped"]
pub struct PhaseGuard(());

impl PhaseGuard {
    /// Begins a phase.
    pub fn begin() -> Self {
        begin_phase();
        Self(())
    }
}

impl Drop for PhaseGuard {
    fn drop(&mut self) {
        end_phase();
    }
}

/// Runs `f`; what this thread allocates meanwhile goes to the inner allocator, also in a phase.
///
/// For a thread that has nothing to do with the heavy work, or for something that is known to be kept.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// let cache = phase_alloc::phase(|| phase_alloc::opt_out(|| vec![0_u8; 1 << 20]));
/// phase_alloc::survivors().assert_none();
/// # drop(cache);
/// ```
pub fn opt_out<R>(f: impl FnOnce() -> R) -> R {
    struct OptedOut;
    impl Drop for OptedOut {
        fn drop(&mut self) {
            thread::opt_out(false);
        }
    }
    thread::opt_out(true);
    let _back = OptedOut;
    f()
}
