//! Planted: [`Gauge::get`] reads without the lock that [`Gauge::add`] holds.
//!
//! Seen by tsan, miri. Not seen by unit, alloc, asan, memcheck.

use std::cell::UnsafeCell;
use std::sync::Mutex;

/// A number that threads share.
#[derive(Default)]
pub struct Gauge {
    lock: Mutex<()>,
    value: UnsafeCell<u64>,
}

// SAFETY: `value` is touched under `lock` alone.
unsafe impl Sync for Gauge {}

impl Gauge {
    /// Adds `amount`.
    pub fn add(&self, amount: u64) {
        let _held = self.lock.lock().unwrap();
        // SAFETY: the lock is held.
        unsafe { *self.value.get() += amount };
    }

    /// The sum so far.
    pub fn get(&self) -> u64 {
        // SAFETY: the lock is held.
        unsafe { *self.value.get() } // PLANTED
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn can_be_read_while_it_grows() {
        let gauge = super::Gauge::default();
        std::thread::scope(|scope| {
            let adder = scope.spawn(|| (0..50).for_each(|_| gauge.add(1)));
            while gauge.get() < 50 {
                std::thread::yield_now();
            }
            adder.join().unwrap();
        });
        assert_eq!(gauge.get(), 50);
    }
}
