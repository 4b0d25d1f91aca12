//! Traits of other crates, each behind a feature of its name, each implemented once for all maps.

#[cfg(feature = "daft")]
pub mod daft;
#[cfg(feature = "daft")]
pub(crate) mod daft_keys;
#[cfg(feature = "proptest")]
pub mod proptest;
#[cfg(feature = "rayon")]
mod rayon;
#[cfg(feature = "schemars08")]
mod schemars08;
#[cfg(feature = "schemars1")]
mod schemars1;
#[cfg(feature = "serde")]
pub mod serde;

/// What maps are called, for those that ask. Implemented by the indexes.
#[cfg(any(feature = "schemars08", feature = "schemars1"))]
pub(crate) trait Named {
    /// As in `IdHashMap`.
    const NAME: &'static str;
    /// The crate that generators of code are told: that whose map it is first of all.
    #[cfg(feature = "schemars08")]
    const CRATE: &'static str;
}

#[cfg(any(feature = "schemars08", feature = "schemars1"))]
macro_rules! named {
    ($($Keys:ty: $krate:literal $name:literal;)+) => { $(
        impl Named for $Keys {
            const NAME: &'static str = $name;
            #[cfg(feature = "schemars08")]
            const CRATE: &'static str = $krate;
        }
    )+ };
}

#[cfg(any(feature = "schemars08", feature = "schemars1"))]
named! {
    crate::id_hash_map::Keys: "iddqd" "IdHashMap";
    crate::id_index_map::Keys: "idmap" "IdIndexMap";
    crate::id_ord_map::Keys: "iddqd" "IdOrdMap";
    crate::bi_hash_map::Keys: "iddqd" "BiHashMap";
    crate::tri_hash_map::Keys: "iddqd" "TriHashMap";
}
