//! What a message does to a book.

use core::iter::FusedIterator;

use super::{Header, Message};
use crate::{Kind, Price, Side, Transaction};

/// The transactions that a message is: none, one or two.
///
/// ```
/// use velox::Kind;
/// use velox::itch::{Header, Message, OrderReplace};
///
/// let replace = OrderReplace::new(Header::default(), 1, 2, 100, 1_850_000);
/// let transactions = Message::OrderReplace(&replace).transactions(40);
/// let [replaced, renamed] = transactions.as_slice() else { unreachable!() };
/// assert_eq!((replaced.kind, replaced.order, replaced.sequence), (Kind::Replace, 1, 40));
/// assert_eq!((renamed.kind, renamed.order, renamed.sequence), (Kind::Rename, 2, 41));
/// assert_eq!(renamed.renamed_from(), Some(1));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Transactions {
    items: [Transaction; 2],
    next: u8,
    end: u8,
}

impl Transactions {
    pub(crate) const NONE: Self = Self::of([Transaction::EMPTY; 2], 0);

    const fn of(items: [Transaction; 2], end: u8) -> Self {
        Self {
            items,
            next: 0,
            end,
        }
    }

    /// This one.
    #[inline]
    pub(crate) const fn only(item: Transaction) -> Self {
        Self::of([item, Transaction::EMPTY], 1)
    }

    /// A replacement: this one, and then the order is known as `new`.
    #[inline]
    pub(crate) const fn replacement(replace: Transaction, new: u64) -> Self {
        let next = Transaction {
            sequence: replace.sequence.wrapping_add(1),
            ..replace
        };
        Self::of([replace, next.rename(replace.order, new)], 2)
    }

    /// Those that are left.
    ///
    /// ```
    /// # use velox::itch::{Header, Message, BrokenTrade};
    /// let broken = BrokenTrade::new(Header::default(), 1);
    /// assert_eq!(Message::BrokenTrade(&broken).transactions(0).as_slice(), &[]);
    /// ```
    #[must_use]
    pub fn as_slice(&self) -> &[Transaction] {
        &self.items[usize::from(self.next)..usize::from(self.end)]
    }
}

impl Iterator for Transactions {
    type Item = Transaction;

    #[inline]
    fn next(&mut self) -> Option<Transaction> {
        let next = *self.as_slice().first()?;
        self.next += 1;
        Some(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.as_slice().len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for Transactions {}

impl FusedIterator for Transactions {}

impl Message<'_> {
    /// What it does to a book, numbered from `sequence` on.
    ///
    /// | letter | transactions |
    /// |---|---|
    /// | `A`, `F` | [`Add`](Kind::Add) |
    /// | `E`, `C` | [`Execute`](Kind::Execute), which takes the shares from where the order rests, whatever was paid |
    /// | `X` | [`Cancel`](Kind::Cancel) |
    /// | `D` | [`Delete`](Kind::Delete) |
    /// | `U` | [`Replace`](Kind::Replace) by the old reference, then [`Rename`](Kind::Rename) to the new one |
    /// | others | none: `P` is a trade with an order that never was in the book |
    ///
    /// Where one of the two of a `U` can't be applied, because the new reference is taken or there are no shares, the other
    /// one can: an order then has its new price under the old reference, or its old price under the new one.
    ///
    /// A price that a [`Price`] can't hold becomes [`Price::MAX`]; a reader returns no such message.
    #[must_use]
    pub fn transactions(&self, sequence: u32) -> Transactions {
        let one = |header: &Header, kind, order, quantity| Transaction {
            time_ns: header.time.ns(),
            order,
            quantity,
            sequence,
            instrument: header.locate.get(),
            kind,
            ..Transaction::EMPTY
        };
        match self {
            Self::AddOrder(it) => Transactions::only(Transaction {
                price: recorded(it.price.get()),
                side: it.side.get(),
                ..one(&it.header, Kind::Add, it.order.get(), it.shares.get())
            }),
            Self::AddAttributedOrder(it) => Transactions::only(Transaction {
                price: recorded(it.price.get()),
                side: it.side.get(),
                ..one(&it.header, Kind::Add, it.order.get(), it.shares.get())
            }),
            Self::OrderExecuted(it) => Transactions::only(one(
                &it.header,
                Kind::Execute,
                it.order.get(),
                it.shares.get(),
            )),
            Self::OrderExecutedWithPrice(it) => Transactions::only(one(
                &it.header,
                Kind::Execute,
                it.order.get(),
                it.shares.get(),
            )),
            Self::OrderCancel(it) => Transactions::only(one(
                &it.header,
                Kind::Cancel,
                it.order.get(),
                it.shares.get(),
            )),
            Self::OrderDelete(it) => {
                Transactions::only(one(&it.header, Kind::Delete, it.order.get(), 0))
            }
            Self::OrderReplace(it) => {
                let replace = Transaction {
                    price: recorded(it.price.get()),
                    ..one(&it.header, Kind::Replace, it.order.get(), it.shares.get())
                };
                Transactions::replacement(replace, it.new_order.get())
            }
            _ => Transactions::NONE,
        }
    }
}

/// A price as ITCH has it.
pub(crate) fn recorded(ticks: u32) -> Price {
    i32::try_from(ticks).map_or(Price::MAX, Price::new)
}

impl Transaction {
    /// What fields hold that a kind doesn't have.
    pub(crate) const EMPTY: Self = Self {
        time_ns: 0,
        order: 0,
        price: Price::new(0),
        quantity: 0,
        sequence: 0,
        instrument: 0,
        kind: Kind::Delete,
        side: Side::Bid,
    };
}
