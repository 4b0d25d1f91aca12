//! What can be wrong with a file.

use core::fmt;

/// Something that is no message, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    /// The offset of the length in front, in bytes from the beginning.
    pub offset: u64,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.fault, self.offset)
    }
}

impl core::error::Error for Error {}

/// What is wrong with bytes that should be a message.
///
/// ```
/// use velox::itch::{Fault, Message};
///
/// assert_eq!(Message::parse(b"?"), Err(Fault::UnknownType { tag: b'?', length: 1 }));
/// assert_eq!(Message::parse(b"A"), Err(Fault::WrongLength { tag: b'A', length: 1 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes end within the length of two bytes.
    TruncatedLength,
    /// The bytes end within the message.
    Truncated {
        /// Bytes that the message has.
        length: u16,
        /// Bytes that there are.
        left: u16,
    },
    /// The length is 0, and either no message follows or [`Zeros::Reject`](super::Zeros::Reject) was asked for.
    ZeroLength,
    /// The length exceeds that of the longest message.
    Oversized {
        /// The length.
        length: u16,
    },
    /// No message begins with this byte.
    UnknownType {
        /// The byte.
        tag: u8,
        /// The length in front.
        length: u16,
    },
    /// Messages with this letter have another length.
    WrongLength {
        /// The letter.
        tag: u8,
        /// The length in front.
        length: u16,
    },
    /// The time is a day or more after midnight.
    Time {
        /// The letter of the message.
        tag: u8,
        /// The time in nanoseconds.
        ns: u64,
    },
    /// A field has a value that it can't have.
    Field {
        /// The letter of the message.
        tag: u8,
        /// The name of the field.
        field: &'static str,
    },
}

impl Fault {
    /// Of a message with a length that isn't its own.
    pub(super) fn of_length(tag: u8, length: usize) -> Self {
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        if usize::from(length) > super::MAX_LENGTH {
            Self::Oversized { length }
        } else if super::message::length_of(tag) == 0 {
            Self::UnknownType { tag, length }
        } else {
            Self::WrongLength { tag, length }
        }
    }

    /// Whether type and length of the message fit each other, so that its end is known.
    pub(super) fn is_within(self) -> bool {
        matches!(self, Self::Time { .. } | Self::Field { .. })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |tag: u8| tag.escape_ascii();
        match *self {
            Self::TruncatedLength => write!(f, "the file ends within a length"),
            Self::Truncated { length, left } => {
                write!(
                    f,
                    "the file ends after {left} of {length} bytes of a message"
                )
            }
            Self::ZeroLength => write!(f, "a message without length"),
            Self::Oversized { length } => write!(f, "a message of {length} bytes"),
            Self::UnknownType { tag, length } => {
                write!(f, "unknown type '{}' of {length} bytes", name(tag))
            }
            Self::WrongLength { tag, length } => {
                write!(f, "message '{}' of {length} bytes", name(tag))
            }
            Self::Time { tag, ns } => {
                write!(f, "message '{}' with a time of {ns} ns", name(tag))
            }
            Self::Field { tag, field } => {
                write!(f, "message '{}' with an invalid {field}", name(tag))
            }
        }
    }
}

impl core::error::Error for Fault {}
