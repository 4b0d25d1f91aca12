//! What flows through the pipeline.

use core::fmt;

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes, Unaligned};

/// A price in ticks. What a tick is worth is the market's own affair: in ITCH 5.0 it is 0.0001 of the currency.
///
/// ```
/// use velox::Price;
///
/// assert!(Price::new(100) < Price::new(101));
/// assert_eq!(Price::new(-3).ticks(), -3);
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
    TryFromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
)]
#[repr(transparent)]
pub struct Price(i32);

impl Price {
    /// The lowest price.
    pub const MIN: Self = Self(i32::MIN);
    /// The highest price.
    pub const MAX: Self = Self(i32::MAX);

    /// A price of so many ticks.
    ///
    /// ```
    /// assert_eq!(velox::Price::new(7).ticks(), 7);
    /// ```
    #[must_use]
    pub const fn new(ticks: i32) -> Self {
        Self(ticks)
    }

    /// The ticks.
    ///
    /// ```
    /// assert_eq!(velox::Price::MAX.ticks(), i32::MAX);
    /// ```
    #[must_use]
    pub const fn ticks(self) -> i32 {
        self.0
    }
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Price({})", self.0)
    }
}

/// The side of the book on which an order rests.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    TryFromBytes,
    IntoBytes,
    Immutable,
    KnownLayout,
    Unaligned,
)]
#[repr(u8)]
pub enum Side {
    /// Who buys.
    Bid = b'B',
    /// Who sells.
    Ask = b'S',
}

/// What a transaction does to its order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Kind {
    /// A new order rests at `price` with `quantity`.
    Add = b'A',
    /// `quantity` of the order is withdrawn.
    Cancel = b'X',
    /// The whole order is withdrawn.
    Delete = b'D',
    /// `quantity` of the order is traded.
    Execute = b'E',
    /// The order has a new price and quantity, and loses its place in the queue. It keeps its reference and its side.
    Replace = b'U',
    /// The order is known by another reference from here on; nothing else changes. [`Transaction::rename`] makes one.
    Rename = b'N',
}

/// One event of an order: 32 bytes, without padding.
///
/// # Fields by kind
///
/// A source fills in what it knows. Who applies a transaction reads what its kind has and nothing else: a recorded
/// execution, for one, tells neither price nor side, they are those of the order that its reference names.
///
/// | kind | `order` | `price` | `quantity` | `side` |
/// |---|---|---|---|---|
/// | [`Add`](Kind::Add) | the new reference | where it rests | all of it | its side |
/// | [`Cancel`](Kind::Cancel) | the reference | not read | what is withdrawn | not read |
/// | [`Delete`](Kind::Delete) | the reference | not read | not read | not read |
/// | [`Execute`](Kind::Execute) | the reference | not read | what is traded | not read |
/// | [`Replace`](Kind::Replace) | the reference | the new price | the new quantity | not read |
/// | [`Rename`](Kind::Rename) | the new reference | [`renamed_from`](Self::renamed_from) | the same | not read |
///
/// A replacement in ITCH names two references, which 32 bytes don't hold beside the rest. It is two transactions, each
/// of which means something without the other: a `Replace` by the old reference, then a `Rename` to the new one.
///
/// # Examples
///
/// ```
/// use velox::{Kind, Price, Side, Transaction};
/// use zerocopy::{IntoBytes, TryFromBytes};
///
/// let add = Transaction {
///     time_ns: 34_200_000_000_000,
///     order: 1,
///     price: Price::new(1_000_000),
///     quantity: 100,
///     sequence: 0,
///     instrument: 7,
///     kind: Kind::Add,
///     side: Side::Bid,
/// };
/// let mut bytes = add.as_bytes().to_vec();
/// assert_eq!(Transaction::try_read_from_bytes(&bytes), Ok(add));
///
/// // Bytes are not believed: there is no side 0.
/// bytes[31] = 0;
/// assert!(Transaction::try_read_from_bytes(&bytes).is_err());
/// ```
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct Transaction {
    /// When it happened, in nanoseconds: since midnight for a recorded day, since the start for a synthetic one.
    pub time_ns: u64,
    /// The reference of the order.
    pub order: u64,
    /// The price, where the kind has one.
    pub price: Price,
    /// The quantity in shares or lots, where the kind has one.
    pub quantity: u32,
    /// Its number in the flow, from 0 on, modulo 2^32.
    pub sequence: u32,
    /// The number of the instrument: in ITCH its locate code.
    pub instrument: u16,
    /// What it does.
    pub kind: Kind,
    /// The side of its order, where the kind has one. [`Side::Bid`] where the source doesn't tell.
    pub side: Side,
}

impl Transaction {
    /// This transaction as the one that gives the order `from` the reference `to`.
    ///
    /// Time, sequence, instrument and side stay as they are.
    ///
    /// ```
    /// # use velox::{Kind, Price, Side, Transaction};
    /// # let add = Transaction {
    /// #     time_ns: 0, order: 1, price: Price::new(7), quantity: 100, sequence: 0, instrument: 7,
    /// #     kind: Kind::Add, side: Side::Ask,
    /// # };
    /// let rename = add.rename(1, u64::MAX);
    /// assert_eq!((rename.kind, rename.order), (Kind::Rename, u64::MAX));
    /// assert_eq!(rename.renamed_from(), Some(1));
    /// assert_eq!(add.renamed_from(), None);
    /// ```
    #[must_use]
    pub const fn rename(self, from: u64, to: u64) -> Self {
        Self {
            order: to,
            price: Price::new((from >> 32) as i32),
            quantity: from as u32,
            kind: Kind::Rename,
            ..self
        }
    }

    /// The reference that the order had, of a [`Kind::Rename`]: its upper half stands in the price, its lower half in
    /// the quantity.
    #[must_use]
    pub const fn renamed_from(&self) -> Option<u64> {
        match self.kind {
            Kind::Rename => Some((self.price.ticks() as u32 as u64) << 32 | self.quantity as u64),
            _ => None,
        }
    }
}

const _: () = assert!(size_of::<Transaction>() == 32 && align_of::<Transaction>() == 8);
