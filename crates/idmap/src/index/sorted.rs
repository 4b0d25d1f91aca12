//! Ordered indexes, and hashed ones that are not unique: those are ordered by hash.

use super::{
    Conflicts, HashKey, HashedMulti, Index, Indexes, OrdKey, Ordered, OrderedMulti, check_positions,
};
use crate::allocator::{Allocator, Global};
use crate::errors::TryReserveError;
use crate::prefix::{Mark, Prefix, Shared};
use crate::slab::{Position, Slab};
use crate::tree::{Cursor, Entry, Path, Span, Tree};
use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::hash::BuildHasher;
use core::ops::{Bound, RangeBounds};

/// A tree, and what its entries have of their keys: a prefix, or what follows a beginning that all of them share.
#[derive(Clone)]
pub(crate) struct OrdTable<A: Allocator> {
    pub(crate) tree: Tree<A>,
    has_prefix: bool,
    shared: Shared,
}

impl<A: Allocator> OrdTable<A> {
    pub(crate) const fn new_in(leaves: A, inners: A) -> Self {
        Self {
            tree: Tree::new_in(leaves, inners),
            has_prefix: false,
            shared: Shared::NOTHING,
        }
    }

    /// Searches for what `compare` sets against records, given that its key has a prefix.
    #[inline]
    pub(crate) fn search<'a, T>(
        &self,
        slab: &'a Slab<T, A>,
        prefix: Option<Prefix<'_>>,
        compare: impl FnMut(&'a T) -> Ordering,
    ) -> Result<Path, Path> {
        self.search_at(slab, prefix, compare, |_| Ordering::Equal)
    }

    /// Where the first entry is that is not before a key, or with `after_equal` the first behind it: there, or at the end
    /// of the leaf before.
    pub(crate) fn bound<'a, T>(
        &self,
        slab: &'a Slab<T, A>,
        prefix: Option<Prefix<'_>>,
        after_equal: bool,
        compare: impl FnMut(&'a T) -> Ordering,
    ) -> Path {
        let side = if after_equal {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        match self.search_at(slab, prefix, compare, |_| side) {
            Ok(path) | Err(path) => path,
        }
    }

    /// Takes entries of another table, which are behind all others.
    pub(crate) fn take(&mut self, entries: impl Iterator<Item = Entry>, from: &Self) {
        (self.has_prefix, self.shared) = (from.has_prefix, from.shared.clone());
        entries.for_each(|entry| self.tree.push(entry));
    }

    /// The entries in a range of keys.
    pub(crate) fn range<'a, 'q, T, Q: ?Sized + 'q>(
        &self,
        slab: &'a Slab<T, A>,
        range: &'q impl RangeBounds<Q>,
        prefix: impl Fn(&'q Q) -> Option<Prefix<'q>>,
        mut compare: impl FnMut(&Q, &'a T) -> Ordering,
    ) -> Span {
        let front = self.lower(slab, range.start_bound(), &prefix, &mut compare);
        let back = self.upper(slab, range.end_bound(), prefix, compare);
        self.tree.span_between(front, back)
    }

    /// Where what is not before a bound begins: there, or at the end of the leaf before.
    pub(crate) fn lower<'a, 'q, T, Q: ?Sized + 'q>(
        &self,
        slab: &'a Slab<T, A>,
        bound: Bound<&'q Q>,
        prefix: impl Fn(&'q Q) -> Option<Prefix<'q>>,
        mut compare: impl FnMut(&Q, &'a T) -> Ordering,
    ) -> Cursor {
        let (key, after) = match bound {
            Bound::Included(key) => (key, false),
            Bound::Excluded(key) => (key, true),
            Bound::Unbounded => return self.tree.first(),
        };
        self.bound(slab, prefix(key), after, |item| compare(key, item))
            .cursor()
    }

    /// Where what is not behind a bound ends: there, or at the end of the leaf before.
    pub(crate) fn upper<'a, 'q, T, Q: ?Sized + 'q>(
        &self,
        slab: &'a Slab<T, A>,
        bound: Bound<&'q Q>,
        prefix: impl Fn(&'q Q) -> Option<Prefix<'q>>,
        compare: impl FnMut(&Q, &'a T) -> Ordering,
    ) -> Cursor {
        let bound = match bound {
            Bound::Included(key) => Bound::Excluded(key),
            Bound::Excluded(key) => Bound::Included(key),
            Bound::Unbounded => return Cursor::END,
        };
        self.lower(slab, bound, prefix, compare)
    }

    /// The same, where records of one key are set against by their positions.
    #[inline]
    fn search_at<'a, T>(
        &self,
        slab: &'a Slab<T, A>,
        prefix: Option<Prefix<'_>>,
        compare: impl FnMut(&'a T) -> Ordering,
        tie: impl FnMut(Position) -> Ordering,
    ) -> Result<Path, Path> {
        let exact = prefix.is_some_and(Prefix::is_exact);
        self.descend(slab, self.strip(prefix), exact, compare, tie)
    }

    /// Where a record is or would go, and what its insertion does.
    #[inline]
    fn search_to_insert<'a, T>(
        &self,
        slab: &'a Slab<T, A>,
        prefix: Option<Prefix<'_>>,
        compare: impl FnMut(&'a T) -> Ordering,
        tie: impl FnMut(Position) -> Ordering,
    ) -> (Mark, Result<Path, Path>) {
        let stripped = self.strip(prefix);
        let mark = match (prefix, stripped) {
            (Some(prefix), Some(stripped)) => self.shared.mark(prefix, stripped),
            _ => self.shared.keep(0),
        };
        let exact = prefix.is_some_and(Prefix::is_exact);
        (mark, self.descend(slab, stripped, exact, compare, tie))
    }

    #[inline(always)]
    fn strip(&self, prefix: Option<Prefix<'_>>) -> Option<Result<u64, Ordering>> {
        let prefix = prefix.filter(|_| self.has_prefix)?;
        Some(self.shared.strip(prefix))
    }

    /// Searches with what [`strip`](Self::strip) has said of the key.
    #[inline]
    fn descend<'a, T>(
        &self,
        slab: &'a Slab<T, A>,
        stripped: Option<Result<u64, Ordering>>,
        exact: bool,
        mut compare: impl FnMut(&'a T) -> Ordering,
        mut tie: impl FnMut(Position) -> Ordering,
    ) -> Result<Path, Path> {
        let bits = match stripped {
            Some(Err(side)) => return self.tree.search(None, |_| side),
            Some(Ok(bits)) => Some(bits),
            None => None,
        };
        self.tree.search(bits, |position| {
            let keys = if exact && bits.is_some() {
                Ordering::Equal
            } else {
                slab.get(position).map_or(Ordering::Equal, &mut compare)
            };
            keys.then_with(|| tie(position))
        })
    }

    /// Makes a table without entries ready: its first key says what all of them share.
    #[cold]
    fn begin(&mut self, prefix: Option<Prefix<'_>>) {
        self.has_prefix = prefix.is_some();
        self.shared.begin(prefix.unwrap_or(Prefix::exact(0)));
    }

    /// What a new entry is to have. Where its key begins otherwise than all others, those are changed.
    #[inline]
    fn enter(&mut self, mark: Mark) -> u64 {
        let (bits, change) = self.shared.enter(mark);
        if let Some(change) = change {
            self.tree.change_prefixes(change);
        }
        bits
    }
}

impl<A: Allocator> fmt::Debug for OrdTable<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree.fmt(f)
    }
}

/// How a tree orders records.
pub(crate) trait Sorted<T, S> {
    /// Whether records with equal keys are in each other's way. If not, they stand in the order of positions.
    const UNIQUE: bool;

    /// Searches for a record that is at a position, or would be.
    fn search<A: Allocator>(
        table: &OrdTable<A>,
        slab: &Slab<T, A>,
        state: &S,
        item: &T,
        tie: impl FnMut(Position) -> Ordering,
    ) -> (Mark, Result<Path, Path>);

    /// What differs if the key does.
    fn print(state: &S, item: &T) -> u64;

    /// Makes a table without entries ready for a record.
    fn prepare<A: Allocator>(table: &mut OrdTable<A>, item: &T);
}

macro_rules! by_order {
    ($style:ident, $unique:literal) => {
        impl<T, S: BuildHasher, K: OrdKey<T>> Sorted<T, S> for $style<K> {
            const UNIQUE: bool = $unique;

            #[inline]
            fn search<A: Allocator>(
                table: &OrdTable<A>,
                slab: &Slab<T, A>,
                _: &S,
                item: &T,
                tie: impl FnMut(Position) -> Ordering,
            ) -> (Mark, Result<Path, Path>) {
                let key = K::key(item);
                let prefix = K::prefix(&key);
                table.search_to_insert(slab, prefix, |other| key.cmp(&K::key(other)), tie)
            }

            #[inline]
            fn print(state: &S, item: &T) -> u64 {
                let key = K::key(item);
                let print = K::prefix(&key).and_then(Prefix::print);
                print.unwrap_or_else(|| state.hash_one(key))
            }

            #[inline]
            fn prepare<A: Allocator>(table: &mut OrdTable<A>, item: &T) {
                if table.tree.len() == 0 {
                    table.begin(K::prefix(&K::key(item)));
                }
            }
        }
    };
}

by_order!(Ordered, true);
by_order!(OrderedMulti, false);

/// By hash alone: keys of one hash stand together, and a search looks at each.
impl<T, S: BuildHasher, K: HashKey<T>> Sorted<T, S> for HashedMulti<K> {
    const UNIQUE: bool = false;

    #[inline]
    fn search<A: Allocator>(
        table: &OrdTable<A>,
        slab: &Slab<T, A>,
        state: &S,
        item: &T,
        tie: impl FnMut(Position) -> Ordering,
    ) -> (Mark, Result<Path, Path>) {
        let prefix = Some(Prefix::exact(state.hash_one(K::key(item))));
        table.search_to_insert(slab, prefix, |_| Ordering::Equal, tie)
    }

    #[inline]
    fn print(state: &S, item: &T) -> u64 {
        state.hash_one(K::key(item))
    }

    #[inline]
    fn prepare<A: Allocator>(table: &mut OrdTable<A>, _: &T) {
        table.has_prefix = true;
    }
}

macro_rules! index_in_tree {
    ($([$($generics:tt)*] $style:ident;)+) => { $(
        impl<K> Indexes for $style<K> {
            type Tables<A: Allocator> = OrdTable<A>;
            const EMPTY: OrdTable<Global> = OrdTable::new_in(Global, Global);

            fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> OrdTable<A> {
                OrdTable::new_in(alloc(), alloc())
            }
        }

        impl<T, $($generics)*> Index<T, S> for $style<K> {
            const UNIQUE: usize = <Self as Sorted<T, S>>::UNIQUE as usize;
            const ALL_UNIQUE: bool = <Self as Sorted<T, S>>::UNIQUE;
            const SPOTS_LAST: bool = false;
            type Spot = (Path, Mark);
            type Place = Path;
            type Print = [u64; 1];

            #[inline]
            fn print(state: &S, item: &T) -> [u64; 1] {
                [<Self as Sorted<T, S>>::print(state, item)]
            }

            #[inline]
            fn prepare<A: Allocator>(table: &mut OrdTable<A>, item: &T) {
                <Self as Sorted<T, S>>::prepare(table, item);
            }

            #[inline]
            fn spot<A: Allocator>(
                table: &OrdTable<A>,
                slab: &Slab<T, A>,
                state: &S,
                (item, position): (&T, Position),
                conflicts: &mut Conflicts,
            ) -> Self::Spot {
                let unique = <Self as Sorted<T, S>>::UNIQUE;
                let tie = |other| if unique { Ordering::Equal } else { position.cmp(&other) };
                let (mark, found) = Self::search(table, slab, state, item, tie);
                if unique && let Ok(path) = &found {
                    conflicts.add(table.tree.position(path));
                }
                (found.unwrap_or_else(|path| path), mark)
            }

            fn place<A: Allocator>(table: &OrdTable<A>, slab: &Slab<T, A>, state: &S, position: Position) -> Path {
                let found = slab.get(position).and_then(|item| {
                    let tie = |other| if <Self as Sorted<T, S>>::UNIQUE { Ordering::Equal } else { position.cmp(&other) };
                    Self::search(table, slab, state, item, tie).1.ok()
                });
                found
                    .filter(|path| table.tree.position(path) == position)
                    .or_else(|| table.tree.scan(position))
                    .expect("each record is in each index")
            }

            #[inline]
            fn try_reserve<A: Allocator>(table: &mut OrdTable<A>, additional: usize) -> Result<(), TryReserveError> {
                table.tree.try_reserve(additional)
            }

            #[inline]
            fn insert<A: Allocator>(table: &mut OrdTable<A>, (path, mark): Self::Spot, position: Position) {
                let prefix = table.enter(mark);
                table.tree.insert(&path, Entry { prefix, position });
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

            fn remap<A: Allocator>(table: &mut OrdTable<A>, moved: &[Position]) {
                table.tree.remap(|position| moved[position as usize]);
            }

            fn shrink<A: Allocator>(table: &mut OrdTable<A>, _: usize) {
                table.tree.shrink();
            }

            fn check<A: Allocator>(table: &OrdTable<A>, slab: &Slab<T, A>) -> Result<(), String> {
                table.tree.check()?;
                check_positions(table.tree.entries().map(|entry| entry.position), slab)
            }
        }
    )+ };
}

index_in_tree! {
    [S: BuildHasher, K: OrdKey<T>] Ordered;
    [S: BuildHasher, K: OrdKey<T>] OrderedMulti;
    [S: BuildHasher, K: HashKey<T>] HashedMulti;
}
