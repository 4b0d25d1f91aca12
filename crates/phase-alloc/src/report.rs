//! What a phase allocated, and what is left of it.

use std::fmt;

use crate::phase::PhaseGuard;
use crate::raw::{counters, os, state};
use crate::{Survivors, survivors};

/// What was counted between the beginning and the end of a phase, in all threads.
///
/// Bytes are those that were asked for. Objects that the inner allocator got (below the threshold, of
/// threads that opted out, beyond the region) are not counted.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PhaseReport {
    /// Objects allocated in the region, moves by `realloc` included.
    pub allocations: usize,
    /// Their bytes.
    pub bytes: usize,
    /// The most bytes that were live in the region at once. Reports that overlap on several threads
    /// share one peak. It starts at what was live when the phase began, which is counted chunk by chunk: beside a
    /// thread that goes on allocating, an object that it moved may be counted twice.
    pub peak_live_bytes: usize,
    /// What was live in the region when the phase began.
    pub before: Survivors,
    /// What is live in the region at the end of the phase: its result, what outlived it, and what was
    /// there before.
    pub survivors: Survivors,
    /// Allocations that the region had no room for.
    pub overflows: usize,
    /// Page faults of the process, where the system tells them.
    pub page_faults: Option<u64>,
}

impl fmt::Display for PhaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} allocations of {} bytes, peak {} bytes live, {}, {} overflows",
            self.allocations, self.bytes, self.peak_live_bytes, self.survivors, self.overflows
        )?;
        match self.page_faults {
            Some(faults) => write!(f, ", {faults} page faults"),
            None => Ok(()),
        }
    }
}

/// Runs `f` in a phase and tells what it allocated.
///
/// Allocations and frees of all threads leave the fast paths meanwhile, and are counted one by one: for
/// measuring, not for measuring time.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// let (kept, report) = phase_alloc::phase_with_report(|| {
///     drop(vec![0_u8; 1 << 20]);
///     vec![0_u8; 1000]
/// });
/// assert_eq!(report.allocations, 2);
/// assert_eq!(report.peak_live_bytes, 1 << 20);
/// assert_eq!(report.survivors.count(), 1);
/// assert_eq!(report.survivors.bytes(), kept.len());
/// ```
pub fn phase_with_report<R>(f: impl FnOnce() -> R) -> (R, PhaseReport) {
    let _guard = PhaseGuard::begin();
    let observer = Observer::start();
    let result = f();
    let report = observer.report();
    (result, report)
}

/// Has allocations counted until it is dropped.
struct Observer {
    counted: counters::Counted,
    overflow: counters::Overflow,
    page_faults: Option<u64>,
    before: Survivors,
    peak_before: usize,
}

impl Observer {
    fn start() -> Self {
        state::observe(true);
        let before = survivors();
        Self {
            counted: counters::counted(),
            overflow: counters::overflow(),
            page_faults: os::page_faults(),
            before,
            peak_before: counters::start_peak(before.bytes()),
        }
    }

    fn report(&self) -> PhaseReport {
        let (counted, overflow) = (counters::counted(), counters::overflow());
        PhaseReport {
            allocations: counted.allocations.wrapping_sub(self.counted.allocations),
            bytes: counted.bytes.wrapping_sub(self.counted.bytes),
            peak_live_bytes: counters::peak(),
            before: self.before,
            survivors: survivors(),
            overflows: overflow.count.saturating_sub(self.overflow.count),
            page_faults: os::page_faults()
                .zip(self.page_faults)
                .map(|(now, then)| now.saturating_sub(then)),
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        counters::end_peak(self.peak_before);
        state::observe(false);
    }
}
