//! The Keccak permutation over KoalaBear.

use super::{Config, config};
use crate::prove::Prover;
use p3_keccak_air::{KeccakAir, NUM_ROUNDS, generate_trace_rows};
use p3_koala_bear::KoalaBear;
use p3_uni_stark::{Proof, prove, verify};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

pub struct KoalaBearProver {
    config: Config<KoalaBear>,
    blowup: usize,
    hashes: usize,
}

impl Prover for KoalaBearProver {
    type Proof = Proof<Config<KoalaBear>>;

    fn new(log_rows: usize) -> Self {
        let (config, blowup) = config!(KoalaBear);
        Self {
            config,
            blowup,
            // As many as fit; the trace is padded to a power of two.
            hashes: (1 << log_rows) / NUM_ROUNDS,
        }
    }

    fn prove(&self) -> Self::Proof {
        let mut rng = SmallRng::seed_from_u64(1);
        let inputs = (0..self.hashes).map(|_| rng.random()).collect();
        let trace = generate_trace_rows::<KoalaBear>(inputs, self.blowup);
        prove(&self.config, &KeccakAir {}, trace, &[]).expect("the trace satisfies its constraints")
    }

    fn verify(&self, proof: &Self::Proof) -> bool {
        verify(&self.config, &KeccakAir {}, proof, &[]).is_ok()
    }
}
