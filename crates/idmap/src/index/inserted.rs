//! Unique hashed indexes that keep the order of insertion.

use super::{Conflicts, HashKey, Hashed, Index, Indexes, Inserted, UniqueHash, check_positions};
use crate::allocator::{Allocator, Global};
use crate::errors::TryReserveError;
use crate::hash_table::{Hash, HashTable, Place};
use crate::slab::{Position, Slab};
use alloc::string::String;
use allocator_api2::vec::Vec;
use core::hash::BuildHasher;
use core::ops::Range;

/// Positions in an order that has nothing to do with them.
#[derive(Clone)]
pub(crate) struct Order<A: Allocator> {
    positions: Vec<Position, A>,
    /// Where each position is in the order. Of a position that is not there it says nothing.
    places: Vec<u32, A>,
}

impl<A: Allocator> Order<A> {
    const fn new_in(positions: A, places: A) -> Self {
        Self {
            positions: Vec::new_in(positions),
            places: Vec::new_in(places),
        }
    }

    /// The positions in their order.
    #[inline]
    pub(crate) fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// Where a position is that is there.
    #[inline]
    pub(crate) fn place(&self, position: Position) -> usize {
        self.places[position as usize] as usize
    }

    fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let error = |error| TryReserveError::from_vec(&error);
        self.positions.try_reserve(additional).map_err(error)?;
        // A position is below the most that there have been at once.
        let needed = self.positions.len() + additional;
        let more = needed.saturating_sub(self.places.len());
        self.places.try_reserve(more).map_err(error)
    }

    /// Puts a position behind the others.
    #[inline]
    fn push(&mut self, position: Position) {
        let place = self.positions.len() as u32;
        self.positions.push(position);
        match self.places.get_mut(position as usize) {
            Some(kept) => *kept = place,
            None => self.places.resize(position as usize + 1, place),
        }
    }

    /// Removes a position; those behind it move up. Linear time in these.
    fn remove(&mut self, position: Position) {
        let place = self.place(position);
        self.positions.remove(place);
        self.renumber(place..self.positions.len());
    }

    /// Removes a position, and puts the last in its place. Constant time.
    fn swap_remove(&mut self, position: Position) {
        let place = self.place(position);
        self.positions.swap_remove(place);
        if let Some(moved) = self.positions.get(place) {
            self.places[*moved as usize] = place as u32;
        }
    }

    /// Puts the positions at some places in another order, of the same. Linear time in these.
    ///
    /// # Panics
    ///
    /// If there are not so many places.
    pub(crate) fn reorder(&mut self, places: Range<usize>, change: impl FnOnce(&mut [Position])) {
        change(&mut self.positions[places.clone()]);
        self.renumber(places);
    }

    fn renumber(&mut self, places: Range<usize>) {
        for place in places {
            self.places[self.positions[place] as usize] = place as u32;
        }
    }

    /// Swaps what is at two places.
    ///
    /// # Panics
    ///
    /// If there are not so many places.
    pub(crate) fn swap(&mut self, a: usize, b: usize) {
        self.positions.swap(a, b);
        self.renumber(a..a + 1);
        self.renumber(b..b + 1);
    }

    /// The positions in their order, for good.
    pub(crate) fn into_positions(self) -> Vec<Position, A> {
        self.positions
    }

    fn check(&self) -> Result<(), String> {
        let mut places = self.positions.iter().map(|position| self.place(*position));
        match places
            .by_ref()
            .zip(0..)
            .find(|(found, place)| found != place)
        {
            Some((found, place)) => Err(alloc::format!(
                "what is {place} in the order says that it is {found}"
            )),
            None => Ok(()),
        }
    }
}

/// A table by hash, and the order of insertion.
#[derive(Clone)]
pub(crate) struct InsertedTable<A: Allocator> {
    pub(crate) hashes: HashTable<A>,
    pub(crate) order: Order<A>,
}

impl<A: Allocator> InsertedTable<A> {
    const fn new_in(entries: A, hashes: A, positions: A, places: A) -> Self {
        Self {
            hashes: HashTable::new_in(entries, hashes),
            order: Order::new_in(positions, places),
        }
    }

    /// Removes a position, whose hash is at a place, and puts the last of the order in its place there.
    pub(crate) fn swap_remove(&mut self, place: Place, position: Position) {
        self.order.swap_remove(position);
        self.hashes.remove(place);
    }
}

impl<K> Indexes for Inserted<K> {
    type Tables<A: Allocator> = InsertedTable<A>;
    const EMPTY: InsertedTable<Global> = InsertedTable::new_in(Global, Global, Global, Global);

    fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> InsertedTable<A> {
        InsertedTable::new_in(alloc(), alloc(), alloc(), alloc())
    }
}

impl<T, S: BuildHasher, K: HashKey<T>> Index<T, S> for Inserted<K> {
    const UNIQUE: usize = 1;
    const ALL_UNIQUE: bool = true;
    const SPOTS_LAST: bool = true;
    type Spot = Hash;
    type Place = (Place, Position);
    type Print = [u64; 1];

    #[inline]
    fn print(state: &S, item: &T) -> [u64; 1] {
        Hashed::<K>::print(state, item)
    }

    #[inline]
    fn spot<A: Allocator>(
        table: &InsertedTable<A>,
        slab: &Slab<T, A>,
        state: &S,
        item: (&T, Position),
        conflicts: &mut Conflicts,
    ) -> Hash {
        Hashed::<K>::spot(&table.hashes, slab, state, item, conflicts)
    }

    #[inline]
    fn place<A: Allocator>(
        table: &InsertedTable<A>,
        slab: &Slab<T, A>,
        state: &S,
        position: Position,
    ) -> Self::Place {
        let place = Hashed::<K>::place(&table.hashes, slab, state, position);
        (place, position)
    }

    #[inline]
    fn try_reserve<A: Allocator>(
        table: &mut InsertedTable<A>,
        additional: usize,
    ) -> Result<(), TryReserveError> {
        table.hashes.try_reserve(additional)?;
        table.order.try_reserve(additional)
    }

    #[inline]
    fn insert<A: Allocator>(table: &mut InsertedTable<A>, hash: Hash, position: Position) {
        table.hashes.insert(hash, position);
        table.order.push(position);
    }

    #[inline]
    fn remove<A: Allocator>(table: &mut InsertedTable<A>, (place, position): Self::Place) {
        Self::remove_found(table, place, position);
    }

    fn leave<A: Allocator>(table: &mut InsertedTable<A>, (place, _): Self::Place) {
        table.hashes.remove(place);
    }

    fn enter<A: Allocator>(table: &mut InsertedTable<A>, hash: Hash, position: Position) {
        table.hashes.insert(hash, position);
    }

    fn orders<A: Allocator>(
        table: &InsertedTable<A>,
        orders: &mut alloc::vec::Vec<alloc::vec::Vec<Position>>,
    ) {
        orders.push(table.order.positions.to_vec());
    }

    fn extract<A: Allocator>(table: &mut InsertedTable<A>, (place, position): Self::Place) {
        table.swap_remove(place, position);
    }

    fn restore<A: Allocator>(
        table: &mut InsertedTable<A>,
        orders: &mut dyn Iterator<Item = alloc::vec::Vec<Position>>,
        is_left: &dyn Fn(Position) -> bool,
    ) {
        let left = orders
            .next()
            .into_iter()
            .flatten()
            .filter(|position| is_left(*position));
        let Order { positions, .. } = &mut table.order;
        // As many as there are, in another order: no memory is asked for.
        positions.clear();
        positions.extend(left);
        table.order.renumber(0..table.order.positions.len());
    }

    fn clear<A: Allocator>(table: &mut InsertedTable<A>) {
        table.hashes.clear();
        table.order.positions.clear();
    }

    fn retain<A: Allocator>(table: &mut InsertedTable<A>, keep: &dyn Fn(Position) -> bool) {
        table.hashes.retain(keep);
        table.order.positions.retain(|position| keep(*position));
        table.order.renumber(0..table.order.positions.len());
    }

    fn remap<A: Allocator>(table: &mut InsertedTable<A>, moved: &[Position]) {
        table.hashes.remap(moved);
        let order = &mut table.order;
        order
            .positions
            .iter_mut()
            .for_each(|position| *position = moved[*position as usize]);
        order.places.truncate(order.positions.len());
        order.renumber(0..order.positions.len());
    }

    fn shrink<A: Allocator>(table: &mut InsertedTable<A>, min_capacity: usize) {
        table.hashes.shrink(min_capacity);
        table.order.positions.shrink_to(min_capacity);
        table.order.places.shrink_to(min_capacity);
    }

    fn check<A: Allocator>(table: &InsertedTable<A>, slab: &Slab<T, A>) -> Result<(), String> {
        <Hashed<K> as Index<T, S>>::check(&table.hashes, slab)?;
        check_positions(table.order.positions.iter().copied(), slab)?;
        table.order.check()
    }
}

impl<K> UniqueHash for Inserted<K> {
    type By = K;

    #[inline]
    fn hashes<A: Allocator>(table: &InsertedTable<A>) -> &HashTable<A> {
        &table.hashes
    }

    #[inline]
    fn remove_found<A: Allocator>(table: &mut InsertedTable<A>, place: Place, position: Position) {
        table.order.remove(position);
        table.hashes.remove(place);
    }
}
