//! The ways to make a map: with a capacity or not, a hasher or the default, an allocator or the global.

#[cfg(feature = "default-hasher")]
use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::errors::TryReserveError;
use crate::id_ord_map::{self, IdOrdItem, State};
use crate::index::{Index, Indexes};
use crate::map::IndexedMap;
use crate::slab::Slab;

/// Without a hasher to name: its type, how it is made, and for which maps.
macro_rules! of_default_hasher {
    ($(#[$about:meta])* $S:ty, $state:expr, $map:ident, [$($const:ident)?], [$($generics:tt)*] $Indexes:ty) => {
        $(#[$about])*
        impl<$($generics)*> IndexedMap<T, $Indexes, $S> {
            /// A map without records. Allocates nothing.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
            #[doc = concat!("let users = idmap::", stringify!($map), "::<User>::new();")]
            /// assert!(users.is_empty());
            /// ```
            #[inline]
            #[must_use]
            pub $($const)? fn new() -> Self {
                Self::with_hasher($state)
            }

            /// A map with room for `capacity` records.
            ///
            /// # Panics
            ///
            /// If that is more than a map can have. Aborts if there is no memory.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
            #[doc = concat!("let users = idmap::", stringify!($map), "::<User>::with_capacity(100);")]
            /// assert!(users.capacity() >= 100);
            /// ```
            #[must_use]
            pub fn with_capacity(capacity: usize) -> Self {
                Self::with_capacity_and_hasher(capacity, $state)
            }

            /// A map with room for `capacity` records.
            ///
            /// # Errors
            ///
            /// If there is no memory, or that is more than a map can have.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
            #[doc = concat!("assert!(idmap::", stringify!($map), "::<User>::try_with_capacity(usize::MAX).is_err());")]
            /// ```
            pub fn try_with_capacity(capacity: usize) -> Result<Self, TryReserveError> {
                Self::try_with_capacity_and_hasher(capacity, $state)
            }
        }

        $(#[$about])*
        impl<$($generics)*, A: Allocator + Clone> IndexedMap<T, $Indexes, $S, A> {
            /// A map without records, with an allocator. Allocates nothing.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
            /// use allocator_api2::alloc::Global;
            ///
            #[doc = concat!("let users = idmap::", stringify!($map), "::<User>::new_in(Global);")]
            /// assert!(users.is_empty());
            /// ```
            #[must_use]
            pub fn new_in(alloc: A) -> Self {
                Self::with_hasher_in($state, alloc)
            }

            /// A map with an allocator, and room for `capacity` records.
            ///
            /// # Panics
            ///
            /// If that is more than a map can have. Aborts if there is no memory.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
            /// use allocator_api2::alloc::Global;
            ///
            #[doc = concat!("let users = idmap::", stringify!($map), "::<User>::with_capacity_in(100, Global);")]
            /// assert!(users.capacity() >= 100);
            /// ```
            #[must_use]
            pub fn with_capacity_in(capacity: usize, alloc: A) -> Self {
                Self::with_capacity_and_hasher_in(capacity, $state, alloc)
            }

            /// A map with an allocator, and room for `capacity` records.
            ///
            /// # Errors
            ///
            /// If there is no memory, or that is more than a map can have.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
            /// use allocator_api2::alloc::Global;
            ///
            #[doc = concat!("let users = idmap::", stringify!($map), "::<User>::try_with_capacity_in(100, Global);")]
            /// assert!(users.is_ok());
            /// ```
            pub fn try_with_capacity_in(capacity: usize, alloc: A) -> Result<Self, TryReserveError> {
                Self::try_with_capacity_and_hasher_in(capacity, $state, alloc)
            }
        }
    };
}

of_default_hasher! {
    #[cfg(feature = "default-hasher")]
    DefaultHashBuilder, DefaultHashBuilder::default(), IdHashMap, [], [T, X: Index<T, DefaultHashBuilder>] X
}
of_default_hasher! { State, id_ord_map::STATE, IdOrdMap, [const], [T: IdOrdItem] id_ord_map::Keys }

impl<T, X: Index<T, S>, S> IndexedMap<T, X, S> {
    /// A map without records, with a hasher. Allocates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::hash::RandomState;
    ///
    /// let mut users = idmap::IdHashMap::<User, _>::with_hasher(RandomState::new());
    /// assert!(users.insert_unique(User { name: "ada", age: 36 }).is_ok());
    /// ```
    #[must_use]
    pub const fn with_hasher(hasher: S) -> Self {
        Self {
            slab: Slab::new_in(Global),
            tables: X::EMPTY,
            state: hasher,
        }
    }

    /// A map with a hasher, and room for `capacity` records.
    ///
    /// # Panics
    ///
    /// If that is more than a map can have. Aborts if there is no memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::hash::RandomState;
    ///
    /// let users = idmap::IdHashMap::<User, _>::with_capacity_and_hasher(100, RandomState::new());
    /// assert!(users.capacity() >= 100);
    /// ```
    #[must_use]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self::with_capacity_and_hasher_in(capacity, hasher, Global)
    }

    /// A map with a hasher, and room for `capacity` records.
    ///
    /// # Errors
    ///
    /// If there is no memory, or that is more than a map can have.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use std::hash::RandomState;
    ///
    /// let users = idmap::IdHashMap::<User, _>::try_with_capacity_and_hasher(usize::MAX, RandomState::new());
    /// assert!(users.is_err());
    /// ```
    pub fn try_with_capacity_and_hasher(
        capacity: usize,
        hasher: S,
    ) -> Result<Self, TryReserveError> {
        Self::try_with_capacity_and_hasher_in(capacity, hasher, Global)
    }
}

impl<T, X: Indexes, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// A map without records; each of its parts takes an allocator from a function.
    pub(crate) fn with_parts(state: S, mut alloc: impl FnMut() -> A) -> Self {
        Self {
            slab: Slab::new_in(alloc()),
            tables: X::new_in(&mut alloc),
            state,
        }
    }
}

impl<T, X: Index<T, S>, S, A: Allocator + Clone> IndexedMap<T, X, S, A> {
    /// A map without records, with a hasher and an allocator. Allocates nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use allocator_api2::alloc::Global;
    /// use std::hash::RandomState;
    ///
    /// let users = idmap::IdHashMap::<User, _, _>::with_hasher_in(RandomState::new(), Global);
    /// assert!(users.is_empty());
    /// ```
    #[must_use]
    pub fn with_hasher_in(hasher: S, alloc: A) -> Self {
        Self::with_parts(hasher, || alloc.clone())
    }

    /// A map with a hasher and an allocator, and room for `capacity` records.
    ///
    /// # Panics
    ///
    /// If that is more than a map can have. Aborts if there is no memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use allocator_api2::alloc::Global;
    /// use std::hash::RandomState;
    ///
    /// let users = idmap::IdHashMap::<User, _, _>::with_capacity_and_hasher_in(100, RandomState::new(), Global);
    /// assert!(users.capacity() >= 100);
    /// ```
    #[must_use]
    pub fn with_capacity_and_hasher_in(capacity: usize, hasher: S, alloc: A) -> Self {
        let mut map = Self::with_hasher_in(hasher, alloc);
        map.reserve(capacity);
        map
    }

    /// A map with a hasher and an allocator, and room for `capacity` records.
    ///
    /// # Errors
    ///
    /// If there is no memory, or that is more than a map can have.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// use allocator_api2::alloc::Global;
    /// use std::hash::RandomState;
    ///
    /// let users = idmap::IdHashMap::<User, _, _>::try_with_capacity_and_hasher_in(100, RandomState::new(), Global);
    /// assert!(users.is_ok());
    /// ```
    pub fn try_with_capacity_and_hasher_in(
        capacity: usize,
        hasher: S,
        alloc: A,
    ) -> Result<Self, TryReserveError> {
        let mut map = Self::with_hasher_in(hasher, alloc);
        map.try_reserve(capacity)?;
        Ok(map)
    }
}
