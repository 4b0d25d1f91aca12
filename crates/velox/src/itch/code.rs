//! The fields of one letter or digit.

use core::fmt;
use core::marker::PhantomData;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, TryFromBytes, Unaligned};

use crate::Side;

/// A letter or digit that means one of `T`, or something that the exchange has added since.
///
/// A reader returns whatever a file says here: a file with a new kind of auction is still a good file. Only of the side
/// of an order there is a [`SideCode`], and nothing but a side.
///
/// ```
/// use velox::itch::{Code, CrossType};
///
/// let code: Code<CrossType> = CrossType::Opening.into();
/// assert_eq!((code.byte(), code.known()), (b'O', Some(CrossType::Opening)));
/// assert_eq!(Code::<CrossType>::new(b'9').known(), None);
/// ```
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(transparent)]
pub struct Code<T> {
    byte: u8,
    means: PhantomData<T>,
}

impl<T> Code<T> {
    /// This letter, whatever it means.
    ///
    /// ```
    /// # use velox::itch::{Code, Interest};
    /// assert_eq!(Code::new(b'A').known(), Some(Interest::Both));
    /// ```
    #[must_use]
    pub const fn new(byte: u8) -> Self {
        Self {
            byte,
            means: PhantomData,
        }
    }

    /// The letter.
    ///
    /// ```
    /// # use velox::itch::{Code, Interest};
    /// assert_eq!(Code::<Interest>::new(b'?').byte(), b'?');
    /// ```
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.byte
    }
}

impl<T: TryFromBytes> Code<T> {
    /// What it means, if that is known.
    ///
    /// ```
    /// # use velox::itch::{Code, Interest};
    /// assert_eq!(Code::<Interest>::new(b'?').known(), None);
    /// ```
    #[must_use]
    pub fn known(self) -> Option<T> {
        T::try_read_from_bytes(&[self.byte]).ok()
    }
}

impl<T: IntoBytes + Immutable> From<T> for Code<T> {
    fn from(value: T) -> Self {
        Self::new(value.as_bytes().first().copied().unwrap_or(b' '))
    }
}

impl<T: TryFromBytes + fmt::Debug> fmt::Debug for Code<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match T::try_read_from_bytes(&[self.byte]) {
            Ok(known) => known.fmt(f),
            Err(_) => write!(f, "'{}'", self.byte.escape_ascii()),
        }
    }
}

/// The side of an order as its letter.
///
/// A reader returns no message with another letter than those of the two sides.
///
/// ```
/// use velox::Side;
/// use velox::itch::SideCode;
///
/// assert_eq!(SideCode::from(Side::Ask).get(), Side::Ask);
/// ```
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(transparent)]
pub struct SideCode(u8);

impl SideCode {
    /// The side. Of another letter, which only a cast by the user's own code can bring about, it is the ask.
    ///
    /// ```
    /// # use velox::{Side, itch::SideCode};
    /// assert_eq!(SideCode::from(Side::Bid).get(), Side::Bid);
    /// ```
    #[inline]
    #[must_use]
    pub const fn get(self) -> Side {
        if self.0 == Side::Bid as u8 {
            Side::Bid
        } else {
            Side::Ask
        }
    }
}

impl From<Side> for SideCode {
    fn from(side: Side) -> Self {
        Self(side as u8)
    }
}

impl fmt::Debug for SideCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Code::<Side>::new(self.0).fmt(f)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident = $byte:literal,)+ })+) => { $(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, TryFromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
        )]
        #[repr(u8)]
        pub enum $name { $($(#[$of])* $value = $byte,)+ }
    )+ };
}

codes! {
    /// Where the day is.
    EventCode {
        /// The first message of the day.
        StartOfMessages = b'O',
        /// The system takes orders.
        StartOfSystemHours = b'S',
        /// Orders for market hours can be executed.
        StartOfMarketHours = b'Q',
        /// Orders for market hours can no longer be executed.
        EndOfMarketHours = b'M',
        /// No new orders are taken.
        EndOfSystemHours = b'E',
        /// The last message of the day.
        EndOfMessages = b'C',
    }

    /// Yes or no.
    YesNo {
        /// Yes.
        Yes = b'Y',
        /// No.
        No = b'N',
    }

    /// Yes, no, or nothing said.
    Flag {
        /// Yes.
        Yes = b'Y',
        /// No.
        No = b'N',
        /// Not available.
        Unknown = b' ',
    }

    /// Whether an issue is real.
    Authenticity {
        /// It is traded.
        Production = b'P',
        /// It is there for tests.
        Test = b'T',
    }

    /// Which band of limit up and limit down an issue is in.
    PriceTier {
        /// Tier 1.
        One = b'1',
        /// Tier 2.
        Two = b'2',
        /// Not available.
        Unknown = b' ',
    }

    /// Whether a stock is traded.
    TradingState {
        /// Halted in all markets.
        Halted = b'H',
        /// Paused in all markets.
        Paused = b'P',
        /// Quotes are taken, nothing is traded.
        QuotationOnly = b'Q',
        /// It is traded.
        Trading = b'T',
    }

    /// The restriction of short sales.
    ShortSale {
        /// None.
        Unrestricted = b'0',
        /// In effect since a fall of today.
        Restricted = b'1',
        /// Still in effect.
        Remains = b'2',
    }

    /// How a market maker quotes.
    MarketMakerMode {
        /// Normal.
        Normal = b'N',
        /// Passive.
        Passive = b'P',
        /// Syndicate.
        Syndicate = b'S',
        /// Pre-syndicate.
        PreSyndicate = b'R',
        /// Penalty.
        Penalty = b'L',
    }

    /// The registration of a market participant.
    ParticipantState {
        /// Active.
        Active = b'A',
        /// Excused or withdrawn.
        Excused = b'E',
        /// Withdrawn.
        Withdrawn = b'W',
        /// Suspended.
        Suspended = b'S',
        /// Deleted.
        Deleted = b'D',
    }

    /// A level of the market-wide circuit breaker.
    BreakerLevel {
        /// Level 1.
        One = b'1',
        /// Level 2.
        Two = b'2',
        /// Level 3.
        Three = b'3',
    }

    /// What the release time of a new issue means.
    ReleaseQualifier {
        /// Quotation begins then.
        Anticipated = b'A',
        /// The release is off, or later.
        Canceled = b'C',
    }

    /// A market of the exchange.
    MarketCode {
        /// Nasdaq.
        Nasdaq = b'Q',
        /// BX.
        Bx = b'B',
        /// PSX.
        Psx = b'X',
    }

    /// What an operational halt does.
    HaltAction {
        /// The stock is halted.
        Halted = b'H',
        /// The halt is over.
        Resumed = b'T',
    }

    /// The auction that a cross came of.
    CrossType {
        /// Opening.
        Opening = b'O',
        /// Closing.
        Closing = b'C',
        /// A new issue, or one that was halted or paused.
        Halted = b'H',
        /// Intraday and after the close, in files of other years.
        Intraday = b'I',
        /// The close of extended trading.
        ExtendedClose = b'A',
    }

    /// The side of an imbalance.
    ImbalanceDirection {
        /// Too many buy.
        Buy = b'B',
        /// Too many sell.
        Sell = b'S',
        /// Balanced.
        None = b'N',
        /// Not enough orders to tell.
        Insufficient = b'O',
        /// Paused.
        Paused = b'P',
    }

    /// Where retail orders find a better price.
    Interest {
        /// On the buy side.
        Buy = b'B',
        /// On the sell side.
        Sell = b'S',
        /// On both.
        Both = b'A',
        /// On none.
        None = b'N',
    }
}
