//! A proving loop: heavy work in a phase each time round, results and caches kept as in any program.
//!
//! ```text
//! cargo run --release -p phase-alloc --example proving_loop
//! ```
//!
//! The prover is a stand-in with the memory habits of a real one: tables of many megabytes that live
//! for a moment, a small proof that outlives them, and a cache of roots that its first run fills.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;

use phase_alloc::PhaseAlloc;

#[global_allocator]
static ALLOC: PhaseAlloc = PhaseAlloc::new();

const COLUMNS: usize = 16;
const LOG_ROWS: usize = 15;
/// A prime below 2^31.
const PRIME: u64 = 0x7800_0001;

fn main() {
    let prover = Prover::default();
    let mut proofs = Vec::new();
    for seed in 1..=8 {
        // All that the prover and its threads allocate in here is bump-allocated. The proof leaves the
        // phase, and the prover keeps what it cached: neither needs to be copied.
        let proof = phase_alloc::phase(|| prover.prove(seed));
        let left = phase_alloc::survivors();
        println!("proof {seed}: root {:016x}; {left}", proof.root);
        proofs.push(proof);
    }
    let valid = proofs.iter().filter(|proof| prover.verify(proof)).count();
    println!("{valid} of {} proofs are valid", proofs.len());
    assert_eq!(valid, proofs.len());
}

/// Kept over all proofs, as the configuration of a real prover is.
#[derive(Default)]
struct Prover {
    /// Powers by length, made when they are first asked for.
    powers: Mutex<HashMap<usize, Arc<Vec<u64>>>>,
}

struct Proof {
    seed: u64,
    root: u64,
    /// The first digest of each level of the tree.
    path: Vec<u64>,
}

impl Prover {
    fn prove(&self, seed: u64) -> Proof {
        let columns: Vec<Vec<u64>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..COLUMNS as u64)
                .map(|column| scope.spawn(move || self.extend(&trace(seed, column))))
                .collect();
            let results = threads.into_iter().map(|thread| thread.join());
            results.map(|it| it.expect("no column panics")).collect()
        });
        let leaves = (0..columns[0].len())
            .map(|row| {
                columns
                    .iter()
                    .fold(0, |digest, column| mix(digest, column[row]))
            })
            .collect();
        let levels = tree(leaves);
        let path: Vec<u64> = levels.iter().map(|level| level[0]).collect();
        Proof {
            seed,
            root: path[path.len() - 1],
            path,
        }
    }

    /// Proves again and compares, which no real verifier does.
    fn verify(&self, proof: &Proof) -> bool {
        let again = self.prove(proof.seed);
        again.root == proof.root && again.path == proof.path
    }

    /// Twice as many values, by a product with powers.
    fn extend(&self, column: &[u64]) -> Vec<u64> {
        let powers = self.powers(column.len());
        let shifted = column
            .iter()
            .zip(powers.iter())
            .map(|(value, power)| value * power % PRIME);
        column.iter().copied().chain(shifted).collect()
    }

    fn powers(&self, count: usize) -> Arc<Vec<u64>> {
        let mut cache = self.powers.lock().expect("no thread panics with it");
        let table = cache.entry(count).or_insert_with(|| {
            let powers = std::iter::successors(Some(1), |power| Some(power * 31 % PRIME));
            Arc::new(powers.take(count).collect())
        });
        Arc::clone(table)
    }
}

fn trace(seed: u64, column: u64) -> Vec<u64> {
    let first = mix(seed, column) % PRIME;
    let values = std::iter::successors(Some(first), |value| Some((value * value + 7) % PRIME));
    values.take(1 << LOG_ROWS).collect()
}

/// All levels of a binary tree, from its leaves to its root.
fn tree(leaves: Vec<u64>) -> Vec<Vec<u64>> {
    let mut levels = vec![leaves];
    while let Some(level) = levels.last().filter(|level| level.len() > 1) {
        let next = level.chunks(2).map(|pair| mix(pair[0], pair[1])).collect();
        levels.push(next);
    }
    levels
}

/// Not a hash that keeps anyone out.
fn mix(one: u64, other: u64) -> u64 {
    let sum = one.rotate_left(23) ^ other.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (sum ^ (sum >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}
