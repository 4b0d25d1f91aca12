//! What a map finds its records by: one index or several, hashed or ordered.

use crate::allocator::Allocator;
use crate::errors::TryReserveError;
use crate::hash_table::{Hash, HashTable, Place};
use crate::prefix::Prefix;
use crate::slab::{Position, Slab};
use crate::tree::{Entry, Path, Tree};
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::hash::BuildHasher;
use core::marker::PhantomData;

/// A key that records are hashed by. Implemented by a type that stands for the index.
pub trait HashKey<T: ?Sized> {
    /// The key, which may borrow from the record.
    type Key<'a>: core::hash::Hash + Eq
    where
        T: 'a;

    /// The key of a record.
    fn key(item: &T) -> Self::Key<'_>;
}

/// A key that records are ordered by. Implemented by a type that stands for the index.
pub trait OrdKey<T: ?Sized> {
    /// The key, which may borrow from the record.
    type Key<'a>: Ord
    where
        T: 'a;

    /// The key of a record.
    fn key(item: &T) -> Self::Key<'_>;

    /// A number that agrees with the order of keys, if there is one.
    #[doc(hidden)]
    #[inline]
    fn prefix(_key: &Self::Key<'_>) -> Option<Prefix> {
        None
    }
}

/// An index by a unique [`HashKey`].
pub struct Hashed<K>(PhantomData<fn() -> K>);

/// An index by a unique [`OrdKey`].
pub struct Ordered<K>(PhantomData<fn() -> K>);

/// Positions that stand in the way of a record, each once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Conflicts {
    found: [Position; 8],
    len: usize,
    /// How many indexes have found one.
    indexes: usize,
}

impl Conflicts {
    #[cold]
    fn add(&mut self, position: Position) {
        self.indexes += 1;
        if !self.positions().contains(&position) {
            self.found[self.len] = position;
            self.len += 1;
        }
    }

    /// In the order of the indexes.
    #[inline]
    pub(crate) fn positions(&self) -> &[Position] {
        &self.found[..self.len]
    }

    /// In the order of slots from here on.
    pub(crate) fn sort(&mut self) {
        self.found[..self.len].sort_unstable();
    }

    /// Leaves a position out.
    pub(crate) fn forget(&mut self, position: Position) {
        if let Some(at) = self.positions().iter().position(|found| *found == position) {
            self.found.copy_within(at + 1..self.len, at);
            self.len -= 1;
        }
    }

    /// The position that all of so many indexes have found.
    pub(crate) fn only(&self, indexes: usize) -> Option<Position> {
        (self.indexes == indexes && self.len == 1).then_some(self.found[0])
    }
}

/// The storage of an index or of several.
pub(crate) trait Indexes {
    /// The tables.
    type Tables<A: Allocator>;

    #[doc(hidden)]
    fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> Self::Tables<A>;
}

/// How records get into an index, and out of it. User code runs in `spot` and `place` alone.
pub(crate) trait Index<T, S>: Indexes {
    /// How many indexes there are.
    const COUNT: usize;
    /// Whether a spot is good after other records are removed.
    const SPOTS_LAST: bool;
    /// Where a record would go.
    type Spot: Copy;
    /// Where a record is.
    type Place: Copy;

    /// Looks where a record would go, and adds those that have its key to `conflicts`.
    fn spot<A: Allocator>(
        tables: &Self::Tables<A>,
        slab: &Slab<T, A>,
        state: &S,
        item: &T,
        conflicts: &mut Conflicts,
    ) -> Self::Spot;

    /// Where the record at a position is in the tables, even if its keys are not what they were.
    fn place<A: Allocator>(
        tables: &Self::Tables<A>,
        slab: &Slab<T, A>,
        state: &S,
        position: Position,
    ) -> Self::Place;

    /// Makes sure that `additional` records go in without allocating.
    fn try_reserve<A: Allocator>(
        tables: &mut Self::Tables<A>,
        additional: usize,
    ) -> Result<(), TryReserveError>;

    fn insert<A: Allocator>(tables: &mut Self::Tables<A>, spot: Self::Spot, position: Position);

    fn remove<A: Allocator>(tables: &mut Self::Tables<A>, place: Self::Place);

    fn clear<A: Allocator>(tables: &mut Self::Tables<A>);

    /// Removes what is not kept.
    fn retain<A: Allocator>(tables: &mut Self::Tables<A>, keep: &dyn Fn(Position) -> bool);

    /// Gives memory back, and changes positions by a table if there is one.
    fn shrink<A: Allocator>(
        tables: &mut Self::Tables<A>,
        min_capacity: usize,
        moved: Option<&[Position]>,
    );

    /// Says what is wrong, if anything. An index has each position of the slab once.
    fn check<A: Allocator>(tables: &Self::Tables<A>, slab: &Slab<T, A>) -> Result<(), String>;
}

impl<K> Indexes for Hashed<K> {
    type Tables<A: Allocator> = HashTable<A>;

    fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> HashTable<A> {
        HashTable::new_in(alloc(), alloc())
    }
}

impl<T, S: BuildHasher, K: HashKey<T>> Index<T, S> for Hashed<K> {
    const COUNT: usize = 1;
    const SPOTS_LAST: bool = true;
    type Spot = Hash;
    type Place = Place;

    #[inline]
    fn spot<A: Allocator>(
        table: &HashTable<A>,
        slab: &Slab<T, A>,
        state: &S,
        item: &T,
        conflicts: &mut Conflicts,
    ) -> Hash {
        let key = K::key(item);
        let hash = Hash::new(state.hash_one(&key));
        let found = table.find(hash, |position| {
            slab.get(position).is_some_and(|other| K::key(other) == key)
        });
        if let Some(place) = found {
            conflicts.add(table.position(place));
        }
        hash
    }

    #[inline]
    fn place<A: Allocator>(
        table: &HashTable<A>,
        _: &Slab<T, A>,
        _: &S,
        position: Position,
    ) -> Place {
        table
            .locate(position)
            .expect("each record is in each index")
    }

    #[inline]
    fn try_reserve<A: Allocator>(
        table: &mut HashTable<A>,
        additional: usize,
    ) -> Result<(), TryReserveError> {
        table.try_reserve(additional)
    }

    #[inline]
    fn insert<A: Allocator>(table: &mut HashTable<A>, hash: Hash, position: Position) {
        table.insert(hash, position);
    }

    #[inline]
    fn remove<A: Allocator>(table: &mut HashTable<A>, place: Place) {
        table.remove(place);
    }

    fn clear<A: Allocator>(table: &mut HashTable<A>) {
        table.clear();
    }

    fn retain<A: Allocator>(table: &mut HashTable<A>, keep: &dyn Fn(Position) -> bool) {
        table.retain(keep);
    }

    fn shrink<A: Allocator>(
        table: &mut HashTable<A>,
        min_capacity: usize,
        moved: Option<&[Position]>,
    ) {
        table.shrink(min_capacity, moved);
    }

    fn check<A: Allocator>(table: &HashTable<A>, slab: &Slab<T, A>) -> Result<(), String> {
        table.check()?;
        check_positions(table.positions(), slab)
    }
}

/// A tree, and whether its entries have prefixes of their keys.
#[derive(Clone)]
pub(crate) struct OrdTable<A: Allocator> {
    pub(crate) tree: Tree<A>,
    pub(crate) has_prefix: bool,
}

impl<A: Allocator> OrdTable<A> {
    pub(crate) const fn new_in(leaves: A, inners: A) -> Self {
        Self {
            tree: Tree::new_in(leaves, inners),
            has_prefix: false,
        }
    }

    /// Searches for a key that `compare` sets against those of records.
    #[inline]
    pub(crate) fn search<'a, T>(
        &self,
        slab: &'a Slab<T, A>,
        prefix: Option<Prefix>,
        mut compare: impl FnMut(&'a T) -> Ordering,
    ) -> Result<Path, Path> {
        let prefix = prefix.filter(|_| self.has_prefix);
        let exact = prefix.is_some_and(|prefix| prefix.exact);
        self.tree
            .search(prefix.map(|prefix| prefix.bits), |position| {
                if exact {
                    Ordering::Equal
                } else {
                    slab.get(position).map_or(Ordering::Equal, &mut compare)
                }
            })
    }
}

impl<A: Allocator> fmt::Debug for OrdTable<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree.fmt(f)
    }
}

impl<K> Indexes for Ordered<K> {
    type Tables<A: Allocator> = OrdTable<A>;

    fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> OrdTable<A> {
        OrdTable::new_in(alloc(), alloc())
    }
}

impl<T, S, K: OrdKey<T>> Index<T, S> for Ordered<K> {
    const COUNT: usize = 1;
    const SPOTS_LAST: bool = false;
    type Spot = (Path, Option<u64>);
    type Place = Path;

    #[inline]
    fn spot<A: Allocator>(
        table: &OrdTable<A>,
        slab: &Slab<T, A>,
        _: &S,
        item: &T,
        conflicts: &mut Conflicts,
    ) -> Self::Spot {
        let key = K::key(item);
        let prefix = K::prefix(&key);
        let has_prefix = if table.tree.len() == 0 {
            prefix.is_some()
        } else {
            table.has_prefix
        };
        let bits = prefix.filter(|_| has_prefix).map(|prefix| prefix.bits);
        match table.search(slab, prefix, |other| key.cmp(&K::key(other))) {
            Ok(path) => {
                conflicts.add(table.tree.position(&path));
                (path, bits)
            }
            Err(path) => (path, bits),
        }
    }

    fn place<A: Allocator>(
        table: &OrdTable<A>,
        slab: &Slab<T, A>,
        _: &S,
        position: Position,
    ) -> Path {
        let found = slab.get(position).and_then(|item| {
            let key = K::key(item);
            table
                .search(slab, K::prefix(&key), |other| key.cmp(&K::key(other)))
                .ok()
        });
        found
            .filter(|path| table.tree.position(path) == position)
            .or_else(|| table.tree.scan(position))
            .expect("each record is in each index")
    }

    #[inline]
    fn try_reserve<A: Allocator>(
        table: &mut OrdTable<A>,
        additional: usize,
    ) -> Result<(), TryReserveError> {
        table.tree.try_reserve(additional)
    }

    #[inline]
    fn insert<A: Allocator>(
        table: &mut OrdTable<A>,
        (path, prefix): Self::Spot,
        position: Position,
    ) {
        if table.tree.len() == 0 {
            table.has_prefix = prefix.is_some();
        }
        table.tree.insert(
            &path,
            Entry {
                prefix: prefix.unwrap_or(0),
                position,
            },
        );
    }

    #[inline]
    fn remove<A: Allocator>(table: &mut OrdTable<A>, path: Path) {
        table.tree.remove(&path);
    }

    fn clear<A: Allocator>(table: &mut OrdTable<A>) {
        table.tree.clear();
    }

    fn retain<A: Allocator>(table: &mut OrdTable<A>, keep: &dyn Fn(Position) -> bool) {
        table.tree.retain(keep);
    }

    fn shrink<A: Allocator>(table: &mut OrdTable<A>, _: usize, moved: Option<&[Position]>) {
        if let Some(moved) = moved {
            table.tree.remap(|position| moved[position as usize]);
        }
        table.tree.shrink();
    }

    fn check<A: Allocator>(table: &OrdTable<A>, slab: &Slab<T, A>) -> Result<(), String> {
        table.tree.check()?;
        check_positions(table.tree.entries().map(|entry| entry.position), slab)
    }
}

fn check_positions<T, A: Allocator>(
    positions: impl Iterator<Item = Position>,
    slab: &Slab<T, A>,
) -> Result<(), String> {
    let mut met = alloc::vec![false; slab.slots()];
    let mut count = 0;
    for position in positions {
        if slab.get(position).is_none() {
            return Err(alloc::format!("position {position} is of no record"));
        }
        if core::mem::replace(&mut met[position as usize], true) {
            return Err(alloc::format!("position {position} is there twice"));
        }
        count += 1;
    }
    if count == slab.len() {
        Ok(())
    } else {
        Err(alloc::format!(
            "{count} positions are there, of {} records",
            slab.len()
        ))
    }
}

macro_rules! tuple {
    ($($X:ident $at:tt),+) => {
        impl<$($X: Indexes),+> Indexes for ($($X,)+) {
            type Tables<A: Allocator> = ($($X::Tables<A>,)+);

            fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> Self::Tables<A> {
                ($($X::new_in(alloc),)+)
            }
        }

        impl<T, S, $($X: Index<T, S>),+> Index<T, S> for ($($X,)+) {
            const COUNT: usize = 0 $(+ $X::COUNT)+;
            const SPOTS_LAST: bool = true $(&& $X::SPOTS_LAST)+;
            type Spot = ($($X::Spot,)+);
            type Place = ($($X::Place,)+);

            #[inline]
            fn spot<A: Allocator>(
                tables: &Self::Tables<A>,
                slab: &Slab<T, A>,
                state: &S,
                item: &T,
                conflicts: &mut Conflicts,
            ) -> Self::Spot {
                ($($X::spot(&tables.$at, slab, state, item, conflicts),)+)
            }

            #[inline]
            fn place<A: Allocator>(tables: &Self::Tables<A>, slab: &Slab<T, A>, state: &S, position: Position) -> Self::Place {
                ($($X::place(&tables.$at, slab, state, position),)+)
            }

            #[inline]
            fn try_reserve<A: Allocator>(tables: &mut Self::Tables<A>, additional: usize) -> Result<(), TryReserveError> {
                $($X::try_reserve(&mut tables.$at, additional)?;)+
                Ok(())
            }

            #[inline]
            fn insert<A: Allocator>(tables: &mut Self::Tables<A>, spot: Self::Spot, position: Position) {
                $($X::insert(&mut tables.$at, spot.$at, position);)+
            }

            #[inline]
            fn remove<A: Allocator>(tables: &mut Self::Tables<A>, place: Self::Place) {
                $($X::remove(&mut tables.$at, place.$at);)+
            }

            fn clear<A: Allocator>(tables: &mut Self::Tables<A>) {
                $($X::clear(&mut tables.$at);)+
            }

            fn retain<A: Allocator>(tables: &mut Self::Tables<A>, keep: &dyn Fn(Position) -> bool) {
                $($X::retain(&mut tables.$at, keep);)+
            }

            fn shrink<A: Allocator>(tables: &mut Self::Tables<A>, min_capacity: usize, moved: Option<&[Position]>) {
                $($X::shrink(&mut tables.$at, min_capacity, moved);)+
            }

            fn check<A: Allocator>(tables: &Self::Tables<A>, slab: &Slab<T, A>) -> Result<(), String> {
                $($X::check(&tables.$at, slab).map_err(|error| alloc::format!("index {}: {error}", $at + 1))?;)+
                Ok(())
            }
        }
    };
}

tuple!(X1 0);
tuple!(X1 0, X2 1);
tuple!(X1 0, X2 1, X3 2);
tuple!(X1 0, X2 1, X3 2, X4 3);
tuple!(X1 0, X2 1, X3 2, X4 3, X5 4);
tuple!(X1 0, X2 1, X3 2, X4 3, X5 4, X6 5);
