//! One side of a book, as its readers see it.

use std::collections::BTreeMap;

use super::grid::Grid;
use super::occupancy::Occupancy;
use crate::sync::{AtomicU32, AtomicU64, Mutex, Ordering, lock, zeroed};

/// The levels of one side by key: those in the window in slots, the others in an ordered map.
///
/// # Invariants
/// 1. A key that has a slot in the window from `base` on has its level there, every other in `far`.
/// 2. `quantities[slot]` is 0 if and only if `occupied` says that the slot is empty; `far` holds no 0.
/// 3. `far_len` is the number of levels in `far`.
///
/// Only the writer stores, inside an update of the sequence count. A reader's view is whole if the
/// count says so.
// Its size is a power of two, so that to choose a side takes no multiplication.
#[repr(align(128))]
#[derive(Debug)]
pub(crate) struct Ladder {
    quantities: Box<[AtomicU64]>,
    occupied: Occupancy,
    base: AtomicU32,
    far_len: AtomicU32,
    far: Mutex<BTreeMap<i32, u64>>,
}

// ORDERING: Relaxed throughout: the sequence count orders these accesses.
impl Ladder {
    pub(crate) fn new(grid: &Grid, base: i32) -> Self {
        Self {
            quantities: zeroed(grid.slots()),
            occupied: Occupancy::new(grid.slots()),
            base: AtomicU32::new(base as u32),
            far_len: AtomicU32::new(0),
            far: Mutex::new(BTreeMap::new()),
        }
    }

    pub(crate) fn base(&self) -> i32 {
        self.base.load(Ordering::Relaxed) as i32
    }

    pub(crate) fn set_base(&self, base: i32) {
        self.base.store(base as u32, Ordering::Relaxed);
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

    #[inline(always)]
    pub(crate) fn set_quantity(&self, slot: usize, quantity: u64) {
        self.quantities[slot].store(quantity, Ordering::Relaxed);
    }

    pub(crate) const fn occupied(&self) -> &Occupancy {
        &self.occupied
    }

    /// Changes the map of what is outside the window, and gives its best key then.
    pub(crate) fn change_far(&self, change: impl FnOnce(&mut BTreeMap<i32, u64>)) -> Option<i32> {
        let mut far = lock(&self.far);
        change(&mut far);
        let len = u32::try_from(far.len()).unwrap_or(u32::MAX);
        self.far_len.store(len, Ordering::Relaxed);
        far.last_key_value().map(|(key, _)| *key)
    }

    /// The quantity at a key outside the window.
    pub(crate) fn far_quantity(&self, key: i32) -> u64 {
        if self.far_len.load(Ordering::Relaxed) == 0 {
            return 0;
        }
        lock(&self.far).get(&key).copied().unwrap_or(0)
    }

    /// The quantity at any key.
    pub(crate) fn quantity_at(&self, grid: &Grid, key: i32) -> u64 {
        match grid.slot(self.base(), key) {
            Some(slot) => self.quantity(slot),
            None => self.far_quantity(key),
        }
    }

    /// Gives keys and quantities, the best first, until there are no more or `give` says stop.
    pub(crate) fn walk(&self, grid: &Grid, mut give: impl FnMut(i32, u64) -> bool) {
        if self.far_len.load(Ordering::Relaxed) == 0 {
            for (key, quantity) in self.window(grid) {
                if !give(key, quantity) {
                    return;
                }
            }
            return;
        }
        let far = lock(&self.far);
        let mut far = far.iter().rev().map(|(key, quantity)| (*key, *quantity));
        let mut near = self.window(grid);
        let (mut next_far, mut next_near) = (far.next(), near.next());
        while let Some((key, quantity)) = next_far.max(next_near) {
            if next_far == Some((key, quantity)) {
                next_far = far.next();
            } else {
                next_near = near.next();
            }
            if !give(key, quantity) {
                return;
            }
        }
    }

    /// What the window holds, the best first.
    pub(crate) fn window<'a>(&'a self, grid: &'a Grid) -> impl Iterator<Item = (i32, u64)> + 'a {
        let base = self.base();
        let first = self.occupied.highest();
        let next = |slot: &usize| self.occupied.highest_below(*slot);
        std::iter::successors(first, next)
            .map(move |slot| (grid.key(base, slot), self.quantity(slot)))
    }
}
