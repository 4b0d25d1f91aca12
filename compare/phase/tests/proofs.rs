//! Proof loops that reuse one configuration: its tables are first filled in a phase, and kept.
//!
//! Small traces; the faults that they show do not depend on the size.
#![forbid(unsafe_code)]

use compare_phase::prove::Outcome;
use std::process::Command;

const PROOFS: usize = 6;
const AIRS: &[(&str, &str)] = &[
    ("poseidon2", "8"),
    ("keccak", "7"),
    ("poseidon1", "6"),
    ("poseidon2-zk", "8"),
];

/// Runs the loop; none if the program crashed.
fn proofs(
    program: &str,
    air: (&str, &str),
    environment: &[(&str, &str)],
    tracing: bool,
) -> Option<Outcome> {
    let count = PROOFS.to_string();
    let mut command = Command::new(program);
    command
        .args(["prove", air.0, air.1, &count, "reused", "phases"])
        .env("RUST_BACKTRACE", "0")
        .envs(environment.iter().copied());
    if tracing {
        command.arg("tracing");
    }
    let output = command.output().expect("cargo has built the program");
    serde_json::from_slice(&output.stdout).ok()
}

fn invalid(outcome: Option<&Outcome>) -> usize {
    outcome.map_or(PROOFS, |outcome| {
        outcome.proofs.iter().filter(|it| !it.valid).count()
    })
}

#[test]
fn every_proof_is_valid_with_the_system_allocator() {
    for air in AIRS {
        let outcome = proofs(env!("CARGO_BIN_EXE_with_system"), *air, &[], true);
        assert_eq!(invalid(outcome.as_ref()), 0, "{air:?}");
    }
}

#[test]
fn every_proof_is_valid_with_phases_in_every_configuration() {
    for air in AIRS {
        for (threshold, poison, tracing) in [
            ("0", "0", true),
            ("0", "1", false),
            ("4096", "0", false),
            ("4096", "1", true),
        ] {
            let environment = [
                ("ZK_ALLOC_MIN_BYTES", threshold),
                ("ZK_ALLOC_POISON_RESET", poison),
            ];
            let outcome = proofs(
                env!("CARGO_BIN_EXE_with_phase"),
                *air,
                &environment,
                tracing,
            );
            assert_eq!(
                invalid(outcome.as_ref()),
                0,
                "{air:?}, threshold {threshold}, poison {poison}, tracing {tracing}"
            );
        }
    }
}

/// So that this test is known to be able to fail.
#[test]
fn the_original_makes_invalid_proofs() {
    let outcome = proofs(
        env!("CARGO_BIN_EXE_with_zk"),
        AIRS[0],
        &[("ZK_ALLOC_MIN_BYTES", "0")],
        false,
    );
    assert!(invalid(outcome.as_ref()) > 0);
}
