//! Prices as keys: on either side of a book the better price has the larger key.

use crate::{Price, Side};

/// The index of a side in arrays of two.
#[inline]
pub(crate) const fn index(side: Side) -> usize {
    match side {
        Side::Bid => 0,
        Side::Ask => 1,
    }
}

/// The key of a price: its ticks for a bid, their complement for an ask. It is its own inverse.
#[inline]
pub(crate) const fn key(side: Side, ticks: i32) -> i32 {
    match side {
        Side::Bid => ticks,
        Side::Ask => !ticks,
    }
}

/// The price of a key.
#[inline]
pub(crate) const fn price(side: Side, key: i32) -> Price {
    Price::new(self::key(side, key))
}

/// What lies at one price on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// The sum of the quantities that rest there; never 0.
    pub quantity: u64,
}

/// The best prices of both sides, at one moment.
///
/// # Examples
///
/// ```
/// use velox::{BookWriter, Price, Side};
///
/// let mut book = BookWriter::new();
/// book.add(Side::Bid, Price::new(99), 5)?;
/// assert_eq!(book.top().spread(), None);
/// book.add(Side::Ask, Price::new(102), 5)?;
/// assert_eq!(book.top().spread(), Some(3));
/// assert_eq!(book.top().mid(), Some(100.5));
/// # Ok::<(), velox::BookError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Top {
    /// The highest bid, if there is one.
    pub bid: Option<Price>,
    /// The lowest ask, if there is one.
    pub ask: Option<Price>,
}

impl Top {
    /// Ask less bid in ticks, if both sides have a price; 0 for a locked book, negative for a crossed one.
    #[must_use]
    pub fn spread(&self) -> Option<i64> {
        let (bid, ask) = self.bid.zip(self.ask)?;
        Some(i64::from(ask.ticks()) - i64::from(bid.ticks()))
    }

    /// The middle between bid and ask in ticks, if both sides have a price. It is exact.
    #[must_use]
    pub fn mid(&self) -> Option<f64> {
        let (bid, ask) = self.bid.zip(self.ask)?;
        Some(f64::midpoint(
            f64::from(bid.ticks()),
            f64::from(ask.ticks()),
        ))
    }

    /// The best price of one side.
    #[must_use]
    pub const fn of(&self, side: Side) -> Option<Price> {
        match side {
            Side::Bid => self.bid,
            Side::Ask => self.ask,
        }
    }
}
