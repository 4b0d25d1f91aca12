//! Orders by their reference.

mod hash;

use core::error::Error;
use core::fmt;

use crate::{Price, Side};
use hash::Product;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;

/// An order that rests in a book: 12 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Order {
    /// Where it rests.
    pub price: Price,
    /// What is left of it; never 0.
    pub quantity: u32,
    /// The number of its instrument.
    pub instrument: u16,
    /// Its side.
    pub side: Side,
}

const _: () = assert!(size_of::<Order>() == 12);

impl Order {
    /// What is left when so much is taken.
    #[inline]
    pub(crate) fn less(&self, quantity: u32) -> Result<u32, OrderError> {
        let rest = self.quantity.checked_sub(quantity);
        rest.ok_or(OrderError::Excess {
            left: self.quantity,
        })
    }
}

/// Why an [`OrderMap`] refused a change. It is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderError {
    /// No order has the reference.
    Unknown,
    /// An order has the reference already.
    Duplicate,
    /// The quantity was 0.
    Empty,
    /// More was to be taken from the order than is left of it.
    Excess {
        /// What is left of it.
        left: u32,
    },
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("no order has the reference"),
            Self::Duplicate => f.write_str("an order has the reference already"),
            Self::Empty => f.write_str("the quantity is 0"),
            Self::Excess { left } => {
                write!(
                    f,
                    "more than the {left} that are left of the order was to be taken"
                )
            }
        }
    }
}

impl Error for OrderError {}

/// Orders by reference.
///
/// The standard library's table, with a hash that suits references: exchanges number orders in sequence. 21 bytes a place,
/// of which seven in eight may be taken; a map does not shrink.
///
/// All operations take constant expected time, but one that makes the map grow moves all orders, some nanoseconds each:
/// [`with_capacity`](Self::with_capacity) avoids it. The hash has no key: somebody who chooses references can make the map
/// slow, not wrong.
///
/// # Examples
///
/// ```
/// use velox::{Order, OrderError, OrderMap, Price, Side};
///
/// let mut orders = OrderMap::new();
/// let order = Order { price: Price::new(99), quantity: 10, instrument: 1, side: Side::Bid };
/// orders.insert(4711, order)?;
/// orders.reduce(4711, 4)?;
/// assert_eq!(orders.get(4711).map(|it| it.quantity), Some(6));
/// assert_eq!(orders.reduce(4711, 7), Err(OrderError::Excess { left: 6 }));
/// assert_eq!(orders.reduce(4712, 1), Err(OrderError::Unknown));
/// orders.reduce(4711, 6)?;
/// assert!(orders.is_empty());
/// # Ok::<(), OrderError>(())
/// ```
#[derive(Debug, Default)]
pub struct OrderMap {
    orders: HashMap<u64, Order, BuildHasherDefault<Product>>,
}

impl OrderMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty map with room for so many orders: it does not grow before there are more.
    ///
    /// ```
    /// assert!(velox::OrderMap::with_capacity(1_000_000).is_empty());
    /// ```
    #[must_use]
    pub fn with_capacity(orders: usize) -> Self {
        Self {
            orders: HashMap::with_capacity_and_hasher(orders, BuildHasherDefault::default()),
        }
    }

    /// How many orders there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Whether there is no order.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The order of a reference.
    #[must_use]
    #[inline]
    pub fn get(&self, reference: u64) -> Option<Order> {
        self.orders.get(&reference).copied()
    }

    /// Puts in an order.
    ///
    /// # Errors
    ///
    /// [`OrderError::Duplicate`] if the reference is taken, [`OrderError::Empty`] for a quantity of 0.
    #[inline]
    pub fn insert(&mut self, reference: u64, order: Order) -> Result<(), OrderError> {
        if order.quantity == 0 {
            return Err(OrderError::Empty);
        }
        match self.orders.entry(reference) {
            Entry::Vacant(place) => {
                place.insert(order);
                Ok(())
            }
            Entry::Occupied(_) => Err(OrderError::Duplicate),
        }
    }

    /// Takes `quantity` from an order, which is removed when nothing is left. Gives the order as it was.
    ///
    /// # Errors
    ///
    /// [`OrderError::Unknown`] if no order has the reference, [`OrderError::Excess`] if less is left of it.
    #[inline]
    pub fn reduce(&mut self, reference: u64, quantity: u32) -> Result<Order, OrderError> {
        self.change(reference, |order| order.less(quantity))
    }

    /// Removes an order and gives it.
    ///
    /// # Errors
    ///
    /// [`OrderError::Unknown`] if no order has the reference.
    #[inline]
    pub fn remove(&mut self, reference: u64) -> Result<Order, OrderError> {
        self.change(reference, |_| Ok::<_, OrderError>(0))
    }

    /// All orders with their references, in no particular order.
    ///
    /// ```
    /// # use velox::{Order, OrderMap, Price, Side};
    /// # let mut orders = OrderMap::new();
    /// # let order = Order { price: Price::new(99), quantity: 10, instrument: 1, side: Side::Bid };
    /// orders.insert(3, order)?;
    /// assert_eq!(orders.iter().collect::<Vec<_>>(), [(3, order)]);
    /// # Ok::<(), velox::OrderError>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (u64, Order)> + '_ {
        self.orders
            .iter()
            .map(|(reference, order)| (*reference, *order))
    }

    /// Gives the order the quantity that `change` says, and removes it if that is 0. Gives the order as it was.
    ///
    /// One search, whatever is checked of the order: [`Books`](crate::Books) check its instrument.
    #[inline]
    pub(crate) fn change<E: From<OrderError>>(
        &mut self,
        reference: u64,
        change: impl FnOnce(&Order) -> Result<u32, E>,
    ) -> Result<Order, E> {
        let Entry::Occupied(mut place) = self.orders.entry(reference) else {
            return Err(OrderError::Unknown.into());
        };
        let order = *place.get();
        match change(&order)? {
            0 => drop(place.remove()),
            left => place.get_mut().quantity = left,
        }
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, OrderError, OrderMap};
    use crate::{Price, Side};
    use std::collections::HashMap;

    fn order(quantity: u32) -> Order {
        Order {
            price: Price::new(quantity as i32 - 7),
            quantity,
            instrument: quantity as u16,
            side: if quantity.is_multiple_of(2) {
                Side::Bid
            } else {
                Side::Ask
            },
        }
    }

    /// References in sequence with gaps, long and short lives, and some from anywhere.
    #[test]
    fn a_map_agrees_with_a_hash_map_while_it_grows_and_shrinks() {
        let (mut orders, mut model) = (OrderMap::new(), HashMap::new());
        let mut alive: Vec<u64> = Vec::new();
        let (mut state, mut next) = (3_u64, 1_000_000_u64);
        for round in 0..if cfg!(miri) { 1_500 } else { 300_000 } {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let random = state >> 33;
            if alive.is_empty() || random % 100 < 51 {
                next += 1 + random % 3;
                let reference = match random % 1000 {
                    0 => next - 5000,
                    1 => state,
                    2 => u64::MAX - random % 5000,
                    _ => next,
                };
                let new = order(1 + (random % 1000) as u32);
                let expected = match model.contains_key(&reference) {
                    true => Err(OrderError::Duplicate),
                    false => {
                        model.insert(reference, new);
                        alive.push(reference);
                        Ok(())
                    }
                };
                assert_eq!(orders.insert(reference, new), expected);
            } else {
                // Mostly young ones.
                let back = random as usize % alive.len();
                let at = if round % 10 == 0 {
                    back
                } else {
                    alive.len() - 1 - back % 50.min(alive.len())
                };
                let reference = alive[at];
                assert_eq!(orders.get(reference), model.get(&reference).copied());
                let left = model[&reference].quantity;
                assert_eq!(
                    orders.reduce(reference, left + 1),
                    Err(OrderError::Excess { left })
                );
                if random % 3 == 0 && left > 1 {
                    assert_eq!(orders.reduce(reference, 1), Ok(model[&reference]));
                    model.insert(
                        reference,
                        Order {
                            quantity: left - 1,
                            ..model[&reference]
                        },
                    );
                } else {
                    assert_eq!(orders.remove(reference), Ok(model[&reference]));
                    assert_eq!(orders.remove(reference), Err(OrderError::Unknown));
                    model.remove(&reference);
                    alive.swap_remove(at);
                }
            }
            assert_eq!(orders.len(), model.len());
        }
        assert_eq!(orders.iter().collect::<HashMap<_, _>>(), model);
        for reference in alive {
            orders.remove(reference).unwrap();
        }
        assert!(orders.is_empty());
    }

    #[test]
    fn an_order_without_quantity_is_refused_wherever_it_would_go() {
        let mut orders = OrderMap::new();
        for reference in 0..20 {
            assert_eq!(orders.insert(reference, order(0)), Err(OrderError::Empty));
            orders.insert(reference, order(1)).unwrap();
        }
    }
}
