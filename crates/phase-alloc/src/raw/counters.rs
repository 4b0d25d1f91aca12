//! Figures for reports. Counted on the slow paths, which reports open, and when memory runs out.

use crate::sync::{AtomicUsize, Ordering};

static OVERFLOWS: AtomicUsize = AtomicUsize::new(0);
static OVERFLOW_BYTES: AtomicUsize = AtomicUsize::new(0);
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
/// Live bytes, as far as they were allocated or freed while someone observed: may wrap below 0.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// Allocations that the region had no room for, since the last reset.
#[derive(Clone, Copy)]
pub(crate) struct Overflow {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
}

/// What was counted while someone observed.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) allocations: usize,
    pub(crate) bytes: usize,
}

pub(super) fn overflowed(bytes: usize) {
    OVERFLOWS.fetch_add(1, Ordering::Relaxed);
    // Requests that nobody could fulfil are among them, of which three go past the largest number.
    let more = |sum: usize| Some(sum.saturating_add(bytes));
    let _ = OVERFLOW_BYTES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
}

pub(super) fn allocated(bytes: usize) {
    ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    BYTES.fetch_add(bytes, Ordering::Relaxed);
    let live = LIVE.fetch_add(bytes, Ordering::Relaxed).wrapping_add(bytes);
    // What was allocated before anyone observed may have been freed since.
    if live.cast_signed() > 0 {
        PEAK.fetch_max(live, Ordering::Relaxed);
    }
}

pub(super) fn freed(bytes: usize) {
    LIVE.fetch_sub(bytes, Ordering::Relaxed);
}

pub(crate) fn overflow() -> Overflow {
    Overflow {
        count: OVERFLOWS.load(Ordering::Relaxed),
        bytes: OVERFLOW_BYTES.load(Ordering::Relaxed),
    }
}

pub(crate) fn reset_overflow() {
    OVERFLOWS.store(0, Ordering::Relaxed);
    OVERFLOW_BYTES.store(0, Ordering::Relaxed);
}

pub(crate) fn counted() -> Counted {
    Counted {
        allocations: ALLOCATIONS.load(Ordering::Relaxed),
        bytes: BYTES.load(Ordering::Relaxed),
    }
}

/// Starts a new peak at `live` bytes and returns the old one.
pub(crate) fn start_peak(live: usize) -> usize {
    LIVE.store(live, Ordering::Relaxed);
    PEAK.swap(live, Ordering::Relaxed)
}

/// The peak so far.
pub(crate) fn peak() -> usize {
    PEAK.load(Ordering::Relaxed)
}

/// Ends a peak, and goes on with the larger of it and the one before.
pub(crate) fn end_peak(before: usize) {
    PEAK.fetch_max(before, Ordering::Relaxed);
}
