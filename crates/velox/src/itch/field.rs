//! What the fields of a message are made of.

use core::fmt;

use zerocopy::byteorder::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// A day in nanoseconds. No time of a message reaches it.
pub const DAY_NS: u64 = 86_400_000_000_000;

/// A time of the day in nanoseconds since midnight, in 48 bits.
///
/// ```
/// use velox::itch::Timestamp;
///
/// let opening = Timestamp::from_ns(34_200_000_000_000).unwrap();
/// assert_eq!(opening.ns(), 34_200_000_000_000);
/// assert_eq!(Timestamp::from_ns(velox::itch::DAY_NS), None);
/// ```
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    FromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
    Unaligned,
)]
#[repr(transparent)]
pub struct Timestamp([u8; 6]);

impl Timestamp {
    /// The last nanosecond of a day.
    pub const LAST: Self = match Self::from_ns(DAY_NS - 1) {
        Some(last) => last,
        None => unreachable!(),
    };

    /// The time so many nanoseconds after midnight, which is less than a day.
    ///
    /// ```
    /// assert!(velox::itch::Timestamp::from_ns(0).is_some());
    /// ```
    #[must_use]
    pub const fn from_ns(ns: u64) -> Option<Self> {
        if ns >= DAY_NS {
            return None;
        }
        let [_, _, a, b, c, d, e, f] = ns.to_be_bytes();
        Some(Self([a, b, c, d, e, f]))
    }

    /// The nanoseconds since midnight.
    ///
    /// ```
    /// assert_eq!(velox::itch::Timestamp::default().ns(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub const fn ns(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({} ns)", self.ns())
    }
}

/// Letters and digits, filled up with spaces on the right.
///
/// ```
/// use velox::itch::Symbol;
///
/// let stock = Symbol::new("AAPL").unwrap();
/// assert_eq!(stock.to_string(), "AAPL");
/// assert_eq!(Symbol::new("TOO LONG FOR IT"), None);
/// ```
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    FromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
    Unaligned,
)]
#[repr(transparent)]
pub struct Text<const N: usize>([u8; N]);

/// The symbol of a stock.
pub type Symbol = Text<8>;

/// The identifier of a market participant.
pub type Participant = Text<4>;

impl<const N: usize> Text<N> {
    /// The text, if it fits and is of printable ASCII.
    ///
    /// ```
    /// use velox::itch::Participant;
    ///
    /// assert!(Participant::new("NSDQ").is_some());
    /// assert!(Participant::new("\n").is_none());
    /// ```
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = text.len() <= N && text.bytes().all(|it| (b' '..=b'~').contains(&it));
        let mut bytes = [b' '; N];
        fits.then(|| {
            bytes[..text.len()].copy_from_slice(text.as_bytes());
            Self(bytes)
        })
    }

    /// The bytes without the spaces on the right.
    ///
    /// ```
    /// assert_eq!(velox::itch::Symbol::new("A").unwrap().trimmed(), b"A");
    /// ```
    #[must_use]
    pub fn trimmed(&self) -> &[u8] {
        self.0.trim_ascii_end()
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self([b' '; N])
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trimmed().escape_ascii().fmt(f)
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// What every message has behind its type.
///
/// ```
/// use velox::itch::{Header, Timestamp};
///
/// let header = Header::new(7, Timestamp::default());
/// assert_eq!(header.locate.get(), 7);
/// ```
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Default,
    FromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
    Unaligned,
)]
#[repr(C)]
pub struct Header {
    /// The number that the stock has today; 0 where the message is about no stock.
    pub locate: U16,
    /// A number that the exchange uses by itself.
    pub tracking: U16,
    /// When the message came about.
    pub time: Timestamp,
}

impl Header {
    /// The header of a message about the stock with this number, with the tracking number 0.
    ///
    /// ```
    /// # use velox::itch::{Header, Timestamp};
    /// assert_eq!(Header::new(0, Timestamp::default()), Header::default());
    /// ```
    #[must_use]
    pub const fn new(locate: u16, time: Timestamp) -> Self {
        Self {
            locate: U16::new(locate),
            tracking: U16::ZERO,
            time,
        }
    }
}
