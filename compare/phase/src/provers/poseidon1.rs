//! Poseidon1 over BabyBear.

use super::{Config, PERMUTATIONS, config};
use crate::prove::Prover;
use p3_baby_bear::{
    BABYBEAR_POSEIDON1_HALF_FULL_ROUNDS, BABYBEAR_POSEIDON1_PARTIAL_ROUNDS_16,
    BABYBEAR_POSEIDON1_RC_16, BABYBEAR_S_BOX_DEGREE, BabyBear, MDSBabyBearData,
};
use p3_monty_31::MDSUtils;
use p3_poseidon1::Poseidon1Constants;
use p3_poseidon1_air::VectorizedPoseidon1Air;
use p3_uni_stark::{Proof, prove, verify};

type Air = VectorizedPoseidon1Air<
    BabyBear,
    16,
    BABYBEAR_S_BOX_DEGREE,
    1,
    BABYBEAR_POSEIDON1_HALF_FULL_ROUNDS,
    BABYBEAR_POSEIDON1_PARTIAL_ROUNDS_16,
    PERMUTATIONS,
>;

pub struct BabyBearProver {
    config: Config<BabyBear>,
    blowup: usize,
    air: Air,
    rows: usize,
}

impl Prover for BabyBearProver {
    type Proof = Proof<Config<BabyBear>>;

    fn new(log_rows: usize) -> Self {
        let (config, blowup) = config!(BabyBear);
        let constants = Poseidon1Constants {
            rounds_f: 2 * BABYBEAR_POSEIDON1_HALF_FULL_ROUNDS,
            rounds_p: BABYBEAR_POSEIDON1_PARTIAL_ROUNDS_16,
            mds_circ_col: MDSBabyBearData::MATRIX_CIRC_MDS_16_COL,
            round_constants: BABYBEAR_POSEIDON1_RC_16.to_vec(),
        };
        let (full, partial) = constants.to_optimized();
        Self {
            config,
            blowup,
            air: Air::new(full, partial),
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
