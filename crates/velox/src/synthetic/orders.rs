//! The orders of one instrument that rest.

use std::collections::BTreeSet;

use super::random::Random;
use crate::Side;

/// An order that rests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) reference: u64,
    pub(super) side: Side,
    /// In steps.
    pub(super) price: i32,
    pub(super) shares: u32,
    /// Orders of a price are executed from the lowest on.
    pub(super) priority: u64,
}

impl Order {
    /// Orders of a side are executed from the lowest on.
    fn key(&self) -> (i32, u64) {
        let price = match self.side {
            Side::Bid => -self.price,
            Side::Ask => self.price,
        };
        (price, self.priority)
    }
}

/// # Invariants
///
/// 1. Each order of `orders` is in the queue of its side with its place, and nothing else is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    orders: Vec<Order>,
    /// Price, priority and place.
    bids: BTreeSet<((i32, u64), usize)>,
    asks: BTreeSet<((i32, u64), usize)>,
}

impl Orders {
    pub(super) fn len(&self) -> usize {
        self.orders.len()
    }

    pub(super) fn get(&self, place: usize) -> &Order {
        &self.orders[place]
    }

    /// Any order, by its place.
    pub(super) fn pick(&self, random: &mut Random) -> usize {
        random.below(self.orders.len() as u64) as usize
    }

    /// The order that is executed next, by its place.
    pub(super) fn best(&self, side: Side) -> Option<usize> {
        let (_, place) = self.queue(side).first()?;
        Some(*place)
    }

    /// The best price of a side.
    pub(super) fn best_price(&self, side: Side) -> Option<i32> {
        self.best(side).map(|place| self.orders[place].price)
    }

    pub(super) fn insert(&mut self, order: Order) {
        let place = self.orders.len();
        self.queue_mut(order.side).insert((order.key(), place));
        self.orders.push(order);
    }

    pub(super) fn remove(&mut self, place: usize) -> Order {
        let last = self.orders.len() - 1;
        let moved = self.orders[last];
        let order = self.orders.swap_remove(place);
        self.queue_mut(order.side).remove(&(order.key(), place));
        if place != last {
            let queue = self.queue_mut(moved.side);
            queue.remove(&(moved.key(), last));
            queue.insert((moved.key(), place));
        }
        order
    }

    /// Takes shares off an order, and the order off the book if none are left.
    pub(super) fn reduce(&mut self, place: usize, shares: u32) {
        let order = &mut self.orders[place];
        order.shares -= shares;
        if order.shares == 0 {
            self.remove(place);
        }
    }

    fn queue(&self, side: Side) -> &BTreeSet<((i32, u64), usize)> {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    fn queue_mut(&mut self, side: Side) -> &mut BTreeSet<((i32, u64), usize)> {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }
}
