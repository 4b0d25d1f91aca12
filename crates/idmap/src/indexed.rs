//! Maps whose indexes the record declares.

use crate::DefaultHashBuilder;
use crate::allocator::Global;
use crate::index::Indexes;
use crate::map::IndexedMap;

/// A record that declares its indexes, for an [`IdMap`]. To be derived.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use idmap::{IdMap, Indexed};
///
/// #[derive(Clone, Debug, Indexed)]
/// #[index(Place = (rack, slot), ord, unique)]
/// struct Sled {
///     #[index(hash, unique)]
///     serial: String,
///     rack: u32,
///     slot: u8,
///     #[index(ord)]
///     cores: u32,
/// }
///
/// let mut sleds = IdMap::<Sled>::default();
/// for (n, serial) in ["BRM42", "BRM07", "BRM23"].into_iter().enumerate() {
///     sleds.insert_unique(Sled { serial: serial.into(), rack: 1, slot: 9 - n as u8, cores: 64 << (n % 2) }).unwrap();
/// }
///
/// assert_eq!(sleds.by(sled::Serial).get("BRM07").map(|sled| sled.slot), Some(8));
/// assert_eq!(sleds.by(sled::Place).get(&(1, 7)).map(|sled| &*sled.serial), Some("BRM23"));
/// assert!(sleds.by(sled::Place).starting_with(&1).map(|sled| sled.slot).eq([7, 8, 9]));
/// assert_eq!(sleds.by(sled::Cores).range(..100).count(), 2);
/// # }
/// ```
pub trait Indexed {
    /// The indexes, as [`IndexedMap`] takes them.
    type Indexes: Indexes;
}

/// A map by the indexes that its records declare.
///
/// [`by`](IndexedMap::by) finds records by one of them; `#[derive(Indexed)]` names them in a module of the name of the
/// record: `map.by(order::Price)`.
pub type IdMap<T, S = DefaultHashBuilder, A = Global> =
    IndexedMap<T, <T as Indexed>::Indexes, S, A>;

/// Writes `OrdKey::prefix`, by the type of the key.
#[doc(hidden)]
#[macro_export]
macro_rules! __ord_key_prefix {
    ($Record:ty) => {
        #[inline]
        fn prefix<'__lent, '__key>(
            key: &'__lent Self::Key<'__key>,
        ) -> ::core::option::Option<$crate::prefix::Prefix<'__lent>>
        where
            $Record: '__key,
        {
            use $crate::prefix::{Known as _, Unknown as _};
            (&$crate::prefix::Probe(key)).prefix()
        }
    };
}
