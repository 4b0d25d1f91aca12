//! What implementations of the item traits are written with.

/// Writes what is the same in each implementation of an item trait with one key.
#[macro_export]
macro_rules! id_upcast {
    () => {
        #[inline]
        fn upcast_key<'short, 'long: 'short>(long: Self::Key<'long>) -> Self::Key<'short>
        where
            Self: 'long,
        {
            long
        }

        #[inline]
        fn key_prefix(key: &Self::Key<'_>) -> ::core::option::Option<$crate::prefix::Prefix> {
            #[allow(
                unused_imports,
                reason = "one of the two is used, by the type of the key"
            )]
            use $crate::prefix::{Known as _, Unknown as _};
            (&$crate::prefix::Probe(key)).prefix()
        }
    };
}
