//! Programs that keep memory across phases, under `phase-alloc`, each in a process of its own.
//!
//! `cargo test -p phase-alloc --test hazards` runs each once in every configuration: threshold 0 and
//! 4096, poison off and on. Arguments after `--`: words that select programs, `--repeats N`,
//! `--thresholds 0,64,..`, `--list`. cargo-nextest and the auditor list the programs and run them by name.

// loom's atomics work in its models only; the programs need processes, fork and limits.
#![cfg(all(unix, not(loom)))]

use std::process::ExitCode;

mod suite;

/// The allocator under test.
mod subject {
    pub(crate) use phase_alloc::{begin_phase, end_phase, phase};

    #[global_allocator]
    static ALLOC: phase_alloc::PhaseAlloc =
        phase_alloc::PhaseAlloc::builder().from_env(true).build();

    pub(crate) const THRESHOLDS: &[usize] = &[0, 4_096];
    pub(crate) const POISON: &[bool] = &[false, true];

    pub(crate) fn environment(threshold_bytes: usize, poison: bool) -> [(&'static str, String); 2] {
        [
            ("ZK_ALLOC_MIN_BYTES", threshold_bytes.to_string()),
            ("ZK_ALLOC_POISON_RESET", u8::from(poison).to_string()),
        ]
    }
}

fn main() -> ExitCode {
    suite::harness::main()
}
