//! The orders of one instrument that rest.

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
}

impl Order {
    /// The better the price, the higher.
    const fn key(&self) -> i32 {
        key(self.side, self.price)
    }
}

/// Its own inverse.
const fn key(side: Side, price: i32) -> i32 {
    match side {
        Side::Bid => price,
        Side::Ask => -price,
    }
}

/// No order's place.
const NONE: u32 = u32::MAX;

/// An order, and the places of those of its level that came just before and after it.
#[derive(Clone, Copy, Debug)]
struct Node {
    order: Order,
    before: u32,
    after: u32,
}

/// The orders at one price, by the places of the oldest and the youngest.
#[derive(Clone, Copy, Debug)]
struct Level {
    key: i32,
    first: u32,
    last: u32,
}

/// Orders in any order, by *place*, and in a queue for each price.
///
/// A side has some hundred prices at most, the best ones are at the end of a sorted vector, and what comes and goes is
/// near there: this takes a third of the time of ordered sets of orders.
///
/// # Invariants
///
/// 1. Each order of `nodes` is linked into the queue of its level, by its place, and nothing else is there.
/// 2. The levels of a side are sorted by key, and none is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    nodes: Vec<Node>,
    bids: Vec<Level>,
    asks: Vec<Level>,
}

impl Orders {
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn get(&self, place: usize) -> &Order {
        &self.nodes[place].order
    }

    /// Any order, by its place.
    pub(super) fn pick(&self, random: &mut Random) -> usize {
        random.below(self.nodes.len() as u64) as usize
    }

    /// The order that is executed next, by its place: the oldest at the best price.
    pub(super) fn best(&self, side: Side) -> Option<usize> {
        self.levels(side).last().map(|level| level.first as usize)
    }

    /// The best price of a side.
    pub(super) fn best_price(&self, side: Side) -> Option<i32> {
        self.levels(side).last().map(|level| key(side, level.key))
    }

    pub(super) fn insert(&mut self, order: Order) {
        let place = self.nodes.len() as u32;
        let key = order.key();
        let levels = self.levels_mut(order.side);
        let at = levels.partition_point(|level| level.key < key);
        let mut before = NONE;
        match levels.get_mut(at) {
            Some(level) if level.key == key => {
                before = std::mem::replace(&mut level.last, place);
            }
            _ => levels.insert(
                at,
                Level {
                    key,
                    first: place,
                    last: place,
                },
            ),
        }
        if let Some(node) = self.nodes.get_mut(before as usize) {
            node.after = place;
        }
        self.nodes.push(Node {
            order,
            before,
            after: NONE,
        });
    }

    pub(super) fn remove(&mut self, place: usize) -> Order {
        let Node {
            order,
            before,
            after,
        } = self.nodes[place];
        if before == NONE && after == NONE {
            let levels = self.levels_mut(order.side);
            let at = levels.partition_point(|level| level.key < order.key());
            levels.remove(at);
        } else {
            self.link(&order, before, after);
        }
        self.nodes.swap_remove(place);
        // The last one has moved to this place.
        if let Some(moved) = self.nodes.get(place).copied() {
            let place = place as u32;
            self.link(&moved.order, moved.before, place);
            self.link(&moved.order, place, moved.after);
        }
        order
    }

    /// Takes shares off an order, and the order off the book if none are left.
    pub(super) fn reduce(&mut self, place: usize, shares: u32) {
        let order = &mut self.nodes[place].order;
        order.shares -= shares;
        if order.shares == 0 {
            self.remove(place);
        }
    }

    /// Lets one follow the other in the queue where `order` is. `NONE` before is the queue's start, after it its end.
    fn link(&mut self, order: &Order, before: u32, after: u32) {
        match self.nodes.get_mut(before as usize) {
            Some(node) => node.after = after,
            None => self.level_mut(order).first = after,
        }
        match self.nodes.get_mut(after as usize) {
            Some(node) => node.before = before,
            None => self.level_mut(order).last = before,
        }
    }

    /// The level of an order that rests.
    fn level_mut(&mut self, order: &Order) -> &mut Level {
        let levels = self.levels_mut(order.side);
        let at = levels.partition_point(|level| level.key < order.key());
        &mut levels[at]
    }

    const fn levels(&self, side: Side) -> &Vec<Level> {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    const fn levels_mut(&mut self, side: Side) -> &mut Vec<Level> {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Orders};
    use crate::Side;
    use crate::synthetic::random::Random;

    /// The order that is executed next, with the simplest means: `all` has them as they came.
    fn next(all: &[Order], side: Side) -> Option<u64> {
        let of_side = all.iter().filter(|it| it.side == side);
        // The first of the least.
        of_side.min_by_key(|it| -it.key()).map(|it| it.reference)
    }

    #[test]
    fn the_oldest_order_at_the_best_price_is_next_whatever_comes_and_goes() {
        let mut random = Random::new(11, 0);
        let (mut orders, mut all) = (Orders::default(), Vec::new());
        for reference in 0..if cfg!(miri) { 300 } else { 20_000 } {
            if random.chance(11, 20) || all.len() < 2 {
                let order = Order {
                    reference,
                    side: if random.chance(1, 2) {
                        Side::Bid
                    } else {
                        Side::Ask
                    },
                    price: 100 + random.below(7) as i32,
                    shares: 1 + random.below(3) as u32,
                };
                orders.insert(order);
                all.push(order);
            } else if random.chance(1, 8) {
                // As when many are cancelled: levels become empty.
                for _ in 0..all.len() / 2 {
                    let gone = orders.remove(orders.pick(&mut random)).reference;
                    all.retain(|it: &Order| it.reference != gone);
                }
            } else {
                let place = orders.pick(&mut random);
                let reference = orders.get(place).reference;
                orders.reduce(place, 1);
                let at = all.iter().position(|it| it.reference == reference).unwrap();
                all[at].shares -= 1;
                all.retain(|it| it.shares > 0);
            }
            assert_eq!(orders.len(), all.len());
            for side in [Side::Bid, Side::Ask] {
                let best = orders.best(side).map(|place| *orders.get(place));
                assert_eq!(best.map(|it| it.reference), next(&all, side));
                assert_eq!(best.map(|it| it.price), orders.best_price(side));
            }
        }
    }
}
