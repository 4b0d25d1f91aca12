//! The messages about trades and auctions. They change no book.

use zerocopy::byteorder::big_endian::{U32, U64};

use super::body::{Checked, messages};
use super::code::{Code, CrossType, ImbalanceDirection, Interest, SideCode, YesNo};
use super::{Body, Header, Message, Symbol};

messages! {
    /// A trade with an order that never was in the book. The book stays as it is.
    Trade = b'P', 44, checked side => {
        /// A reference, which is 0 in recent years.
        order: U64,
        /// The side of the hidden order, which is always [`Side::Bid`](crate::Side::Bid) in recent years.
        side: SideCode,
        /// What was traded.
        shares: U32,
        /// The stock.
        stock: Symbol,
        /// What was paid, in 0.0001.
        price: U32,
        /// The number of the trade.
        trade: U64,
    }

    /// The outcome of an auction.
    CrossTrade = b'Q', 40 => {
        /// What was traded.
        shares: U64,
        /// The stock.
        stock: Symbol,
        /// What was paid, in 0.0001.
        price: U32,
        /// The number of the trade.
        trade: U64,
        /// The auction.
        cross: Code<CrossType>,
    }

    /// A trade was annulled. The book stays as it is.
    BrokenTrade = b'B', 19 => {
        /// The number of the trade.
        trade: U64,
    }

    /// How far the orders for an auction balance.
    NetOrderImbalance = b'I', 50 => {
        /// Shares that find their match at the reference price.
        paired: U64,
        /// Shares that don't.
        imbalance: U64,
        /// On which side they are.
        direction: Code<ImbalanceDirection>,
        /// The stock.
        stock: Symbol,
        /// Where the orders of the auction alone would meet, in 0.0001.
        far_price: U32,
        /// Where they would meet with those of the book, in 0.0001.
        near_price: U32,
        /// The price that the shares are told for, in 0.0001.
        reference_price: U32,
        /// The auction.
        cross: Code<CrossType>,
        /// How far the near price is from the last one: a digit or letter for a range.
        variation: u8,
    }

    /// Where retail orders find a better price.
    RetailInterest = b'N', 20 => {
        /// The stock.
        stock: Symbol,
        /// On which side.
        interest: Code<Interest>,
    }

    /// Prices of a direct listing that raises capital.
    DirectListing = b'O', 48 => {
        /// The stock.
        stock: Symbol,
        /// Whether it may be released.
        eligible: Code<YesNo>,
        /// 20 % below the lower end of the registration, in 0.0001.
        minimum_price: U32,
        /// 80 % above the upper end, in 0.0001.
        maximum_price: U32,
        /// The price now, in 0.0001.
        near_price: U32,
        /// When that price was found, in nanoseconds.
        near_time: U64,
        /// The lower end of the band, in 0.0001.
        lower_collar: U32,
        /// The upper end, in 0.0001.
        upper_collar: U32,
    }
}
