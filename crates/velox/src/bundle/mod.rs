//! Transactions in groups of up to 16, and what groups them.

mod bundler;

pub use bundler::{Accepted, Bundler, Flushes, Refused, Sink};

use core::fmt;

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::{Kind, Price, Side, Transaction};

/// Why a bundle left.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(u8)]
pub enum Flush {
    /// It was full.
    Full = b'F',
    /// Its first transaction had waited long enough.
    Timeout = b'T',
    /// Somebody asked for it.
    Manual = b'M',
    /// Nothing more will come.
    Shutdown = b'S',
}

impl Flush {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::Full, Self::Timeout, Self::Manual, Self::Shutdown];

    /// Its name, in lower case.
    ///
    /// ```
    /// assert_eq!(velox::Flush::Timeout.name(), "timeout");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Timeout => "timeout",
            Self::Manual => "manual",
            Self::Shutdown => "shutdown",
        }
    }
}

/// Up to 16 transactions that go on together: 672 bytes, without padding.
///
/// Slots behind the last transaction are blank, so that equal bundles have equal bytes.
///
/// # Examples
///
/// ```
/// use velox::{Bundle, BundleError};
/// # use velox::{Bundler, Flush, Kind, Price, Side, Transaction};
/// # let transaction = Transaction {
/// #     time_ns: 0, order: 1, price: Price::new(7), quantity: 100, sequence: 0, instrument: 7,
/// #     kind: Kind::Add, side: Side::Ask,
/// # };
/// # let mut out = Vec::new();
/// # let mut bundler = Bundler::new(16, 100_000, |bundle: &Bundle| { out.push(*bundle); true });
/// # bundler.add(transaction, 5, 9).unwrap();
/// # bundler.flush(Flush::Manual, 9).unwrap();
/// # let bundle = out[0];
/// assert_eq!(bundle.transactions(), [transaction]);
///
/// let mut bytes = bundle.to_bytes();
/// assert_eq!(Bundle::from_bytes(&bytes), Ok(&bundle));
///
/// // Bytes are not believed: no bundle has 17 transactions.
/// bytes[24] = 17;
/// assert_eq!(Bundle::from_bytes(&bytes), Err(BundleError::Len(17)));
/// ```
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, TryFromBytes, IntoBytes, Immutable, KnownLayout,
)]
#[repr(C)]
pub struct Bundle {
    sequence: u64,
    opened_ns: u64,
    closed_ns: u64,
    len: u8,
    flush: Flush,
    reserved: [u8; 6],
    intended_ns: [u64; Self::CAPACITY],
    slots: [Transaction; Self::CAPACITY],
}

const _: () = {
    assert!(size_of::<Bundle>() == 32 + 16 * (8 + 32) && align_of::<Bundle>() == 8);
    assert!(core::mem::offset_of!(Bundle, len) == 24);
    assert!(core::mem::offset_of!(Bundle, intended_ns) == 32);
    assert!(core::mem::offset_of!(Bundle, slots) == 160);
};

/// What stands in a slot without a transaction.
const BLANK: Transaction = Transaction {
    time_ns: 0,
    order: 0,
    price: Price::new(0),
    quantity: 0,
    sequence: 0,
    instrument: 0,
    kind: Kind::Add,
    side: Side::Bid,
};

impl Bundle {
    /// The most transactions in a bundle.
    pub const CAPACITY: usize = 16;

    pub(crate) const EMPTY: Self = Self {
        sequence: 0,
        opened_ns: 0,
        closed_ns: 0,
        len: 0,
        flush: Flush::Full,
        reserved: [0; 6],
        intended_ns: [0; Self::CAPACITY],
        slots: [BLANK; Self::CAPACITY],
    };

    /// Its number, from 0 on.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// When its first transaction was added, by the clock of who added it.
    #[must_use]
    pub const fn opened_ns(&self) -> u64 {
        self.opened_ns
    }

    /// When it left.
    #[must_use]
    pub const fn closed_ns(&self) -> u64 {
        self.closed_ns
    }

    /// Why it left.
    #[must_use]
    pub const fn flush(&self) -> Flush {
        self.flush
    }

    /// Its transactions, in the order in which they were added.
    #[inline]
    #[must_use]
    pub fn transactions(&self) -> &[Transaction] {
        &self.slots[..usize::from(self.len)]
    }

    /// When each transaction was to be sent: what its latency is counted from.
    #[inline]
    #[must_use]
    pub fn intended_ns(&self) -> &[u64] {
        &self.intended_ns[..usize::from(self.len)]
    }

    /// Its bytes, in the byte order of this machine.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    /// A bundle in place over bytes that may come from anywhere. Nothing is copied.
    ///
    /// # Errors
    /// [`BundleError`] says what is wrong with them. Each byte of a bundle is checked but those for which any value
    /// will do.
    pub fn from_bytes(bytes: &[u8]) -> Result<&Self, BundleError> {
        if bytes.len() != size_of::<Self>() {
            return Err(BundleError::Size(bytes.len()));
        }
        if !bytes.as_ptr().addr().is_multiple_of(align_of::<Self>()) {
            return Err(BundleError::Alignment);
        }
        let bundle = Self::try_ref_from_bytes(bytes).map_err(|_| BundleError::Value)?;
        bundle.check().map(|()| bundle)
    }

    fn check(&self) -> Result<(), BundleError> {
        let len = usize::from(self.len);
        if !(1..=Self::CAPACITY).contains(&len) {
            return Err(BundleError::Len(self.len));
        }
        if self.closed_ns < self.opened_ns {
            return Err(BundleError::Times);
        }
        let blank = self.slots[len..].iter().all(|slot| *slot == BLANK)
            && self.intended_ns[len..].iter().all(|stamp| *stamp == 0)
            && self.reserved == [0; 6];
        if blank {
            Ok(())
        } else {
            Err(BundleError::Rest)
        }
    }

    /// Adds a transaction at the end; the caller knows that a slot is free.
    #[inline]
    pub(crate) fn push(&mut self, transaction: Transaction, intended_ns: u64) {
        let at = usize::from(self.len);
        self.slots[at] = transaction;
        self.intended_ns[at] = intended_ns;
        self.len += 1;
    }

    /// Makes it an empty one with the number `sequence`.
    pub(crate) fn reset(&mut self, sequence: u64) {
        let used = usize::from(self.len);
        self.slots[..used].fill(BLANK);
        self.intended_ns[..used].fill(0);
        self.len = 0;
        self.sequence = sequence;
    }
}

/// Why bytes are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// So many bytes, where a bundle has 672.
    Size(usize),
    /// They don't start at a multiple of 8.
    Alignment,
    /// A reason, a kind or a side that there is not.
    Value,
    /// So many transactions, where a bundle has 1 to 16.
    Len(u8),
    /// It left before it was opened.
    Times,
    /// Something stands behind the last transaction.
    Rest,
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(bytes) => write!(
                f,
                "{bytes} bytes are no bundle, it has {}",
                size_of::<Bundle>()
            ),
            Self::Alignment => f.write_str("a bundle starts at a multiple of 8"),
            Self::Value => f.write_str("a reason, kind or side that there is not"),
            Self::Len(len) => write!(
                f,
                "{len} transactions, a bundle has 1 to {}",
                Bundle::CAPACITY
            ),
            Self::Times => f.write_str("a bundle that left before it was opened"),
            Self::Rest => f.write_str("something stands behind the last transaction of a bundle"),
        }
    }
}

impl core::error::Error for BundleError {}

#[cfg(test)]
mod tests {
    use super::{BLANK, Bundle, BundleError, Flush};
    use crate::Transaction;
    use zerocopy::IntoBytes;

    /// Bytes at a multiple of 8, or of 8 and 1.
    struct Aligned([u64; 86]);

    impl Aligned {
        fn of(bundle: &Bundle) -> Self {
            let mut this = Self([0; 86]);
            this.0.as_mut_bytes()[..672].copy_from_slice(bundle.as_bytes());
            this
        }

        fn bytes(&mut self) -> &mut [u8] {
            &mut self.0.as_mut_bytes()[..672]
        }
    }

    fn bundle(len: u8) -> Bundle {
        let mut bundle = Bundle::EMPTY;
        for order in 0..len {
            bundle.push(
                Transaction {
                    order: 5 + u64::from(order),
                    ..BLANK
                },
                3,
            );
        }
        bundle
    }

    #[test]
    fn a_bundle_of_each_length_is_read_back() {
        for len in 1..=16 {
            let bundle = bundle(len);
            assert_eq!(
                Bundle::from_bytes(Aligned::of(&bundle).bytes()),
                Ok(&bundle)
            );
            assert_eq!(bundle.transactions().len(), usize::from(len));
        }
    }

    #[test]
    fn bytes_that_are_no_bundle_are_refused_with_the_reason() {
        let refused = |change: fn(&mut [u8])| {
            let mut bytes = Aligned::of(&bundle(3));
            change(bytes.bytes());
            Bundle::from_bytes(bytes.bytes()).unwrap_err()
        };
        assert_eq!(refused(|bytes| bytes[24] = 0), BundleError::Len(0));
        assert_eq!(refused(|bytes| bytes[24] = 255), BundleError::Len(255));
        assert_eq!(refused(|bytes| bytes[25] = b'f'), BundleError::Value);
        assert_eq!(refused(|bytes| bytes[31] = 1), BundleError::Rest);
        assert_eq!(refused(|bytes| bytes[8] = 1), BundleError::Times);
        // The stamp, then the reference, of the fourth.
        assert_eq!(refused(|bytes| bytes[32 + 3 * 8] = 1), BundleError::Rest);
        assert_eq!(
            refused(|bytes| bytes[160 + 3 * 32 + 8] = 1),
            BundleError::Rest
        );
        // The side of the last slot, and of the first.
        assert_eq!(refused(|bytes| bytes[671] = 0), BundleError::Value);
        assert_eq!(refused(|bytes| bytes[160 + 31] = b'b'), BundleError::Value);
        let mut bytes = Aligned::of(&bundle(3));
        assert_eq!(
            Bundle::from_bytes(&bytes.bytes()[1..]),
            Err(BundleError::Size(671))
        );
        assert_eq!(
            Bundle::from_bytes(&bytes.0.as_bytes()[1..673]),
            Err(BundleError::Alignment)
        );
    }

    #[test]
    fn a_bundle_that_is_used_again_keeps_nothing_of_before() {
        let mut used = bundle(16);
        used.reset(7);
        assert_eq!(
            used,
            Bundle {
                sequence: 7,
                ..Bundle::EMPTY
            }
        );
    }

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let mut names = Flush::ALL.map(Flush::name).to_vec();
        names.dedup();
        assert_eq!(names.len(), 4);
    }
}
