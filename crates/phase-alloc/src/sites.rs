//! Where the survivors of a phase were allocated.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;

use crate::phase::opt_out;
use crate::raw::lock::Lock;
use crate::raw::state;
use crate::raw::unwind::{self, Frames};
use crate::report::{PhaseReport, phase_with_report};

/// The objects of the region that were allocated while someone traced, by address.
///
/// Not a mutex of the standard library, which would stay locked in a forked child.
pub(crate) static TRACED: Lock<Option<HashMap<usize, (Frames, usize)>>> = Lock::new(None);

/// The survivors that one place in the program allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallSite {
    /// How many are live.
    pub objects: usize,
    /// Their bytes.
    pub bytes: usize,
    /// Return addresses of the allocating call, the innermost first; they begin in this crate. Empty
    /// where there is no unwinder. `backtrace::resolve` of the crate `backtrace` gives their names.
    pub frames: Vec<usize>,
}

impl fmt::Display for CallSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} objects of {} bytes, from", self.objects, self.bytes)?;
        self.frames
            .iter()
            .try_for_each(|frame| write!(f, " {frame:#x}"))
    }
}

/// Runs `f` in a phase and tells, besides the report, where the survivors that it allocated come from:
/// call sites by their bytes, the most first.
///
/// Every allocation of every thread is recorded with its stack meanwhile: microseconds each, and memory
/// of the inner allocator. One traced phase at a time; one that begins within another has no sites.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// let (kept, report, sites) = phase_alloc::phase_with_call_sites(|| {
///     let scratch = vec![0_u8; 100];
///     let kept: Vec<_> = (0..3).map(|_| Box::new([0_u8; 1000])).collect();
///     (kept, scratch.len())
/// });
/// assert_eq!(report.survivors.count(), 4);
/// assert_eq!((sites[0].objects, sites[0].bytes), (3, 3000)); // The boxes; then their vector.
/// # drop(kept);
/// ```
pub fn phase_with_call_sites<R>(f: impl FnOnce() -> R) -> (R, PhaseReport, Vec<CallSite>) {
    let tracer = Tracer::start();
    let (result, report) = phase_with_report(f);
    let sites = tracer.map_or_else(Vec::new, |tracer| tracer.sites());
    (result, report, sites)
}

/// Has allocations recorded until it is dropped.
struct Tracer;

impl Tracer {
    /// None if there is one already.
    fn start() -> Option<Self> {
        let fresh = traced(|table| table.is_none() && table.insert(HashMap::new()).is_empty());
        fresh.then(|| {
            state::trace(true);
            Self
        })
    }

    fn sites(self) -> Vec<CallSite> {
        state::trace(false);
        opt_out(|| {
            let mut sites: HashMap<Frames, (usize, usize)> = HashMap::new();
            for (frames, bytes) in traced(Option::take).unwrap_or_default().into_values() {
                let site = sites.entry(frames).or_default();
                site.0 += 1;
                site.1 += bytes;
            }
            let mut sites: Vec<_> = sites.into_iter().map(CallSite::from_parts).collect();
            sites.sort_by_key(|site| Reverse(site.bytes));
            sites
        })
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        state::trace(false);
        drop(traced(Option::take));
    }
}

impl CallSite {
    fn from_parts((frames, (objects, bytes)): (Frames, (usize, usize))) -> Self {
        Self {
            objects,
            bytes,
            frames: frames.into_iter().take_while(|frame| *frame != 0).collect(),
        }
    }
}

/// Records an object that was allocated just now.
pub(crate) fn allocated(address: usize, bytes: usize) {
    let frames = unwind::capture();
    traced(|table| {
        table
            .as_mut()
            .map(|table| table.insert(address, (frames, bytes)))
    });
}

/// Forgets an object that is about to be freed.
pub(crate) fn freed(address: usize) {
    traced(|table| table.as_mut().map(|table| table.remove(&address)));
}

/// Runs `body` with the table. What it allocates comes from the inner allocator, and is not recorded.
fn traced<R>(body: impl FnOnce(&mut Option<HashMap<usize, (Frames, usize)>>) -> R) -> R {
    opt_out(|| TRACED.with(body))
}
