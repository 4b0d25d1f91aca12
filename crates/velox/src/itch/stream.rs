//! Messages from a source that is read in blocks.

use core::fmt;
use std::io::{self, Read};

use super::frame::{Framer, Front, LOOK_AHEAD};
use super::{Error, Message, Options, Tally};

/// Bytes that are read at a time, unless told otherwise.
const BLOCK: usize = 256 * 1024;

/// Reads messages from a file, a pipe or a socket, a block at a time.
///
/// It finds the same messages and malformations at the same offsets as a [`Reader`](super::Reader) of the whole. It
/// allocates its buffer once, and holds no more of the file than that.
///
/// # Examples
///
/// ```
/// use velox::itch::{Options, StreamReader};
///
/// let file = b"\x00\x0cS\0\0\0\0\0\0\0\0\0\0O\x00\x00";
/// let mut reader = StreamReader::new(&file[..], Options::default());
/// while let Some(message) = reader.next() {
///     assert_eq!(message?.header().locate.get(), 0);
/// }
/// assert_eq!(reader.tally().messages, 1);
/// # Ok::<(), velox::itch::StreamError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StreamReader<R> {
    source: R,
    framer: Framer,
    buffer: Box<[u8]>,
    /// `buffer[start..end]` has been read and not taken.
    start: usize,
    end: usize,
    /// Bytes that were in front of the buffer.
    before: u64,
    at_end: bool,
}

/// What ends or interrupts a stream.
#[derive(Debug)]
#[non_exhaustive]
pub enum StreamError {
    /// The source failed. The next call tries it again.
    Source {
        /// The offset of the message that was asked for.
        offset: u64,
        /// Its error.
        error: io::Error,
    },
    /// Its bytes are no message.
    Malformed(Error),
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source { offset, .. } => write!(f, "failed to read on at byte {offset}"),
            Self::Malformed(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for StreamError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Source { error, .. } => Some(error),
            Self::Malformed(_) => None,
        }
    }
}

impl<R: Read> StreamReader<R> {
    /// Reads in blocks of 256 KiB.
    ///
    /// ```
    /// # use velox::itch::{Options, StreamReader};
    /// assert!(StreamReader::new(std::io::empty(), Options::default()).next().is_none());
    /// ```
    #[must_use]
    pub fn new(source: R, options: Options) -> Self {
        Self::with_block(source, options, BLOCK)
    }

    /// Reads in blocks of `block` bytes, or of 512 if that is more.
    ///
    /// ```
    /// # use velox::itch::{Options, StreamReader};
    /// assert!(StreamReader::with_block(std::io::empty(), Options::default(), 0).next().is_none());
    /// ```
    #[must_use]
    pub fn with_block(source: R, options: Options, block: usize) -> Self {
        Self {
            source,
            framer: Framer::new(options),
            buffer: vec![0; block.max(2 * LOOK_AHEAD)].into(),
            start: 0,
            end: 0,
            before: 0,
            at_end: false,
        }
    }

    /// The next message, or what is wrong; nothing at the end.
    ///
    /// The message is in the buffer of this reader, which the next call uses again.
    ///
    /// # Errors
    ///
    /// If the source fails, or its bytes are no message.
    #[expect(
        clippy::should_implement_trait,
        reason = "what it returns borrows from it, which an iterator can't"
    )]
    pub fn next(&mut self) -> Option<Result<Message<'_>, StreamError>> {
        if !self.is_settled()
            && let Err(error) = self.prepare()
        {
            let offset = self.offset();
            return Some(Err(StreamError::Source { offset, error }));
        }
        let bytes = &self.buffer[self.start..self.end];
        let offset = self.before + self.start as u64;
        if let Some(front) = Front::of(bytes)
            && let Some(message) = front.message()
        {
            self.start = self.end - front.rest.len();
            self.framer.count(1);
            return Some(Ok(message));
        }
        self.framer.seek(offset);
        let (message, rest) = match self.framer.take_settled(bytes)? {
            Ok(taken) => taken,
            Err(error) => return Some(Err(StreamError::Malformed(error))),
        };
        self.start = self.end - rest.len();
        Some(Ok(message))
    }

    /// Whether there is nothing to do before a message is taken, as between most.
    #[inline]
    fn is_settled(&self) -> bool {
        let bytes = &self.buffer[self.start..self.end];
        bytes.len() >= LOOK_AHEAD && self.framer.is_at_message(bytes)
    }

    /// Where the next message begins, in bytes from the beginning.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.before + self.start as u64
    }

    /// What was seen until now.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.framer.tally(self.offset())
    }

    /// Reads until what is in front can be decided.
    fn prepare(&mut self) -> io::Result<()> {
        loop {
            self.framer.seek(self.offset());
            let bytes = &self.buffer[self.start..self.end];
            let settled = self.framer.settle(bytes, self.at_end);
            self.start += settled.consumed;
            if settled.ready {
                return Ok(());
            }
            self.fill()?;
        }
    }

    /// Reads once, behind what is left.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.before += self.start as u64;
        self.start = 0;
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(count) => {
                    self.end += count;
                    self.at_end = count == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
