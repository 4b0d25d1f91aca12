//! Poseidon2 over KoalaBear.

use super::{Config, PERMUTATIONS, config};
use crate::prove::Prover;
use p3_koala_bear::{
    GenericPoseidon2LinearLayersKoalaBear, KOALABEAR_POSEIDON2_HALF_FULL_ROUNDS,
    KOALABEAR_POSEIDON2_PARTIAL_ROUNDS_16, KOALABEAR_S_BOX_DEGREE, KoalaBear,
};
use p3_poseidon2_air::{RoundConstants, VectorizedPoseidon2Air};
use p3_uni_stark::{Proof, prove, verify};
use rand::SeedableRng;
use rand::rngs::SmallRng;

type Air = VectorizedPoseidon2Air<
    KoalaBear,
    GenericPoseidon2LinearLayersKoalaBear,
    16,
    KOALABEAR_S_BOX_DEGREE,
    0,
    KOALABEAR_POSEIDON2_HALF_FULL_ROUNDS,
    KOALABEAR_POSEIDON2_PARTIAL_ROUNDS_16,
    PERMUTATIONS,
>;

pub struct KoalaBearProver {
    config: Config<KoalaBear>,
    blowup: usize,
    air: Air,
    rows: usize,
}

impl Prover for KoalaBearProver {
    type Proof = Proof<Config<KoalaBear>>;

    fn new(log_rows: usize) -> Self {
        let (config, blowup) = config!(KoalaBear);
        let constants = RoundConstants::from_rng(&mut SmallRng::seed_from_u64(1));
        Self {
            config,
            blowup,
            air: Air::new(constants),
            rows: 1 << log_rows,
        }
    }

    fn prove(&self) -> Self::Proof {
        let trace = self
            .air
            .generate_vectorized_trace_rows(self.rows * PERMUTATIONS, self.blowup);
        prove(&self.config, &self.air, trace, &[]).expect("the trace satisfies its constraints")
    }

    fn verify(&self, proof: &Self::Proof) -> bool {
        verify(&self.config, &self.air, proof, &[]).is_ok()
    }
}
