//! Planted: [`Log::push`] takes `&self` and claims its slot with a load and a store, so two threads get one slot.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

const SLOTS: usize = 1024;

/// Numbers in the order in which they came.
pub struct Log {
    claimed: AtomicUsize,
    slots: [UnsafeCell<u64>; SLOTS],
}

// SAFETY: each slot is written by the thread that claimed it and read through `&mut self`.
unsafe impl Sync for Log {}

impl Log {
    /// An empty log.
    pub fn new() -> Self {
        Self {
            claimed: AtomicUsize::new(0),
            slots: [const { UnsafeCell::new(0) }; SLOTS],
        }
    }

    /// Appends a number; false if there is no room.
    pub fn push(&self, number: u64) -> bool {
        let at = self.claimed.load(Ordering::Relaxed);
        self.claimed.store(at + 1, Ordering::Relaxed);
        let Some(slot) = self.slots.get(at) else {
            return false;
        };
        // SAFETY: no other thread has claimed this slot.
        unsafe { *slot.get() = number }; // PLANTED
        true
    }

    /// The slots.
    pub fn slots(&mut self) -> impl Iterator<Item = u64> {
        self.slots.iter_mut().map(|slot| *slot.get_mut())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_threads_can_push() {
        let mut log = super::Log::new();
        let start = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            for number in [1, 2] {
                let (log, start) = (&log, &start);
                scope.spawn(move || {
                    start.wait();
                    (0..500).for_each(|_| assert!(log.push(number)));
                });
            }
        });
        assert!(log.slots().all(|number| number <= 2));
    }
}
