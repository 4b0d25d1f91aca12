//! Maps by several hashed keys: what they have in common.

use crate::allocator::Allocator;
use crate::hash_table::{Hash as TableHash, HashTable};
use crate::index::{HashKey, Hashed, Index};
use crate::slab::{Position, Slab};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

/// Looks in the table of the keys `K` for the record that has a key. Returns the hash of the key too.
#[inline]
pub(crate) fn find<'a, K, T, S, A, Q>(
    table: &HashTable<A>,
    slab: &'a Slab<T, A>,
    state: &S,
    key: &Q,
) -> (u64, Option<Position>)
where
    K: HashKey<T>,
    S: BuildHasher,
    A: Allocator,
    Q: ?Sized + Hash + Equivalent<K::Key<'a>>,
{
    let hash = state.hash_one(key);
    let same = |position| {
        slab.get(position)
            .is_some_and(|item| key.equivalent(&K::key(item)))
    };
    let found = table.find(TableHash::new(hash), same);
    (hash, found.map(|(_, position)| position))
}

/// What indexes of several keys have in common.
pub(crate) trait SeveralKeys<T, S>: Index<T, S> {
    /// For each key, where the record is that has it.
    type Found: Copy + PartialEq + AsRef<[Option<Position>]>;

    /// Looks for the keys of a record.
    fn find_all<A: Allocator>(
        tables: &Self::Tables<A>,
        slab: &Slab<T, A>,
        state: &S,
        item: &T,
    ) -> Self::Found;

    /// The number of the first key that two records do not share, counted from 0.
    fn differing_key(a: &T, b: &T) -> Option<usize>;

    /// The same position for each key.
    fn found_at(position: Position) -> Self::Found;
}

macro_rules! several {
    ($n:literal: $($K:ident $at:tt),+) => {
        impl<T, S: BuildHasher, $($K: HashKey<T>),+> SeveralKeys<T, S> for ($(Hashed<$K>,)+) {
            type Found = [Option<Position>; $n];

            fn find_all<A: Allocator>(tables: &Self::Tables<A>, slab: &Slab<T, A>, state: &S, item: &T) -> Self::Found {
                [$(find::<$K, T, S, A, _>(&tables.$at, slab, state, &$K::key(item)).1),+]
            }

            fn differing_key(a: &T, b: &T) -> Option<usize> {
                $(
                    if $K::key(a) != $K::key(b) {
                        return Some($at);
                    }
                )+
                None
            }

            fn found_at(position: Position) -> Self::Found {
                [Some(position); $n]
            }
        }
    };
}

several!(2: K1 0, K2 1);
several!(3: K1 0, K2 1, K3 2);

/// `k1: a, k2: b` as a map, the names without quotes. A tuple would suggest a map of tuples.
pub(crate) struct DebugKeys<'a, const N: usize>(pub(crate) [(&'static str, &'a dyn fmt::Debug); N]);

impl<const N: usize> fmt::Debug for DebugKeys<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, key) in &self.0 {
            map.entry(&format_args!("{name}"), key);
        }
        map.finish()
    }
}
