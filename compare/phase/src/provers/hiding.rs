//! Poseidon2 over BabyBear, with a commitment that hides the trace.

use super::{Challenger, Compress, Extension, FieldHash, PERMUTATIONS, compress, field_hash};
use crate::prove::Prover;
use p3_baby_bear::{
    BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS, BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_16,
    BABYBEAR_S_BOX_DEGREE, BabyBear, GenericPoseidon2LinearLayersBabyBear,
};
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_fri::{FriParameters, HidingFriPcs};
use p3_keccak::{Keccak256Hash, VECTOR_LEN};
use p3_merkle_tree::MerkleTreeHidingMmcs;
use p3_poseidon2_air::{RoundConstants, VectorizedPoseidon2Air};
use p3_uni_stark::{Proof, StarkConfig, prove, verify};
use rand::SeedableRng;
use rand::rngs::{SmallRng, StdRng};

type Air = VectorizedPoseidon2Air<
    BabyBear,
    GenericPoseidon2LinearLayersBabyBear,
    16,
    BABYBEAR_S_BOX_DEGREE,
    1,
    BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS,
    BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_16,
    PERMUTATIONS,
>;
type Mmcs = MerkleTreeHidingMmcs<
    [BabyBear; VECTOR_LEN],
    [u64; VECTOR_LEN],
    FieldHash,
    Compress,
    StdRng,
    2,
    4,
    4,
>;
type ExtensionTree = ExtensionMmcs<BabyBear, Extension<BabyBear>, Mmcs>;
type Pcs = HidingFriPcs<BabyBear, Radix2DitParallel<BabyBear>, Mmcs, ExtensionTree, StdRng>;
type Config = StarkConfig<Pcs, Extension<BabyBear>, Challenger<BabyBear>>;

pub struct BabyBearProver {
    config: Config,
    blowup: usize,
    air: Air,
    rows: usize,
}

impl Prover for BabyBearProver {
    type Proof = Proof<Config>;

    fn new(log_rows: usize) -> Self {
        let constants = RoundConstants::from_rng(&mut SmallRng::seed_from_u64(1));
        let trees = Mmcs::new(field_hash(), compress(), 0, StdRng::seed_from_u64(1));
        let fri = FriParameters::new_benchmark_zk(ExtensionTree::new(trees.clone()));
        let blowup = fri.log_blowup;
        let dft = Radix2DitParallel::default();
        let pcs = Pcs::new(dft, trees, fri, 4, StdRng::seed_from_u64(2));
        let challenger = Challenger::from_hasher(Vec::new(), Keccak256Hash {});
        Self {
            config: Config::new(pcs, challenger),
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
