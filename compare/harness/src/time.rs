//! Times, of this thread's processor time: what else the machine does does not count, unless it takes cache and memory.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// What the work took, and what it came to.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = processor_time();
    let result = work();
    (processor_time() - start, result)
}

/// What this thread has had of a processor so far.
///
/// # Panics
/// If the system's clock is before its start.
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("the clock counts up from 0")
}
