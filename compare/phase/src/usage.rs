//! What the operating system says that this process used.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Counters since the start of the process.
#[derive(Clone, Copy)]
pub struct Usage {
    pub user_us: i64,
    pub system_us: i64,
    pub faults: i64,
}

impl Usage {
    pub fn now() -> Self {
        let usage = getrusage(UsageWho::RUSAGE_SELF).expect("a process may ask about itself");
        Self {
            user_us: usage.user_time().num_microseconds(),
            system_us: usage.system_time().num_microseconds(),
            faults: usage.minor_page_faults() + usage.major_page_faults(),
        }
    }
}

/// The most memory that was resident at once, in KiB.
pub fn peak_resident_kib() -> u64 {
    field("VmHWM:")
}

/// The memory that is resident now, in KiB.
pub fn resident_kib() -> u64 {
    field("VmRSS:")
}

fn field(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has this file");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("the line holds a number")
}
