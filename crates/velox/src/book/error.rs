//! Why a book refused an update.

use core::error::Error;
use core::fmt;

/// Why a book refused an update. It is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BookError {
    /// The level's quantity would not fit in 64 bits.
    Overflow {
        /// What the level holds.
        held: u64,
    },
    /// More was to be removed than the level holds.
    Underflow {
        /// What the level holds.
        held: u64,
    },
    /// The price is not one of those that the book was made for.
    OutOfWindow,
}

impl fmt::Display for BookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overflow { held } => {
                write!(f, "the level holds {held}, and so much more does not fit")
            }
            Self::Underflow { held } => {
                write!(
                    f,
                    "more than the {held} that the level holds was to be removed"
                )
            }
            Self::OutOfWindow => f.write_str("the price is outside the window of the book"),
        }
    }
}

impl Error for BookError {}

/// A quantity and a change of it.
#[inline]
pub(crate) fn updated(held: u64, by: i64) -> Result<u64, BookError> {
    let sum = held.checked_add_signed(by);
    sum.ok_or(if by < 0 {
        BookError::Underflow { held }
    } else {
        BookError::Overflow { held }
    })
}
