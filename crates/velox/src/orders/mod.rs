//! Orders by their reference.

mod pages;
mod table;

use core::error::Error;
use core::fmt;

use crate::{Price, Side};
use pages::{PAGE, Pages, number};
use table::Table;

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

/// A page with so few orders left gives them to the table.
const FEW: u32 = PAGE as u32 / 16;
/// After so many orders in a row whose references are close, a page is opened for them.
const RUN: u32 = 8;
/// References are close when so little lies between them: a page then is a sixteenth full at least.
const CLOSE: u64 = 16;

/// Orders by reference.
///
/// Exchanges number orders in sequence, and most live shortly. So young orders are in pages of 1024
/// references, 12 bytes an order, found by a small directory without hashing: orders that come one
/// after the other share cache lines. A page that has few orders left gives them to a hash table
/// and is used again; references that don't come in sequence go to the table at once. Memory is in
/// proportion to the orders alive, whatever the references are.
///
/// All operations take constant time (to an expected value where the table is involved); a change
/// moves at most 64 orders from a page that it closes, and a few when the table grows. The table's hash
/// has no key: somebody who chooses references can make it slow, not wrong.
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
    pages: Pages,
    table: Table,
    /// Orders in pages.
    paged: usize,
    /// The page that was opened last.
    newest: u64,
    /// The greatest reference that the table has ever held.
    table_max: u64,
    /// The last reference that went to the table directly, and how many came close before it.
    last: u64,
    run: u32,
}

impl OrderMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many orders there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.paged + self.table.len()
    }

    /// Whether there is no order.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The order of a reference.
    #[must_use]
    #[inline]
    pub fn get(&self, reference: u64) -> Option<Order> {
        if let Some(page) = self.pages.get(number(reference)) {
            let order = page.at(reference);
            if order.quantity != 0 {
                return Some(*order);
            }
            if !page.mixed {
                return None;
            }
        }
        self.table.get(reference)
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
        let Some(page) = self.pages.get_mut(number(reference)) else {
            return self.insert_elsewhere(reference, &order);
        };
        let place = page.at_mut(reference);
        if place.quantity != 0 || (page.mixed && self.table.get(reference).is_some()) {
            return Err(OrderError::Duplicate);
        }
        *page.at_mut(reference) = order;
        page.live += 1;
        page.seen += 1;
        self.paged += 1;
        Ok(())
    }

    /// Takes `quantity` from an order, which is removed when nothing is left. Gives the order as it was.
    ///
    /// # Errors
    ///
    /// [`OrderError::Unknown`] if no order has the reference, [`OrderError::Excess`] if less is left of it.
    #[inline]
    pub fn reduce(&mut self, reference: u64, quantity: u32) -> Result<Order, OrderError> {
        self.change(reference, |order| {
            let rest = order.quantity.checked_sub(quantity);
            rest.ok_or(OrderError::Excess {
                left: order.quantity,
            })
        })
    }

    /// Removes an order and gives it.
    ///
    /// # Errors
    ///
    /// [`OrderError::Unknown`] if no order has the reference.
    #[inline]
    pub fn remove(&mut self, reference: u64) -> Result<Order, OrderError> {
        self.change(reference, |_| Ok(0))
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
        let paged = self.pages.iter().flat_map(pages::Page::iter);
        paged.chain(self.table.iter())
    }

    /// Gives the order the quantity that `change` says.
    #[inline]
    fn change(
        &mut self,
        reference: u64,
        change: impl FnOnce(&Order) -> Result<u32, OrderError>,
    ) -> Result<Order, OrderError> {
        let page = self.pages.get_mut(number(reference));
        let found = page.filter(|page| page.at(reference).quantity != 0 || !page.mixed);
        let Some(page) = found else {
            let order = self.table.get(reference).ok_or(OrderError::Unknown)?;
            self.table.set_quantity(reference, change(&order)?);
            return Ok(order);
        };
        let place = page.at_mut(reference);
        let order = *place;
        if order.quantity == 0 {
            return Err(OrderError::Unknown);
        }
        place.quantity = change(&order)?;
        if place.quantity == 0 {
            page.live -= 1;
            let few = page.live <= FEW;
            self.paged -= 1;
            if few {
                self.close_old(number(reference));
            }
        }
        Ok(order)
    }

    /// Puts an order into the table, or into a page that is opened for it.
    #[cold]
    fn insert_elsewhere(&mut self, reference: u64, order: &Order) -> Result<(), OrderError> {
        if self.table.get(reference).is_some() {
            return Err(OrderError::Duplicate);
        }
        let page = number(reference);
        if !self.opens(reference) {
            self.table_max = self.table_max.max(reference);
            self.table.put(reference, order);
            return Ok(());
        }
        let mixed = page <= number(self.table_max);
        self.newest = page;
        self.pages.open(page, mixed);
        self.insert(reference, *order)
    }

    /// Whether a page is worth while: it follows one that was used, or references come in sequence.
    fn opens(&mut self, reference: u64) -> bool {
        let follows = number(reference) == self.newest.wrapping_add(1);
        if follows && self.pages.get(self.newest).is_some_and(|it| it.seen > FEW) {
            return true;
        }
        let close = reference.wrapping_sub(self.last) <= CLOSE;
        self.run = if close { self.run + 1 } else { 0 };
        self.last = reference;
        self.run >= RUN
    }

    /// Closes a page with few orders, unless new ones still come to it.
    #[cold]
    fn close_old(&mut self, page: u64) {
        if page == self.newest {
            return;
        }
        let Self { pages, table, .. } = self;
        let before = table.len();
        pages.close(page, |reference, order| {
            self.table_max = self.table_max.max(reference);
            table.put(reference, order);
        });
        self.paged -= table.len() - before;
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
    fn a_map_agrees_with_a_hash_map_over_pages_that_open_and_close() {
        let (mut orders, mut model) = (OrderMap::new(), HashMap::new());
        let mut alive: Vec<u64> = Vec::new();
        let (mut state, mut next) = (3_u64, 1_000_000_u64);
        for round in 0..if cfg!(miri) { 2_500 } else { 300_000 } {
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
