//! The provers, put together as the examples of the `p3-*` crates do: Merkle trees of Keccak, FRI
//! with the benchmark parameters, the parallel radix-2 transform.

pub mod hiding;
pub mod keccak;
pub mod poseidon1;
pub mod poseidon2;

use p3_challenger::{HashChallenger, SerializingChallenger32};
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::extension::BinomialExtensionField;
use p3_fri::TwoAdicFriPcs;
use p3_keccak::{Keccak256Hash, KeccakF, VECTOR_LEN};
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{CompressionFunctionFromHasher, PaddingFreeSponge, SerializingHasher};
use p3_uni_stark::StarkConfig;

/// Permutations in a row of the Poseidon traces.
const PERMUTATIONS: usize = 8;

type Sponge = PaddingFreeSponge<KeccakF, 25, 17, 4>;
type FieldHash = SerializingHasher<Sponge>;
type Compress = CompressionFunctionFromHasher<Sponge, 2, 4>;
type Extension<F> = BinomialExtensionField<F, 4>;
type Mmcs<F> = MerkleTreeMmcs<[F; VECTOR_LEN], [u64; VECTOR_LEN], FieldHash, Compress, 2, 4>;
type ExtensionTree<F> = ExtensionMmcs<F, Extension<F>, Mmcs<F>>;
type Challenger<F> = SerializingChallenger32<F, HashChallenger<u8, Keccak256Hash, 32>>;
type Pcs<F> = TwoAdicFriPcs<F, Radix2DitParallel<F>, Mmcs<F>, ExtensionTree<F>>;
type Config<F> = StarkConfig<Pcs<F>, Extension<F>, Challenger<F>>;

fn field_hash() -> FieldHash {
    FieldHash::new(Sponge::new(KeccakF {}))
}

fn compress() -> Compress {
    Compress::new(Sponge::new(KeccakF {}))
}

/// The configuration over a field, and how much longer than the trace its extension is.
macro_rules! config {
    ($field:ty) => {{
        use super::{Challenger, Config, ExtensionTree, Mmcs, Pcs, compress, field_hash};
        let trees = Mmcs::<$field>::new(field_hash(), compress(), 3);
        let fri = p3_fri::FriParameters::new_benchmark(ExtensionTree::new(trees.clone()));
        let blowup = fri.log_blowup;
        let pcs = Pcs::new(p3_dft::Radix2DitParallel::default(), trees, fri);
        let challenger = Challenger::from_hasher(Vec::new(), p3_keccak::Keccak256Hash {});
        (Config::<$field>::new(pcs, challenger), blowup)
    }};
}
pub(crate) use config;
