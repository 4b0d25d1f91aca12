//! Orders by a hash of their reference: linear probing, deletion by shifting back, growth in small steps.

use super::Order;
use crate::{Price, Side};
use zerocopy::{FromZeros, IntoBytes};

/// One order, or nothing where the quantity is 0.
#[derive(Clone, Copy, Debug, FromZeros, IntoBytes)]
#[repr(C)]
struct Slot {
    reference: u64,
    quantity: u32,
    ticks: i32,
    instrument: u32,
    ask: u32,
}

impl Slot {
    fn new(reference: u64, order: &Order) -> Self {
        Self {
            reference,
            quantity: order.quantity,
            ticks: order.price.ticks(),
            instrument: u32::from(order.instrument),
            ask: u32::from(order.side == Side::Ask),
        }
    }

    const fn order(&self) -> Order {
        Order {
            price: Price::new(self.ticks),
            quantity: self.quantity,
            instrument: self.instrument as u16,
            side: if self.ask == 0 { Side::Bid } else { Side::Ask },
        }
    }
}

/// Slots of a power of two.
///
/// # Invariants
/// 1. Between the home of an occupied slot's reference and that slot, no slot is empty.
/// 2. At least a quarter of the slots is empty.
#[derive(Debug, Default)]
struct Slots {
    slots: Box<[Slot]>,
    len: usize,
}

impl Slots {
    fn new(capacity: usize) -> Self {
        // The system gives zeroed memory as it is touched: a large table is not written twice. Where
        // there is no memory, the second attempt ends the program, as every other allocation does.
        let slots = <[Slot]>::new_box_zeroed_with_elems(capacity);
        let slots = slots.unwrap_or_else(|_| vec![Slot::new_zeroed(); capacity].into());
        Self { slots, len: 0 }
    }

    const fn is_full(&self) -> bool {
        self.len + 1 > self.slots.len() / 4 * 3
    }

    /// Where a reference is looked for first. The multiplier is 2^64 by the golden ratio; four
    /// references in a row have homes side by side, for they tend to be used together.
    fn home(&self, reference: u64) -> usize {
        let bits = self.slots.len().trailing_zeros();
        let group = (reference >> 2).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 2;
        let group = (group >> (64 - bits)) as usize;
        group << 2 | (reference & 3) as usize
    }

    fn find(&self, reference: u64) -> Option<usize> {
        if self.len == 0 {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = self.home(reference);
        loop {
            let slot = &self.slots[at];
            if slot.quantity == 0 {
                return None;
            }
            if slot.reference == reference {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    /// Puts in a reference that is not there.
    fn put(&mut self, new: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = self.home(new.reference);
        while self.slots[at].quantity != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = new;
        self.len += 1;
    }

    /// Empties a slot. What follows is moved back where its home allows, so that no search ends early.
    fn take(&mut self, at: usize) -> Slot {
        let mask = self.slots.len() - 1;
        let taken = self.slots[at];
        let (mut hole, mut next) = (at, (at + 1) & mask);
        while self.slots[next].quantity != 0 {
            let home = self.home(self.slots[next].reference);
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(hole) & mask {
                self.slots[hole] = self.slots[next];
                hole = next;
            }
            next = (next + 1) & mask;
        }
        self.slots[hole].quantity = 0;
        self.len -= 1;
        taken
    }
}

/// How many slots of the old table a change looks at. With a load of three quarters the old one is empty before the
/// new one, of twice its size, is full.
const STEP: usize = 4;
const CAPACITY_MIN: usize = 64;

/// A map of any references. It never moves more than a few orders in one call.
///
/// # Invariants
/// 1. A reference is in at most one of `slots` and `old`.
/// 2. `old` has nothing before `cursor`, except what its last slots have displaced to its start.
#[derive(Debug, Default)]
pub(super) struct Table {
    slots: Slots,
    old: Slots,
    cursor: usize,
}

impl Table {
    pub(super) const fn len(&self) -> usize {
        self.slots.len + self.old.len
    }

    #[inline]
    pub(super) fn get(&self, reference: u64) -> Option<Order> {
        let slot = match self.slots.find(reference) {
            Some(at) => &self.slots.slots[at],
            None => &self.old.slots[self.old.find(reference)?],
        };
        Some(slot.order())
    }

    /// Puts in an order whose reference is not there.
    pub(super) fn put(&mut self, reference: u64, order: &Order) {
        if self.slots.is_full() {
            self.grow();
        }
        self.move_some();
        self.slots.put(Slot::new(reference, order));
    }

    /// Sets the quantity of an order that is there; 0 takes it out.
    pub(super) fn set_quantity(&mut self, reference: u64, quantity: u32) {
        let (slots, at) = match self.slots.find(reference) {
            Some(at) => (&mut self.slots, at),
            None => match self.old.find(reference) {
                Some(at) => (&mut self.old, at),
                None => return,
            },
        };
        if quantity == 0 {
            slots.take(at);
        } else {
            slots.slots[at].quantity = quantity;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, Order)> + '_ {
        let all = self.slots.slots.iter().chain(&self.old.slots);
        all.filter(|slot| slot.quantity != 0)
            .map(|slot| (slot.reference, slot.order()))
    }

    fn grow(&mut self) {
        // With the step as it is this finds nothing left; if it did, the rest would move here.
        while self.old.len > 0 {
            self.move_some();
        }
        let capacity = (self.slots.slots.len() * 2).max(CAPACITY_MIN);
        self.old = std::mem::replace(&mut self.slots, Slots::new(capacity));
        self.cursor = 0;
    }

    fn move_some(&mut self) {
        if self.old.len == 0 {
            if !self.old.slots.is_empty() {
                self.old = Slots::default();
            }
            return;
        }
        for _ in 0..STEP {
            let at = self.cursor & (self.old.slots.len() - 1);
            if self.old.slots[at].quantity == 0 {
                self.cursor += 1;
            } else {
                // The next one may have moved back to here: the cursor stays.
                let slot = self.old.take(at);
                self.slots.put(slot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Table};
    use crate::{Price, Side};
    use std::collections::HashMap;

    #[test]
    fn a_table_agrees_with_a_hash_map_while_it_grows_and_shrinks() {
        let (mut table, mut model) = (Table::default(), HashMap::new());
        let mut state = 7_u64;
        let rounds = if cfg!(miri) { 600 } else { 200_000 };
        for round in 0..rounds {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let reference = ((state >> 40) % 5_000) << ((state >> 60 & 1) * 30);
            let known = model.get(&reference).copied();
            assert_eq!(table.get(reference), known);
            let grows = (round / 40_000) % 2 == 0;
            match known {
                None => {
                    let order = Order {
                        price: Price::new(round),
                        quantity: 1 + (state >> 50) as u32,
                        instrument: state as u16,
                        side: if state & 1 == 0 { Side::Bid } else { Side::Ask },
                    };
                    table.put(reference, &order);
                    model.insert(reference, order);
                }
                Some(_) if !grows || state >> 63 == 0 => {
                    table.set_quantity(reference, 0);
                    model.remove(&reference);
                }
                Some(mut order) => {
                    order.quantity = 9;
                    table.set_quantity(reference, 9);
                    model.insert(reference, order);
                }
            }
            assert_eq!(table.len(), model.len());
        }
        let all: HashMap<_, _> = table.iter().collect();
        assert_eq!(all, model);
    }
}
