//! Planted: the model in `tests/model.rs` waits for a feature that the manifest doesn't declare, so it never runs.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};

/// A number that is taken once.
pub struct Once {
    taken: AtomicBool,
    number: UnsafeCell<u64>,
}

// SAFETY: the number is touched by the thread that set `taken` first.
unsafe impl Sync for Once {}

impl Once {
    /// Holds `number`.
    pub fn new(number: u64) -> Self {
        Self {
            taken: AtomicBool::new(false),
            number: UnsafeCell::new(number),
        }
    }

    /// The number, the first time.
    pub fn take(&self) -> Option<u64> {
        let first = !self.taken.swap(true, Ordering::Relaxed);
        // SAFETY: no other call gets here, and the number was written before the value could be shared.
        first.then(|| unsafe { *self.number.get() })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_of_two_threads_takes_it() {
        let once = super::Once::new(7);
        let taken = std::thread::scope(|scope| {
            let other = scope.spawn(|| once.take());
            [once.take(), other.join().unwrap()]
        });
        assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), [7]);
    }
}
