//! The hazard programs under the system's allocator: they show that each of them is right.

use std::process::ExitCode;

#[path = "../../../../crates/phase-alloc/tests/hazards/suite/mod.rs"]
mod suite;

/// Phases that do nothing.
mod subject {
    pub fn begin_phase() {}

    pub fn end_phase() {}

    pub fn phase<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    pub const THRESHOLDS: &[usize] = &[0];
    pub const POISON: &[bool] = &[false];

    pub fn environment(_: usize, _: bool) -> [(&'static str, String); 0] {
        []
    }
}

fn main() -> ExitCode {
    suite::harness::main()
}
