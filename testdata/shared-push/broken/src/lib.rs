//! Planted: [`Recent::push`] takes `&self`, is called by two threads, and works for one at a time.
//!
//! Seen by tsan, miri. Not seen by unit, alloc, asan, memcheck.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The four latest numbers.
#[derive(Default)]
pub struct Recent {
    pushed: AtomicUsize,
    slots: [UnsafeCell<u64>; 4],
}

// SAFETY: a slot is written in `push` and read through `&mut self`.
unsafe impl Sync for Recent {} // PLANTED

impl Recent {
    /// Appends a number; the fifth from the end is forgotten.
    pub fn push(&self, number: u64) {
        let at = self.pushed.load(Ordering::Relaxed);
        // SAFETY: `at % 4` is the slot of the oldest number.
        unsafe { *self.slots[at % 4].get() = number }; // PLANTED
        self.pushed.store(at + 1, Ordering::Relaxed);
    }

    /// How many numbers were pushed.
    pub fn pushed(&self) -> usize {
        self.pushed.load(Ordering::Relaxed)
    }

    /// The numbers, in no order.
    pub fn numbers(&mut self) -> [u64; 4] {
        self.slots.each_mut().map(|slot| *slot.get_mut())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_threads_can_push() {
        let mut recent = super::Recent::default();
        std::thread::scope(|scope| {
            let pusher = scope.spawn(|| (0..20).for_each(|_| recent.push(1)));
            while recent.pushed() == 0 {
                std::thread::yield_now();
            }
            (0..20).for_each(|_| recent.push(2));
            pusher.join().unwrap();
        });
        assert!(recent.numbers().iter().all(|&number| number <= 2));
    }
}
