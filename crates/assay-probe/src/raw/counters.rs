//! A table of counters that lies in memory from elsewhere.

use core::ptr::{self, NonNull};

use crate::hits::SATURATION;
use crate::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// Counters that nobody can count with until [`Counters::install`] gave them their memory.
///
/// # Invariants
///
/// 1. `table` points to at least `length` counters that live as long as the process, or `length`
///    is 0.
/// 2. Every value of `length` but 0 was stored after its `table`, by `install`.
pub(super) struct Counters {
    table: AtomicPtr<AtomicU64>,
    length: AtomicU32,
}

impl Counters {
    pub(super) const fn empty() -> Self {
        Self {
            table: AtomicPtr::new(ptr::null_mut()),
            length: AtomicU32::new(0),
        }
    }

    /// Gives the counters their memory, once.
    ///
    /// # Safety
    ///
    /// - `table` is valid for atomic reads and writes of `length` counters until the process ends.
    /// - It is called at most once for these counters.
    pub(super) unsafe fn install(&self, table: NonNull<AtomicU64>, length: u32) {
        // ORDERING: Relaxed; the Release store below publishes it.
        self.table.store(table.as_ptr(), Ordering::Relaxed);
        // INVARIANT: 1 by the contract, 2 as the table was stored above.
        // ORDERING: Release pairs with the Acquire in `add`: who sees the length sees the table.
        self.length.store(length, Ordering::Release);
    }

    /// Adds one to counter `n`, where there is one, unless it is saturated.
    #[inline]
    pub(super) fn add(&self, n: u32) {
        // ORDERING: Acquire pairs with the Release in `install`. That store happens before `main`,
        // so that this load orders nothing between the threads of the program.
        if n >= self.length.load(Ordering::Acquire) {
            return;
        }
        let table = self.table.load(Ordering::Relaxed);
        // SAFETY: `n` is below a length that was stored after `table` (invariants 1 and 2).
        let counter = unsafe { &*table.wrapping_add(n as usize) };
        // ORDERING: Relaxed; a counter publishes nothing, and must not order the audited code.
        if counter.load(Ordering::Relaxed) < SATURATION {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::thread;
    use std::vec::Vec;

    /// Counters over a static table, which is valid as long as the mapping would be.
    fn installed(table: &'static [AtomicU64]) -> Counters {
        let counters = Counters::empty();
        let length = u32::try_from(table.len()).unwrap();
        // SAFETY: the table is static, and this is the only call.
        unsafe { counters.install(NonNull::from(table).cast(), length) };
        counters
    }

    fn values(table: &[AtomicU64]) -> Vec<u64> {
        table.iter().map(|n| n.load(Ordering::Relaxed)).collect()
    }

    #[test]
    fn nothing_is_counted_before_the_memory_is_there() {
        let counters = Counters::empty();
        counters.add(0);
        counters.add(u32::MAX);
    }

    #[test]
    fn each_number_has_its_own_counter_and_others_are_ignored() {
        static TABLE: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];
        let counters = installed(&TABLE);
        for n in [0, 2, 2, 3, 1000, u32::MAX] {
            counters.add(n);
        }
        assert_eq!(values(&TABLE), [1, 0, 2]);
    }

    #[test]
    fn a_counter_stops_where_it_is_saturated() {
        static TABLE: [AtomicU64; 3] = [
            AtomicU64::new(SATURATION - 1),
            AtomicU64::new(SATURATION),
            AtomicU64::new(u64::MAX),
        ];
        let counters = installed(&TABLE);
        for _ in 0..3 {
            (0..3).for_each(|n| counters.add(n));
        }
        assert_eq!(values(&TABLE), [SATURATION, SATURATION, u64::MAX]);
    }

    #[test]
    fn threads_lose_no_count() {
        static TABLE: [AtomicU64; 16] = [const { AtomicU64::new(0) }; 16];
        let counters = installed(&TABLE);
        let each = if cfg!(miri) { 5 } else { 16_000 };
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..each {
                        (0..16).for_each(|n| counters.add(n));
                    }
                });
            }
        });
        assert_eq!(values(&TABLE), [each * 4; 16]);
    }
}
