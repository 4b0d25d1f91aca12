//! The hazard programs of `phase-alloc`: many repeats, every threshold, debug and release, and the
//! proof loops that run the real prover.

use std::path::Path;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::ci::{self, Step};
use crate::shell::cargo;
use crate::verbs::minutes;

/// The thresholds that the original was tried at.
const SWEEP: &str = "0,64,128,512,1024,2048,4096,6144,65536";

/// The proof loops: an AIR, and the logarithm of its rows.
const AIRS: &[(&str, &str)] = &[
    ("poseidon2", "10"),
    ("keccak", "9"),
    ("poseidon1", "8"),
    ("poseidon2-zk", "8"),
];

/// Arguments of `cargo xtask hazards`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// How often each program runs in each configuration
    #[arg(long, default_value_t = 50)]
    repeats: usize,
    /// Every threshold instead of 0 and 4096
    #[arg(long)]
    sweep: bool,
    /// Only programs built so
    #[arg(long)]
    profile: Option<Profile>,
    /// Proofs of each loop; 0 leaves the provers out
    #[arg(long, default_value_t = 100)]
    proofs: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Profile {
    Debug,
    Release,
}

/// Runs the programs; the result says whether all passed.
///
/// # Errors
/// A program cannot be started.
pub fn run(root: &Path, arguments: &Arguments) -> Result<bool> {
    let wanted = |profile: &Profile| arguments.profile.is_none_or(|only| only == *profile);
    let profiles = [Profile::Debug, Profile::Release];
    let mut steps: Vec<Step> = profiles
        .into_iter()
        .filter(wanted)
        .map(|profile| programs(root, arguments.repeats, arguments.sweep, profile))
        .collect();
    if arguments.proofs > 0 {
        steps.extend(proofs(root, arguments.proofs));
    }
    ci::run_steps(steps)
}

/// Each program once, optimised; `cargo test` runs them as debug builds.
#[must_use]
pub fn optimised(root: &Path) -> Step {
    programs(root, 1, false, Profile::Release)
}

fn programs(root: &Path, repeats: usize, sweep: bool, profile: Profile) -> Step {
    let repeats = repeats.to_string();
    let mut words = vec!["test", "-p", "phase-alloc", "--test", "hazards"];
    words.extend((profile == Profile::Release).then_some("--release"));
    words.extend(["--", "--repeats", &repeats]);
    if sweep {
        words.extend(["--thresholds", SWEEP]);
    }
    let name = format!("hazard programs, {profile:?}").to_lowercase();
    Step::new(name, cargo(root, None, &words)).limit(minutes(240))
}

/// One configuration of the prover for all proofs, under a full tracing registry, at both thresholds,
/// with poison.
fn proofs(root: &Path, count: usize) -> impl Iterator<Item = Step> {
    let folder = root.join("compare");
    let both = ["0", "4096"];
    let loops = AIRS
        .iter()
        .flat_map(move |air| both.map(|threshold| (*air, threshold)));
    loops.map(move |((air, rows), threshold)| {
        let count = count.to_string();
        let program = [
            "run",
            "--release",
            "-p",
            "compare-phase",
            "--bin",
            "with_phase",
        ];
        let what = [
            "--", "prove", air, rows, &count, "reused", "phases", "tracing", "strict",
        ];
        let mut command = cargo(&folder, None, &[program.as_slice(), &what].concat());
        command
            .env("ZK_ALLOC_MIN_BYTES", threshold)
            .env("ZK_ALLOC_POISON_RESET", "1");
        let name = format!("{count} proofs of {air}, threshold {threshold}");
        Step::new(name, command).limit(minutes(60))
    })
}
