//! The messages about orders, which are those that change a book.

use zerocopy::byteorder::big_endian::{U32, U64};

use super::body::{Checked, messages};
use super::code::{Code, SideCode, YesNo};
use super::{Body, Header, Message, Participant, Symbol};

messages! {
    /// An order rests in the book, without a name.
    ///
    /// ```
    /// use velox::Side;
    /// use velox::itch::{AddOrder, Header, Symbol, Timestamp};
    ///
    /// let header = Header::new(7, Timestamp::from_ns(34_200_000_000_000).unwrap());
    /// let add = AddOrder::new(header, 1, Side::Bid, 100, Symbol::new("AAPL").unwrap(), 1_850_000);
    /// assert_eq!(add.shares.get(), 100);
    /// ```
    AddOrder = b'A', 36, checked side price => {
        /// The reference of the order.
        order: U64,
        /// Its side.
        side: SideCode,
        /// Its shares.
        shares: U32,
        /// The stock.
        stock: Symbol,
        /// Its price, in 0.0001.
        price: U32,
    }

    /// An order rests in the book, with the name of whose it is.
    AddAttributedOrder = b'F', 40, checked side price => {
        /// The reference of the order.
        order: U64,
        /// Its side.
        side: SideCode,
        /// Its shares.
        shares: U32,
        /// The stock.
        stock: Symbol,
        /// Its price, in 0.0001.
        price: U32,
        /// Whose it is.
        attribution: Participant,
    }

    /// Shares of an order were traded, at its price.
    OrderExecuted = b'E', 31 => {
        /// The reference of the order.
        order: U64,
        /// What was traded.
        shares: U32,
        /// The number of the trade.
        trade: U64,
    }

    /// Shares of an order were traded, at another price than its own. They leave the book at the price where they rest.
    OrderExecutedWithPrice = b'C', 36 => {
        /// The reference of the order.
        order: U64,
        /// What was traded.
        shares: U32,
        /// The number of the trade.
        trade: U64,
        /// Whether the trade counts in the volume of the day.
        printable: Code<YesNo>,
        /// What was paid, in 0.0001.
        price: U32,
    }

    /// Shares of an order were withdrawn.
    OrderCancel = b'X', 23 => {
        /// The reference of the order.
        order: U64,
        /// What was withdrawn.
        shares: U32,
    }

    /// An order was withdrawn.
    OrderDelete = b'D', 19 => {
        /// The reference of the order.
        order: U64,
    }

    /// An order was withdrawn for another one of the same side, which goes to the end of its queue.
    OrderReplace = b'U', 35, checked price => {
        /// The reference of the order that leaves.
        order: U64,
        /// The reference of the one that comes.
        new_order: U64,
        /// Its shares.
        shares: U32,
        /// Its price, in 0.0001.
        price: U32,
    }
}
