//! NASDAQ TotalView-ITCH 5.0: its 23 messages, readers and a writer.
//!
//! A file is a row of messages, each with its length in two bytes in front. Numbers are big-endian, times are
//! nanoseconds since midnight in 48 bits, prices are in 0.0001.
//!
//! ```
//! use velox::itch::{AddOrder, Header, Message, OrderExecuted, Options, Reader, Symbol, Timestamp, Writer};
//! use velox::{Kind, Side};
//!
//! let header = Header::new(7, Timestamp::from_ns(34_200_000_000_000).unwrap());
//! let mut writer = Writer::new(Vec::new());
//! writer.write(&AddOrder::new(header, 1, Side::Bid, 100, Symbol::new("AAPL").unwrap(), 1_850_000))?;
//! writer.write(&OrderExecuted::new(header, 1, 40, 1))?;
//! let file = writer.finish()?;
//!
//! let mut shares = 0;
//! for message in Reader::new(&file, Options::default()) {
//!     match message? {
//!         Message::AddOrder(add) => shares += add.shares.get(),
//!         Message::OrderExecuted(executed) => shares -= executed.shares.get(),
//!         _ => {}
//!     }
//! }
//! assert_eq!(shares, 60);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantees
//!
//! - A [`Message`] is where its bytes are: nothing is copied or allocated for it.
//! - A reader returns messages whose fields are valid. A side, a state or the like that there isn't, a time beyond the
//!   day, and an order's price that [`Price`](crate::Price) can't hold are malformations. A [`Code`] is none, whatever it
//!   says.
//! - Every malformation is returned as an error with its offset. Every byte is counted in the [`Tally`]: as a message's,
//!   as padding, or as skipped.
//! - No bytes, whatever they are, make a reader panic.
//! - [`Reader`] and [`StreamReader`] agree on every file.
//!
//! Not guaranteed:
//!
//! - That the messages make sense together. Whether a reference is known and has as many shares is for who keeps the
//!   orders: [`Books`](crate::Books) refuse what can't be, and [`TransactionReader::offset`] says where it is.
//! - That times don't go back from one message to the next.
//! - That nothing valid is skipped with what is malformed: [`OnFault::Resync`] says how it finds its way.
//! - That sums, dates and symbols are such as the exchange would send.

#[expect(
    unnameable_types,
    missing_debug_implementations,
    reason = "zerocopy's derives make such types where a macro declares the fields"
)]
mod admin;
mod body;
mod code;
mod convert;
mod error;
mod field;
mod frame;
mod message;
mod options;
#[expect(
    unnameable_types,
    missing_debug_implementations,
    reason = "zerocopy's derives make such types where a macro declares the fields"
)]
mod order;
mod reader;
mod stream;
#[expect(
    unnameable_types,
    missing_debug_implementations,
    reason = "zerocopy's derives make such types where a macro declares the fields"
)]
mod trade;
mod transactions;
mod writer;

pub use admin::{
    AuctionCollar, BreakerLevels, BreakerStatus, OperationalHalt, ParticipantPosition,
    QuotingPeriod, ShortSaleRestriction, StockDirectory, SystemEvent, TradingAction,
};
pub use body::Body;
pub use code::{
    Authenticity, BreakerLevel, Code, CrossType, EventCode, Flag, HaltAction, ImbalanceDirection,
    Interest, MarketCode, MarketMakerMode, ParticipantState, PriceTier, ReleaseQualifier,
    ShortSale, SideCode, TradingState, YesNo,
};
pub use convert::Transactions;
pub(crate) use convert::recorded;
pub use error::{Error, Fault};
pub use field::{DAY_NS, Header, Participant, Symbol, Text, Timestamp};
pub use message::{MAX_LENGTH, MAX_PRICE, Message};
pub use options::{OnFault, Options, Tally, Zeros};
pub use order::{
    AddAttributedOrder, AddOrder, OrderCancel, OrderDelete, OrderExecuted, OrderExecutedWithPrice,
    OrderReplace,
};
pub use reader::Reader;
pub use stream::{StreamError, StreamReader};
pub use trade::{BrokenTrade, CrossTrade, DirectListing, NetOrderImbalance, RetailInterest, Trade};
pub use transactions::TransactionReader;
pub use writer::Writer;
