//! What can be wrong with a block.

use core::fmt;

/// What [`check`](crate::check) or [`check_retired`](crate::check_retired) found.
///
/// The text of its `Display` form is one line without the address, for example
/// `the byte at offset 24 of a block of 24 bytes was overwritten`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// No armed block begins here: never armed, disarmed, or its header is destroyed.
    NotABlock,
    /// The block was retired before: a second free, or a use after the free.
    Retired {
        /// The size it had, in bytes.
        size: usize,
    },
    /// The block is not retired, but should be.
    NotRetired {
        /// Its size in bytes.
        size: usize,
    },
    /// Bytes in front of the block were overwritten.
    FrontCanary {
        /// The block's size in bytes.
        size: usize,
        /// How many bytes in front of the block's first byte the nearest damaged byte lies; from 1.
        before: usize,
    },
    /// Bytes behind the block were overwritten.
    BackCanary {
        /// The block's size in bytes.
        size: usize,
        /// Offset of the first damaged byte from the block's first byte; not less than `size`.
        offset: usize,
    },
    /// The claimed size is not the size that was armed.
    WrongSize {
        /// The size that was armed, in bytes.
        allocated: usize,
        /// The size that was claimed, in bytes.
        claimed: usize,
    },
    /// The claimed alignment is not the one that was armed.
    WrongAlign {
        /// The alignment that was armed, in bytes.
        allocated: usize,
        /// The alignment that was claimed, in bytes.
        claimed: usize,
    },
    /// A retired block was written to.
    Overwritten {
        /// The block's size in bytes.
        size: usize,
        /// Offset of the first changed byte from the block's first byte.
        offset: usize,
        /// What stands there.
        found: u8,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotABlock => write!(f, "no block begins at this address"),
            Self::Retired { size } => write!(f, "a block of {size} bytes was freed before"),
            Self::NotRetired { size } => write!(f, "a block of {size} bytes is still in use"),
            Self::FrontCanary { size, before } => write!(
                f,
                "a byte {before} in front of a block of {size} bytes was overwritten"
            ),
            Self::BackCanary { size, offset } => write!(
                f,
                "the byte at offset {offset} of a block of {size} bytes was overwritten"
            ),
            Self::WrongSize { allocated, claimed } => write!(
                f,
                "a block of {allocated} bytes was claimed to have {claimed} bytes"
            ),
            Self::WrongAlign { allocated, claimed } => write!(
                f,
                "a block aligned to {allocated} was claimed to be aligned to {claimed}"
            ),
            Self::Overwritten {
                size,
                offset,
                found,
            } => write!(
                f,
                "the byte at offset {offset} of a freed block of {size} bytes was overwritten with {found:#04x}"
            ),
        }
    }
}

impl core::error::Error for Violation {}
