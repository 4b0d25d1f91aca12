//! How a reader treats what is not well-formed, and what it counts.

use core::fmt;

/// What follows a malformation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnFault {
    /// Its error is the last item.
    #[default]
    Stop,
    /// Reading goes on behind it.
    ///
    /// Where the end of the malformed message is known, because its type fits its length or three messages in a row
    /// follow, it alone is skipped. Else everything is skipped up to the next three messages in a row, or as many as
    /// there are before the end: each with the length of its type and a time within a day. Three such messages come
    /// about by chance once in some 10^20 places of random bytes; the end of a file can be mistaken with one alone.
    Resync,
}

/// What a length of 0 means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Zeros {
    /// With a message behind it, that the message has the length of its type. Else it is padding, as at the end of the
    /// public files. No valid length begins with the letter of a message, so that the two can't be mistaken.
    #[default]
    Accept,
    /// [`Fault::ZeroLength`](super::Fault::ZeroLength).
    Reject,
}

/// How to read.
///
/// ```
/// use velox::itch::{OnFault, Options, Zeros};
///
/// let lenient = Options { on_fault: OnFault::Resync, ..Options::default() };
/// assert_eq!(lenient.zeros, Zeros::Accept);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// What follows a malformation.
    pub on_fault: OnFault,
    /// What a length of 0 means.
    pub zeros: Zeros,
}

/// What a reader has seen.
///
/// `bytes` is the sum of `message_bytes`, `padding_bytes` and `skipped_bytes`: no byte is passed over that isn't counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tally {
    /// Messages.
    pub messages: u64,
    /// Their bytes, with the lengths in front.
    pub message_bytes: u64,
    /// Bytes of lengths that are 0 and have no message behind them.
    pub padding_bytes: u64,
    /// Malformations. Each was returned as an error.
    pub faults: u64,
    /// Malformed messages that were skipped by themselves.
    pub rejected: u64,
    /// Stretches that were skipped because nobody knows where their messages begin.
    pub gaps: u64,
    /// Bytes of both.
    pub skipped_bytes: u64,
    /// Bytes up to where the reader is.
    pub bytes: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} messages in {} bytes; skipped: {} messages and {} gaps, together {} bytes",
            self.messages, self.bytes, self.rejected, self.gaps, self.skipped_bytes
        )
    }
}
