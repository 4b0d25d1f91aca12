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
}

#[cfg(any(feature = "schemars08", feature = "schemars1"))]
macro_rules! named {
    ($($Keys:ty: $name:literal;)+) => { $(
        impl Named for $Keys {
            const NAME: &'static str = $name;
        }
    )+ };
}

#[cfg(any(feature = "schemars08", feature = "schemars1"))]
named! {
    crate::id_hash_map::Keys: "IdHashMap";
    crate::id_ord_map::Keys: "IdOrdMap";
    crate::bi_hash_map::Keys: "BiHashMap";
    crate::tri_hash_map::Keys: "TriHashMap";
}
