//! Pages of orders whose references lie close together, and the directory that finds a page.

use super::Order;
use crate::{Price, Side};

/// References to a page.
pub(super) const PAGE: usize = 1024;
const OFFSET: u64 = PAGE as u64 - 1;

/// No order: quantity 0.
const VACANT: Order = Order {
    price: Price::new(0),
    quantity: 0,
    instrument: 0,
    side: Side::Bid,
};

/// The orders with references from `number * PAGE` on.
#[derive(Debug)]
pub(super) struct Page {
    number: u64,
    /// Orders that are alive.
    pub(super) live: u32,
    /// Orders that were put in since it was opened.
    pub(super) seen: u32,
    /// Whether the table may hold orders of this page too.
    pub(super) mixed: bool,
    orders: Box<[Order; PAGE]>,
}

impl Page {
    /// The order of a reference of this page; quantity 0 for none.
    #[inline]
    pub(super) fn at(&self, reference: u64) -> &Order {
        &self.orders[(reference & OFFSET) as usize]
    }

    #[inline]
    pub(super) fn at_mut(&mut self, reference: u64) -> &mut Order {
        &mut self.orders[(reference & OFFSET) as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, Order)> + '_ {
        let first = self.number * PAGE as u64;
        let all = (first..).zip(self.orders.iter().copied());
        all.filter(|(_, order)| order.quantity != 0)
    }
}

/// The number of a reference's page.
#[inline]
pub(super) const fn number(reference: u64) -> u64 {
    reference / PAGE as u64
}

/// Pages by number: an open-addressed table of its own, so that neither where references start nor
/// gaps between them cost memory. Pages that were closed are kept for the next one, up to some.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// A power of two of slots, at most half of them taken; empty at first.
    slots: Vec<Option<Page>>,
    len: usize,
    spare: Vec<Box<[Order; PAGE]>>,
}

/// How many closed pages are kept.
const SPARE: usize = 64;

impl Pages {
    #[inline]
    fn home(&self, number: u64) -> usize {
        // The low bits: pages in a row lie in a row.
        number as usize & self.slots.len().wrapping_sub(1)
    }

    /// Where the page is, or the slot where it would be put. The directory is not empty.
    #[inline]
    fn search(&self, number: u64) -> usize {
        let mut at = self.home(number);
        loop {
            match &self.slots[at] {
                Some(page) if page.number != number => at = (at + 1) & (self.slots.len() - 1),
                _ => return at,
            }
        }
    }

    #[inline]
    pub(super) fn get(&self, number: u64) -> Option<&Page> {
        if self.len == 0 {
            return None;
        }
        self.slots[self.search(number)].as_ref()
    }

    #[inline]
    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Page> {
        if self.len == 0 {
            return None;
        }
        let at = self.search(number);
        self.slots[at].as_mut()
    }

    /// Opens a page that is not open.
    pub(super) fn open(&mut self, number: u64, mixed: bool) -> &mut Page {
        if (self.len + 1) * 2 > self.slots.len() {
            self.grow();
        }
        self.len += 1;
        let orders = self.spare.pop().unwrap_or_else(|| Box::new([VACANT; PAGE]));
        let at = self.search(number);
        self.slots[at].insert(Page {
            number,
            live: 0,
            seen: 0,
            mixed,
            orders,
        })
    }

    /// Closes a page, and hands what it still holds to `give`.
    pub(super) fn close(&mut self, number: u64, mut give: impl FnMut(u64, &Order)) {
        let at = self.search(number);
        let Some(mut page) = self.slots[at].take() else {
            return;
        };
        self.len -= 1;
        self.shift_back(at);
        if page.live > 0 {
            page.iter()
                .for_each(|(reference, order)| give(reference, &order));
            page.orders.fill(VACANT);
        }
        if self.spare.len() < SPARE {
            self.spare.push(page.orders);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Page> {
        self.slots.iter().flatten()
    }

    fn shift_back(&mut self, mut hole: usize) {
        let mask = self.slots.len() - 1;
        let mut next = (hole + 1) & mask;
        while let Some(page) = &self.slots[next] {
            let home = self.home(page.number);
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(hole) & mask {
                self.slots.swap(hole, next);
                hole = next;
            }
            next = (next + 1) & mask;
        }
    }

    /// The directory has a few bytes for each thousand references: it grows at once.
    fn grow(&mut self) {
        let capacity = (self.slots.len() * 2).max(16);
        let old = std::mem::take(&mut self.slots);
        self.slots.resize_with(capacity, || None);
        for page in old.into_iter().flatten() {
            let at = self.search(page.number);
            self.slots[at] = Some(page);
        }
    }
}
