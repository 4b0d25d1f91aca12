//! What each thread did, and what C did in all.

use std::cell::Cell;

/// Of one thread.
struct Counts {
    allocs: Cell<u64>,
    frees: Cell<u64>,
    bytes_allocated: Cell<u64>,
    bytes_freed: Cell<u64>,
    peak: Cell<u64>,
}

thread_local! {
    static COUNTS: Counts = const {
        Counts {
            allocs: Cell::new(0),
            frees: Cell::new(0),
            bytes_allocated: Cell::new(0),
            bytes_freed: Cell::new(0),
            peak: Cell::new(0),
        }
    };
}

#[inline]
fn add(cell: &Cell<u64>, amount: u64) -> u64 {
    let sum = cell.get().wrapping_add(amount);
    cell.set(sum);
    sum
}

#[inline]
pub(crate) fn allocated(bytes: usize) {
    COUNTS.with(|counts| {
        add(&counts.allocs, 1);
        counts.grew(bytes);
    });
}

#[inline]
pub(crate) fn freed(bytes: usize) {
    COUNTS.with(|counts| {
        add(&counts.frees, 1);
        add(&counts.bytes_freed, bytes as u64);
    });
}

#[inline]
pub(crate) fn resized(from: usize, to: usize) {
    COUNTS.with(|counts| {
        add(&counts.bytes_freed, from as u64);
        counts.grew(to);
    });
}

impl Counts {
    #[inline]
    fn grew(&self, bytes: usize) {
        let live = add(&self.bytes_allocated, bytes as u64).wrapping_sub(self.bytes_freed.get());
        // A thread that frees what others have allocated is below zero, which is no peak.
        if live.cast_signed() > self.peak.get().cast_signed() {
            self.peak.set(live);
        }
    }
}

/// What the calling thread did.
pub(crate) fn of_thread() -> memscope::Usage {
    COUNTS.with(|counts| memscope::Usage {
        allocs: counts.allocs.get(),
        frees: counts.frees.get(),
        bytes_allocated: counts.bytes_allocated.get(),
        bytes_freed: counts.bytes_freed.get(),
        peak_bytes: counts.peak.get(),
    })
}
