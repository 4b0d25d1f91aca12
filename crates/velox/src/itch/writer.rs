//! Messages to a file.

use std::io::{self, Write};

use super::frame::PREFIX;
use super::{Body, MAX_LENGTH, Message};

/// Writes messages with their lengths in front, as the public files have them.
///
/// Each message is one call of the sink: wrap a file into a [`BufWriter`](io::BufWriter).
///
/// # Examples
///
/// ```
/// use velox::itch::{BrokenTrade, Header, Message, Options, Reader, Writer};
///
/// let message = BrokenTrade::new(Header::default(), 7);
/// let mut writer = Writer::new(Vec::new());
/// writer.write(&message)?;
/// assert_eq!(writer.bytes(), 21);
/// let file = writer.finish()?;
/// let mut reader = Reader::new(&file, Options::default());
/// assert_eq!(reader.next(), Some(Ok(Message::BrokenTrade(&message))));
/// assert_eq!(reader.next(), None);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Writer<W> {
    sink: W,
    messages: u64,
    bytes: u64,
}

impl<W: Write> Writer<W> {
    /// Writes to this sink.
    #[must_use]
    pub fn new(sink: W) -> Self {
        Self {
            sink,
            messages: 0,
            bytes: 0,
        }
    }

    /// Writes one message.
    ///
    /// # Errors
    ///
    /// If the sink fails. It may have taken a part of the message then.
    #[inline]
    pub fn write<M: Body>(&mut self, message: &M) -> io::Result<()> {
        self.write_bytes(message.as_bytes())
    }

    /// Writes one message of whichever type.
    ///
    /// # Errors
    ///
    /// If the sink fails. It may have taken a part of the message then.
    pub fn write_message(&mut self, message: Message<'_>) -> io::Result<()> {
        self.write_bytes(message.as_bytes())
    }

    /// The messages that were written.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// The bytes that were written.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes the length of 0 that ends the public files, flushes, and returns the sink.
    ///
    /// # Errors
    ///
    /// If the sink fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.sink.write_all(&[0; PREFIX])?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    #[inline]
    fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut framed = [0; PREFIX + MAX_LENGTH];
        let end = PREFIX + bytes.len();
        framed[..PREFIX].copy_from_slice(&(bytes.len() as u16).to_be_bytes());
        framed[PREFIX..end].copy_from_slice(bytes);
        self.sink.write_all(&framed[..end])?;
        self.messages += 1;
        self.bytes += end as u64;
        Ok(())
    }
}
