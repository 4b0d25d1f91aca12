//! Unique hashed indexes.

use super::{Conflicts, HashKey, Hashed, Index, Indexes, UniqueHash, check_positions};
use crate::allocator::{Allocator, Global};
use crate::errors::TryReserveError;
use crate::hash_table::{Hash, HashTable, Place};
use crate::slab::{Position, Slab};
use alloc::string::String;
use core::hash::BuildHasher;

impl<K> Indexes for Hashed<K> {
    type Tables<A: Allocator> = HashTable<A>;
    const EMPTY: HashTable<Global> = HashTable::new_in(Global, Global);

    fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> HashTable<A> {
        HashTable::new_in(alloc(), alloc())
    }
}

impl<T, S: BuildHasher, K: HashKey<T>> Index<T, S> for Hashed<K> {
    const UNIQUE: usize = 1;
    const ALL_UNIQUE: bool = true;
    const SPOTS_LAST: bool = true;
    type Spot = Hash;
    type Place = Place;
    type Print = [u64; 1];

    #[inline]
    fn print(state: &S, item: &T) -> [u64; 1] {
        let key = K::key(item);
        [K::number(&key).unwrap_or_else(|| state.hash_one(&key))]
    }

    #[inline]
    fn spot<A: Allocator>(
        table: &HashTable<A>,
        slab: &Slab<T, A>,
        state: &S,
        (item, _): (&T, Position),
        conflicts: &mut Conflicts,
    ) -> Hash {
        let key = K::key(item);
        let hash = Hash::new(state.hash_one(&key));
        let found = table.find(hash, |position| {
            slab.get(position).is_some_and(|other| K::key(other) == key)
        });
        if let Some((_, position)) = found {
            conflicts.add(position);
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

    fn remap<A: Allocator>(table: &mut HashTable<A>, moved: &[Position]) {
        table.remap(moved);
    }

    fn shrink<A: Allocator>(table: &mut HashTable<A>, min_capacity: usize) {
        table.shrink(min_capacity);
    }

    fn check<A: Allocator>(table: &HashTable<A>, slab: &Slab<T, A>) -> Result<(), String> {
        table.check()?;
        check_positions(table.positions(), slab)
    }
}

impl<K> UniqueHash for Hashed<K> {
    type By = K;

    #[inline]
    fn hashes<A: Allocator>(table: &HashTable<A>) -> &HashTable<A> {
        table
    }

    #[inline]
    fn remove_found<A: Allocator>(table: &mut HashTable<A>, place: Place, _: Position) {
        table.remove(place);
    }
}
