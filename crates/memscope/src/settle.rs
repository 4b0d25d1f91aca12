//! Waiting for frees that other threads are about to do.

use std::thread;
use std::time::{Duration, Instant};

/// Looks until `is_settled` or the time is over; gives way to other threads first, and sleeps then.
#[inline]
pub(crate) fn until(patience: Duration, is_settled: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    for round in 0_u32.. {
        if is_settled() {
            return true;
        }
        if start.elapsed() >= patience {
            break;
        }
        if round < 64 {
            thread::yield_now();
        } else {
            thread::sleep(Duration::from_micros(100));
        }
    }
    false
}
