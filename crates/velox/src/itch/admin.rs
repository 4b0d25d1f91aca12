//! The messages about the day, the stocks and who trades them. They change no book.

use zerocopy::byteorder::big_endian::{U32, U64};

use super::body::{Checked, messages};
use super::code::{
    Authenticity, BreakerLevel, Code, EventCode, Flag, HaltAction, MarketCode, MarketMakerMode,
    ParticipantState, PriceTier, ReleaseQualifier, ShortSale, TradingState, YesNo,
};
use super::{Body, Header, Message, Participant, Symbol, Text};

messages! {
    /// Where the day is.
    SystemEvent = b'S', 12 => {
        /// What begins or ends.
        event: Code<EventCode>,
    }

    /// A stock, at the beginning of the day.
    StockDirectory = b'R', 39 => {
        /// The stock.
        stock: Symbol,
        /// The market that lists it.
        category: u8,
        /// How far it meets the terms of its listing.
        financial_status: u8,
        /// Shares in a round lot.
        round_lot: U32,
        /// Whether only round lots are taken.
        round_lots_only: Code<YesNo>,
        /// The class of security.
        classification: u8,
        /// The kind within the class.
        subtype: Text<2>,
        /// Whether it is real.
        authenticity: Code<Authenticity>,
        /// Whether short sales must be closed out.
        short_sale_threshold: Code<Flag>,
        /// Whether it is a new issue.
        new_issue: Code<Flag>,
        /// Its band of limit up and limit down.
        price_tier: Code<PriceTier>,
        /// Whether it is an exchange-traded product.
        traded_product: Code<Flag>,
        /// How many times it follows its index.
        leverage: U32,
        /// Whether it follows it inversely.
        inverse: Code<YesNo>,
    }

    /// Whether a stock is traded.
    TradingAction = b'H', 25 => {
        /// The stock.
        stock: Symbol,
        /// Its state.
        state: Code<TradingState>,
        /// Not in use.
        reserved: u8,
        /// Why.
        reason: Text<4>,
    }

    /// The restriction of short sales of a stock.
    ShortSaleRestriction = b'Y', 20 => {
        /// The stock.
        stock: Symbol,
        /// What holds.
        action: Code<ShortSale>,
    }

    /// A market maker in a stock.
    ParticipantPosition = b'L', 26 => {
        /// Who.
        participant: Participant,
        /// The stock.
        stock: Symbol,
        /// Whether it is a primary one.
        primary: Code<YesNo>,
        /// How it quotes.
        mode: Code<MarketMakerMode>,
        /// Its registration.
        state: Code<ParticipantState>,
    }

    /// The levels of the market-wide circuit breaker.
    BreakerLevels = b'V', 35 => {
        /// Level 1, in 0.00000001.
        level_1: U64,
        /// Level 2, in 0.00000001.
        level_2: U64,
        /// Level 3, in 0.00000001.
        level_3: U64,
    }

    /// A level of the market-wide circuit breaker was breached.
    BreakerStatus = b'W', 12 => {
        /// Which.
        level: Code<BreakerLevel>,
    }

    /// When the quotation of a new issue begins.
    QuotingPeriod = b'K', 28 => {
        /// The stock.
        stock: Symbol,
        /// In seconds since midnight.
        release_time: U32,
        /// What that time means.
        qualifier: Code<ReleaseQualifier>,
        /// The price of the issue, in 0.0001.
        price: U32,
    }

    /// The band within which a paused stock may reopen.
    AuctionCollar = b'J', 35 => {
        /// The stock.
        stock: Symbol,
        /// The price that the band is about, in 0.0001.
        reference_price: U32,
        /// The upper end, in 0.0001.
        upper_price: U32,
        /// The lower end, in 0.0001.
        lower_price: U32,
        /// How often the auction was extended.
        extension: U32,
    }

    /// One market of the exchange halts a stock.
    OperationalHalt = b'h', 21 => {
        /// The stock.
        stock: Symbol,
        /// The market.
        market: Code<MarketCode>,
        /// What it does.
        action: Code<HaltAction>,
    }
}
