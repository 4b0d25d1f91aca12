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
use crate::Side;

/// Bytes of the longest message.
pub const MAX_LENGTH: usize = 50;

/// The highest price of an order, in 0.0001: that of a [`Price`](crate::Price). The exchange takes none above 200,000.
pub const MAX_PRICE: u32 = i32::MAX as u32;

/// Places that a field can have, so that a place modulo this one needs no check.
pub(super) const PLACES: usize = 64;

/// Bytes that are looked at of a message whatever its length: with them there is a field of four at each place.
pub(super) const WINDOW: usize = PLACES + 4;

const _: () = assert!(MAX_LENGTH <= PLACES);

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

        /// What is known of the message that begins with each byte.
        pub(super) static SHAPES: [Shape; 256] = {
            let mut shapes = [Shape::NONE; 256];
            $(shapes[$name::TAG as usize] = Shape::of::<$name>();)+
            shapes
        };

        const _: () = {
            $(assert!(size_of::<$name>() <= MAX_LENGTH);)+
        };

        impl<'a> Message<'a> {
            /// The letter of each type.
            pub const TAGS: [u8; 23] = [$($name::TAG),+];

            /// The message with this letter.
            fn view(tag: u8, bytes: &'a [u8]) -> Option<Self> {
                match tag {
                    $($name::TAG => $name::try_ref_from_bytes(bytes).ok().map(Self::$name),)+
                    _ => None,
                }
            }

            /// The message with this letter, of which the bytes are the first.
            ///
            /// The lengths are known to the compiler, so that nothing is left to check, and a table of types is left of
            /// the distinction.
            #[inline(always)]
            pub(super) fn view_first(tag: u8, bytes: &'a [u8; WINDOW]) -> Option<Self> {
                match tag {
                    $($name::TAG => {
                        let message = $name::try_ref_from_bytes(&bytes[..size_of::<$name>()]);
                        message.ok().map(Self::$name)
                    })+
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

/// What is known of the messages with one letter.
///
/// What can be wrong in a message is looked up here rather than distinguished by its type: the next type is what a
/// processor predicts worst.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Bytes of the message; 0 where there is none with this letter.
    pub(super) length: u8,
    /// Where the side stands; at the letter of the message where there is none.
    side: u8,
    /// What of [`CLASSES`] the byte there must be.
    side_class: u8,
    /// Where a price stands that can't be negative; at the letter, which is ASCII, where there is none.
    price: u8,
}

/// What a byte can be, by bits.
const ANY: u8 = 1;
const SIDE: u8 = 2;
static CLASSES: [u8; 256] = {
    let mut classes = [ANY; 256];
    classes[Side::Bid as usize] |= SIDE;
    classes[Side::Ask as usize] |= SIDE;
    classes
};

impl Shape {
    const NONE: Self = Self {
        length: 0,
        side: 0,
        side_class: ANY,
        price: 0,
    };

    const fn of<M: Body>() -> Self {
        let has_side = M::CHECKED.side != 0;
        Self {
            length: size_of::<M>() as u8,
            side: M::CHECKED.side,
            side_class: if has_side { SIDE } else { ANY },
            price: M::CHECKED.price,
        }
    }

    /// Whether the side is one. Looked up, since nobody can predict which of the two it is.
    #[inline(always)]
    fn has_valid_side(self, bytes: &[u8]) -> bool {
        let byte = bytes.get(usize::from(self.side));
        byte.is_some_and(|byte| CLASSES[usize::from(*byte)] & self.side_class != 0)
    }

    /// Whether the price is at most [`MAX_PRICE`].
    #[inline(always)]
    fn has_valid_price(self, bytes: &[u8]) -> bool {
        bytes.get(usize::from(self.price)).is_some_and(u8::is_ascii)
    }

    /// Whether all fields are valid but for the time.
    #[inline(always)]
    pub(super) fn is_valid(self, bytes: &[u8; WINDOW]) -> bool {
        let at = |place: u8| bytes[usize::from(place) % PLACES];
        let side = CLASSES[usize::from(at(self.side))] & self.side_class;
        (side != 0) & at(self.price).is_ascii()
    }
}

/// Bytes of the message that begins with this one; 0 if none does.
pub(super) fn length_of(tag: u8) -> usize {
    SHAPES[usize::from(tag)].length.into()
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
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let tag = *bytes.first().ok_or(Fault::ZeroLength)?;
        if length_of(tag) != bytes.len() {
            return Err(Fault::of_length(tag, bytes.len()));
        }
        let shape = SHAPES[usize::from(tag)];
        let ns = time_of(bytes);
        if ns >= DAY_NS {
            return Err(Fault::Time { tag, ns });
        }
        if !shape.has_valid_side(bytes) {
            let field = "side";
            return Err(Fault::Field { tag, field });
        }
        if !shape.has_valid_price(bytes) {
            let field = "price";
            return Err(Fault::Field { tag, field });
        }
        Self::view(tag, bytes).ok_or(Fault::of_length(tag, bytes.len()))
    }
}

/// The time of a message that has at least a header.
pub(super) fn time_of(bytes: &[u8]) -> u64 {
    let time = bytes.get(TIME).unwrap_or_default();
    time.iter().fold(0, |ns, byte| ns << 8 | u64::from(*byte))
}
