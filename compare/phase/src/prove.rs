//! A loop of proofs, each verified, with what each cost.

use crate::contender::Phases;
use crate::usage::{Usage, peak_resident_kib, resident_kib};
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// An AIR with a configuration.
pub trait Prover {
    type Proof;

    /// Builds the configuration and the AIR, for a trace of `1 << log_rows` rows.
    fn new(log_rows: usize) -> Self;

    /// Makes the trace and proves it.
    fn prove(&self) -> Self::Proof;

    /// Whether the proof verifies.
    fn verify(&self, proof: &Self::Proof) -> bool;
}

/// What to prove, and how often.
pub struct Proving {
    pub log_rows: usize,
    pub proofs: usize,
    /// One configuration for all proofs. Otherwise each proof makes its own, in its phase.
    pub reused: bool,
    pub phases: Phases,
}

/// One proof.
#[derive(Deserialize, Serialize)]
pub struct Proof {
    pub user_us: i64,
    pub system_us: i64,
    pub wall_us: u64,
    pub faults: i64,
    pub valid: bool,
}

impl Proof {
    pub fn cpu_us(&self) -> i64 {
        self.user_us + self.system_us
    }
}

/// All proofs, and the memory they took.
#[derive(Deserialize, Serialize)]
pub struct Outcome {
    pub proofs: Vec<Proof>,
    pub peak_kib: u64,
    pub last_kib: u64,
}

/// Runs the loop. The time of a proof covers its phase; the check of it stands outside, before the
/// next phase begins, so that the contract of an allocator that recycles by phase is kept as far as
/// the proof itself goes.
pub fn run<P: Prover>(proving: Proving) -> Outcome {
    let shared = proving.reused.then(|| P::new(proving.log_rows));
    let mut proofs = Vec::with_capacity(proving.proofs);
    for _ in 0..proving.proofs {
        proofs.push(one(&proving, shared.as_ref()));
    }
    Outcome {
        proofs,
        peak_kib: peak_resident_kib(),
        last_kib: resident_kib(),
    }
}

fn one<P: Prover>(proving: &Proving, shared: Option<&P>) -> Proof {
    let (before, start) = (Usage::now(), Instant::now());
    // A proof from damaged memory may panic as well as fail to verify.
    let made = catch_unwind(AssertUnwindSafe(|| {
        let _phase = proving.phases.start();
        match shared {
            Some(prover) => (None, prover.prove()),
            None => {
                let own = P::new(proving.log_rows);
                let proof = own.prove();
                (Some(own), proof)
            }
        }
    }));
    let (after, wall) = (Usage::now(), start.elapsed());
    let valid = made.is_ok_and(|(own, proof)| {
        let prover = own.as_ref().or(shared).expect("one of them is there");
        catch_unwind(AssertUnwindSafe(|| prover.verify(&proof))).unwrap_or(false)
    });
    Proof {
        user_us: after.user_us - before.user_us,
        system_us: after.system_us - before.system_us,
        wall_us: u64::try_from(wall.as_micros()).expect("no proof takes that long"),
        faults: after.faults - before.faults,
        valid,
    }
}
