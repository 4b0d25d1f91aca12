//! The messages as one type.

use zerocopy::{IntoBytes, TryFromBytes};

use super::error::Fault;
use super::{
    AddAttributedOrder, AddOrder, AuctionCollar, Body, BreakerLevels, BreakerStatus, BrokenTrade,
    CrossTrade, DAY_NS, DirectListing, Header, NetOrderImbalance, OperationalHalt, OrderCancel,
    OrderDelete, OrderExecuted, OrderExecutedWithPrice, OrderReplace, ParticipantPosition,
    QuotingPeriod, RetailInterest, ShortSaleRestriction, StockDirectory, SystemEvent, Trade,
    TradingAction,
};

/// Bytes of the longest message.
pub const MAX_LENGTH: usize = 50;

/// The highest price of an order, in 0.0001: that of a [`Price`](crate::Price). The exchange takes none above 200,000.
pub const MAX_PRICE: u32 = i32::MAX as u32;

macro_rules! all {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// A message where it lies in its bytes.
        ///
        /// ```
        /// use velox::itch::{Message, OrderDelete, Header, Timestamp};
        ///
        /// let bytes = [b'D', 0, 7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9];
        /// let message = Message::parse(&bytes)?;
        /// let header = Header::new(7, Timestamp::from_ns(1).unwrap());
        /// assert_eq!(message, Message::OrderDelete(&OrderDelete::new(header, 9)));
        /// assert_eq!(message.as_bytes(), bytes);
        /// # Ok::<(), velox::itch::Fault>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Message<'a> {
            $($(#[$doc])* $name(&'a $name),)+
        }

        /// The length of the message that begins with each byte; 0 where none does.
        pub(super) const LENGTHS: [u8; 256] = {
            let mut lengths = [0; 256];
            $(lengths[$name::TAG as usize] = size_of::<$name>() as u8;)+
            lengths
        };

        const _: () = {
            $(assert!(size_of::<$name>() <= MAX_LENGTH);)+
        };

        impl<'a> Message<'a> {
            /// The letter of each type.
            pub const TAGS: [u8; 23] = [$($name::TAG),+];

            /// The message with this letter, if the fields are valid. The time is not looked at.
            #[inline(always)]
            pub(super) fn view(tag: u8, bytes: &'a [u8]) -> Option<Self> {
                match tag {
                    $($name::TAG => match $name::try_ref_from_bytes(bytes) {
                        Ok(message) if message.is_in_range() => Some(Self::$name(message)),
                        _ => None,
                    })+
                    _ => None,
                }
            }

            #[cold]
            fn invalid_field(bytes: &[u8]) -> Option<&'static str> {
                match *bytes.first()? {
                    $($name::TAG => $name::invalid_field(bytes),)+
                    _ => None,
                }
            }

            /// Its bytes, which begin with its letter.
            #[must_use]
            pub fn as_bytes(&self) -> &'a [u8] {
                match self {
                    $(Self::$name(message) => IntoBytes::as_bytes(*message),)+
                }
            }

            /// Locate code, tracking number and time.
            #[must_use]
            pub fn header(&self) -> &'a Header {
                match self {
                    $(Self::$name(message) => &message.header,)+
                }
            }
        }
    };
}

all! {
    /// `S`
    SystemEvent,
    /// `R`
    StockDirectory,
    /// `H`
    TradingAction,
    /// `Y`
    ShortSaleRestriction,
    /// `L`
    ParticipantPosition,
    /// `V`
    BreakerLevels,
    /// `W`
    BreakerStatus,
    /// `K`
    QuotingPeriod,
    /// `J`
    AuctionCollar,
    /// `h`
    OperationalHalt,
    /// `A`
    AddOrder,
    /// `F`
    AddAttributedOrder,
    /// `E`
    OrderExecuted,
    /// `C`
    OrderExecutedWithPrice,
    /// `X`
    OrderCancel,
    /// `D`
    OrderDelete,
    /// `U`
    OrderReplace,
    /// `P`
    Trade,
    /// `Q`
    CrossTrade,
    /// `B`
    BrokenTrade,
    /// `I`
    NetOrderImbalance,
    /// `N`
    RetailInterest,
    /// `O`
    DirectListing,
}

/// Where the time stands in every message.
pub(super) const TIME: core::ops::Range<usize> = 5..11;

impl<'a> Message<'a> {
    /// The message that these bytes are, from its letter to its last field.
    ///
    /// # Errors
    ///
    /// If no message begins with the first byte, or it has another length, if its time is no time of a day, or a field
    /// has a value that it can't have. An order's price above [`MAX_PRICE`] is one.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let tag = *bytes.first().ok_or(Fault::ZeroLength)?;
        if usize::from(LENGTHS[usize::from(tag)]) != bytes.len() {
            return Err(Fault::of_length(tag, bytes.len()));
        }
        Self::parse_framed(tag, bytes)
    }

    /// Like [`parse`](Self::parse), of bytes that begin with `tag` and have its length.
    pub(super) fn parse_framed(tag: u8, bytes: &'a [u8]) -> Result<Self, Fault> {
        match Self::view(tag, bytes) {
            Some(message) if message.header().time.ns() < DAY_NS => Ok(message),
            _ => Err(Self::fault(tag, bytes)),
        }
    }

    /// What is wrong with bytes of the right length.
    #[cold]
    pub(super) fn fault(tag: u8, bytes: &[u8]) -> Fault {
        let ns = time_of(bytes);
        if ns >= DAY_NS {
            return Fault::Time { tag, ns };
        }
        let field = Self::invalid_field(bytes).unwrap_or("price");
        Fault::Field { tag, field }
    }
}

/// The time of a message that has at least a header.
pub(super) fn time_of(bytes: &[u8]) -> u64 {
    let time = bytes.get(TIME).unwrap_or_default();
    time.iter().fold(0, |ns, byte| ns << 8 | u64::from(*byte))
}
