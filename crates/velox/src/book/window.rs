//! The prices of one side that have a slot of their own.

use super::grid::Grid;
use super::occupancy::Occupancy;
use crate::sync::{AtomicU64, Ordering, zeroed};

/// The levels around the best price, by slots.
///
/// # Invariants
/// 1. `quantities[slot]` is 0 if and only if `occupied` says that the slot is empty.
///
/// Only the writer stores, inside an update of the book's sequence count. A reader's view is whole if the count says so.
#[derive(Debug)]
pub(crate) struct Window {
    grid: Grid,
    quantities: Box<[AtomicU64]>,
    occupied: Occupancy,
}

// ORDERING: Relaxed throughout: the sequence count orders these accesses.
impl Window {
    pub(crate) fn new(grid: Grid) -> Self {
        Self {
            grid,
            quantities: zeroed(grid.slots()),
            occupied: Occupancy::new(grid.slots()),
        }
    }

    #[inline(always)]
    pub(crate) const fn grid(&self) -> &Grid {
        &self.grid
    }

    pub(crate) const fn occupied(&self) -> &Occupancy {
        &self.occupied
    }

    /// The quantity of a slot, if there is such a slot.
    #[inline(always)]
    pub(crate) fn level(&self, slot: usize) -> Option<&AtomicU64> {
        self.quantities.get(slot)
    }

    #[inline(always)]
    pub(crate) fn quantity(&self, slot: usize) -> u64 {
        self.quantities[slot].load(Ordering::Relaxed)
    }

    /// Puts a level into a slot that is empty.
    pub(crate) fn put(&self, slot: usize, quantity: u64) {
        self.quantities[slot].store(quantity, Ordering::Relaxed);
        self.occupied.set(slot);
    }

    /// Empties all slots, and gives what they held when the window began at `base`.
    pub(crate) fn take_all(&self, base: i32) -> Vec<(i32, u64)> {
        let all: Vec<_> = self.levels(base).collect();
        for slot in all.iter().filter_map(|(key, _)| self.grid.slot(base, *key)) {
            self.occupied.clear(slot);
            self.quantities[slot].store(0, Ordering::Relaxed);
        }
        all
    }

    /// Keys and quantities of a window that begins at `base`, the best first.
    pub(crate) fn levels(&self, base: i32) -> impl Iterator<Item = (i32, u64)> + '_ {
        let first = self.occupied.highest();
        let next = |slot: &usize| self.occupied.highest_below(*slot);
        std::iter::successors(first, next)
            .map(move |slot| (self.grid.key(base, slot), self.quantity(slot)))
    }
}
