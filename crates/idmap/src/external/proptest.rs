//! Strategies that generate maps.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::index::{Index, Indexes};
use crate::map::IndexedMap;
use core::fmt;
use core::marker::PhantomData;
use proptest::arbitrary::{Arbitrary, StrategyFor, any_with};
use proptest::collection::{SizeRange, VecStrategy, VecValueTree};
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

macro_rules! holder {
    ($(#[$doc:meta])* $name:ident, $bound:ident, $inner:ident) => {
        $(#[$doc])*
        ///
        /// # Examples
        ///
        /// ```
        /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
        /// use proptest::strategy::{Just, Strategy, ValueTree};
        /// use proptest::test_runner::TestRunner;
        ///
        /// let strategy = idmap::bi_hash_map::prop_strategy(Just(disk("a7", 1)), 1..5);
        /// let tree = strategy.new_tree(&mut TestRunner::deterministic()).unwrap();
        /// assert_eq!(tree.current().len(), 1);
        /// ```
        pub struct $name<T: $bound, X, S = DefaultHashBuilder, A = Global> {
            inner: $inner<T>,
            hasher: S,
            alloc: A,
            map: PhantomData<fn() -> X>,
        }

        impl<T: $bound + Clone, X, S: Clone, A: Clone> Clone for $name<T, X, S, A>
        where
            $inner<T>: Clone,
        {
            fn clone(&self) -> Self {
                Self {
                    inner: self.inner.clone(),
                    hasher: self.hasher.clone(),
                    alloc: self.alloc.clone(),
                    map: PhantomData,
                }
            }
        }

        impl<T: $bound, X, S, A> fmt::Debug for $name<T, X, S, A>
        where
            $inner<T>: fmt::Debug,
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("inner", &self.inner).finish_non_exhaustive()
            }
        }
    };
}

holder! {
    /// Generates maps of records that another strategy generates.
    ///
    /// Of records with a key in common, the last stays: maps may be smaller than asked for.
    #[must_use = "a strategy does nothing by itself"]
    MapStrategy, Strategy, VecStrategy
}

holder! {
    /// A map that can be made simpler.
    MapValueTree, ValueTree, VecValueTree
}

impl<T: Strategy, X, S, A> MapStrategy<T, X, S, A> {
    pub(crate) fn new(element: T, size: impl Into<SizeRange>, hasher: S, alloc: A) -> Self {
        Self {
            inner: proptest::collection::vec(element, size),
            hasher,
            alloc,
            map: PhantomData,
        }
    }
}

impl<T, X, S, A> Strategy for MapStrategy<T, X, S, A>
where
    T: Strategy,
    X: Index<T::Value, S>,
    S: Clone,
    A: Allocator + Clone,
    IndexedMap<T::Value, X, S, A>: fmt::Debug,
{
    type Tree = MapValueTree<T::Tree, X, S, A>;
    type Value = IndexedMap<T::Value, X, S, A>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let inner = self.inner.new_tree(runner)?;
        Ok(MapValueTree {
            inner,
            hasher: self.hasher.clone(),
            alloc: self.alloc.clone(),
            map: PhantomData,
        })
    }
}

impl<T, X, S, A> ValueTree for MapValueTree<T, X, S, A>
where
    T: ValueTree,
    X: Index<T::Value, S>,
    S: Clone,
    A: Allocator + Clone,
    IndexedMap<T::Value, X, S, A>: fmt::Debug,
{
    type Value = IndexedMap<T::Value, X, S, A>;

    fn current(&self) -> Self::Value {
        let mut map = IndexedMap::with_parts(self.hasher.clone(), || self.alloc.clone());
        map.extend(self.inner.current());
        map
    }

    fn simplify(&mut self) -> bool {
        self.inner.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.inner.complicate()
    }
}

/// The parameters are those of the size, and those of the records.
impl<T, X, S, A> Arbitrary for IndexedMap<T, X, S, A>
where
    T: Arbitrary,
    X: Index<T, S> + Indexes,
    S: Clone + Default,
    A: Allocator + Clone + Default,
    Self: fmt::Debug,
{
    type Parameters = (SizeRange, T::Parameters);
    type Strategy = MapStrategy<StrategyFor<T>, X, S, A>;

    fn arbitrary_with((size, element): Self::Parameters) -> Self::Strategy {
        MapStrategy::new(any_with::<T>(element), size, S::default(), A::default())
    }
}

/// The names of what belongs to a hash map.
macro_rules! hash_map_strategies {
    ($module:ident, $map:ident, $strategy:ident, $tree:ident) => {
        #[doc = concat!("Generates a [`", stringify!($map), "`].")]
        pub type $strategy<T, S = DefaultHashBuilder, A = Global> =
            crate::external::proptest::MapStrategy<T, Keys, S, A>;

        #[doc = concat!("A [`", stringify!($map), "`] that can be made simpler.")]
        pub type $tree<T, S = DefaultHashBuilder, A = Global> =
            crate::external::proptest::MapValueTree<T, Keys, S, A>;

        /// Generates maps of so many records, or fewer if some have keys in common.
        ///
        /// # Examples
        ///
        /// ```
        /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
        /// use proptest::prelude::*;
        ///
        /// let disk = Just(disk("a7", 1));
        #[doc = concat!("let maps = idmap::", stringify!($module), "::prop_strategy(disk, 1..5);")]
        /// proptest!(|(disks in maps)| assert_eq!(disks.len(), 1));
        /// ```
        #[cfg(feature = "default-hasher")]
        pub fn prop_strategy<T: proptest::strategy::Strategy>(
            element: T,
            size: impl Into<proptest::collection::SizeRange>,
        ) -> $strategy<T> {
            prop_strategy_with_hasher(element, size, DefaultHashBuilder::default())
        }

        /// Generates maps with a hasher, of so many records, or fewer if some have keys in common.
        ///
        /// # Examples
        ///
        /// ```
        /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
        /// use proptest::prelude::*;
        ///
        /// let disk = Just(disk("a7", 1));
        #[doc = concat!("let maps = idmap::", stringify!($module), "::prop_strategy_with_hasher(disk, 1..5, std::hash::RandomState::new());")]
        /// proptest!(|(disks in maps)| assert_eq!(disks.len(), 1));
        /// ```
        pub fn prop_strategy_with_hasher<T: proptest::strategy::Strategy, S>(
            element: T,
            size: impl Into<proptest::collection::SizeRange>,
            hasher: S,
        ) -> $strategy<T, S> {
            prop_strategy_with_hasher_in(element, size, hasher, Global)
        }

        /// Generates maps with a hasher and an allocator, of so many records, or fewer if some have keys in common.
        ///
        /// # Examples
        ///
        /// ```
        /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/disks.rs")); } use doc::*;
        /// use proptest::prelude::*;
        ///
        /// let disk = Just(disk("a7", 1));
        /// use allocator_api2::alloc::Global;
        ///
        #[doc = concat!("let maps = idmap::", stringify!($module), "::prop_strategy_with_hasher_in(disk, 1..5, std::hash::RandomState::new(), Global);")]
        /// proptest!(|(disks in maps)| assert_eq!(disks.len(), 1));
        /// ```
        pub fn prop_strategy_with_hasher_in<T: proptest::strategy::Strategy, S, A>(
            element: T,
            size: impl Into<proptest::collection::SizeRange>,
            hasher: S,
            allocator: A,
        ) -> $strategy<T, S, A> {
            crate::external::proptest::MapStrategy::new(element, size, hasher, allocator)
        }
    };
}

pub(crate) use hash_map_strategies;
