//! The hazard programs under zk-alloc: they show that each of them can fail.

use std::process::ExitCode;

#[path = "../../../../crates/phase-alloc/tests/hazards/suite/mod.rs"]
mod suite;

mod subject {
    pub use zk_alloc::{begin_phase, end_phase, phase};

    #[global_allocator]
    static ALLOC: zk_alloc::ZkAllocator = zk_alloc::ZkAllocator;

    pub const THRESHOLDS: &[usize] = &[0, 4_096];
    /// This version has no such mode.
    pub const POISON: &[bool] = &[false];

    pub fn environment(threshold_bytes: usize, _: bool) -> [(&'static str, String); 1] {
        [("ZK_ALLOC_MIN_BYTES", threshold_bytes.to_string())]
    }
}

fn main() -> ExitCode {
    suite::harness::main()
}
