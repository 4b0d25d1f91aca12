//! Which prices have a slot of their own.

/// Sizes that a window can have: 64 slots, then each time eight times as many, up to 2^18.
pub(crate) const SIZES: usize = 5;

/// The prices that a window can hold: `slots` of them, `step` ticks apart.
///
/// # Invariants
/// 1. `slots` is a power of two from 64 to 2^18, `step` at least 1, and `slots * step <= 2^31`.
/// 2. `reciprocal` is `2^64 / step`, rounded up; unused when `step` is 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    slots: u32,
    step: u32,
    reciprocal: u64,
}

impl Grid {
    /// The grid for at least `slots` slots `step` ticks apart, both brought into their ranges.
    pub(crate) fn new(slots: usize, step: u32) -> Self {
        let step = step.clamp(1, 1 << 13);
        Self {
            slots: (slots.clamp(64, 1 << 18) as u32).next_power_of_two(),
            step,
            reciprocal: (u64::MAX / u64::from(step)).wrapping_add(1),
        }
    }

    /// The same grid with the slots of this size: at most all.
    pub(crate) fn of_size(&self, size: usize) -> Self {
        let slots = self.slots.min(64 << (3 * size));
        Self { slots, ..*self }
    }

    pub(crate) const fn slots(&self) -> usize {
        self.slots as usize
    }

    /// Ticks from the lowest slot to one beyond the highest.
    const fn span(&self) -> i64 {
        self.slots as i64 * self.step as i64
    }

    /// The slot of a key in a window that starts at `base`, if it has one.
    #[inline(always)]
    pub(crate) fn slot(&self, base: i32, key: i32) -> Option<usize> {
        let slot = self.place(base, key)?;
        (slot < self.slots as usize).then_some(slot)
    }

    /// As [`slot`](Self::slot), without the check that it is one of the window's: who looks it up in
    /// an array of slots checks that anyway.
    #[inline(always)]
    pub(crate) const fn place(&self, base: i32, key: i32) -> Option<usize> {
        // A key below the base wraps to beyond the span: `base` leaves room for it (`window_for`).
        let offset = key.wrapping_sub(base) as u32;
        if self.step == 1 {
            return Some(offset as usize);
        }
        // Exact for every offset of 32 bits (D. Lemire, O. Kaser, N. Kurz, "Faster remainder by
        // direct computation", 2019).
        let slot = ((offset as u128 * self.reciprocal as u128) >> 64) as u32;
        if slot * self.step == offset {
            Some(slot as usize)
        } else {
            None
        }
    }

    /// The key of a slot.
    #[inline(always)]
    pub(crate) const fn key(&self, base: i32, slot: usize) -> i32 {
        base.wrapping_add((slot as i32).wrapping_mul(self.step as i32))
    }

    /// Whether a window could hold the key. `phase` is the key of price 0, -1 for asks.
    pub(crate) const fn holds(&self, phase: i32, key: i32) -> bool {
        (key as i64 - phase as i64) % self.step as i64 == 0
    }

    /// The base of the window around `key`, which leaves three quarters of it to worse prices: there
    /// a book is deep, and better ones come one after the other.
    pub(crate) fn window_for(&self, phase: i32, key: i32) -> i32 {
        let (step, phase) = (i64::from(self.step), i64::from(phase));
        let wanted = i64::from(key) - self.span() / 4 * 3;
        let highest = i64::from(i32::MAX) + 1 - self.span();
        let wanted = wanted.clamp(i64::from(i32::MIN) + step, highest);
        let base = wanted - (wanted - phase).rem_euclid(step);
        base as i32
    }

    /// The key that the window which starts at `base` is around.
    pub(crate) const fn anchor(&self, base: i32) -> i32 {
        self.key(base, self.slots() / 4 * 3)
    }

    /// The keys that a window could hold, first and last.
    pub(crate) fn keys(&self, base: i32) -> (i32, i32) {
        (base, self.key(base, self.slots() - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::{Grid, SIZES};

    #[test]
    fn the_last_size_has_all_slots() {
        for slots in [64, 128, 4096, 1 << 18] {
            let grid = Grid::new(slots, 1);
            assert_eq!(grid.of_size(0).slots(), 64);
            assert_eq!(grid.of_size(SIZES - 1).slots(), slots);
        }
    }

    #[test]
    fn slots_and_keys_are_inverse_on_the_grid_and_nothing_else_has_a_slot() {
        for step in [1, 2, 3, 7, 100, 8192] {
            let grid = Grid::new(64, step);
            for phase in [0, -1] {
                for key in [i32::MIN, i32::MIN + 5, -1, 0, 12_345, i32::MAX] {
                    let base = grid.window_for(phase, key);
                    assert!(grid.holds(phase, base));
                    let (first, last) = grid.keys(base);
                    assert!(first <= last);
                    assert_eq!(grid.window_for(phase, grid.anchor(base)), base);
                    for slot in 0..grid.slots() {
                        assert_eq!(grid.slot(base, grid.key(base, slot)), Some(slot));
                    }
                    assert_eq!(grid.slot(base, first.wrapping_sub(1)), None);
                    assert_eq!(grid.slot(base, last.wrapping_add(1)), None);
                    assert_eq!(grid.slot(base, i32::MIN).is_some(), first == i32::MIN);
                    if grid.holds(phase, key) && step == 1 {
                        assert!(grid.slot(base, key).is_some() || key == i32::MIN);
                    }
                }
            }
        }
    }
}
