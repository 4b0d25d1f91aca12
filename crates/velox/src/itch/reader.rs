//! Messages from bytes in memory.

use core::iter::FusedIterator;

use super::frame::{Framer, Front};
use super::{Error, Message, Options, Tally};

/// An iterator over the messages in bytes, which stay where they are.
///
/// A malformation is an item too: an [`Error`] with its offset. What follows it is a matter of [`Options`].
///
/// # Examples
///
/// ```
/// use velox::itch::{Fault, Message, OnFault, Options, Reader};
///
/// let mut day = Vec::from(*b"\x00\x0cS\0\0\0\0\0\0\0\0\0\0O");
/// day.extend_from_slice(b"\x00\x0cS\0\0\0\0\xff\0\0\0\0\0O");
/// day.extend_from_slice(b"\x00\x0cS\0\0\0\0\0\0\0\0\0\0C");
///
/// let options = Options { on_fault: OnFault::Resync, ..Options::default() };
/// let mut reader = Reader::new(&day, options);
/// assert!(matches!(reader.next(), Some(Ok(Message::SystemEvent(_)))));
/// let error = reader.next().unwrap().unwrap_err();
/// assert_eq!(error.offset, 14);
/// assert_eq!(error.fault, Fault::Time { tag: b'S', ns: 0xff << 40 });
/// assert_eq!(error.to_string(), "message 'S' with a time of 280375465082880 ns at byte 14");
/// assert!(reader.next().unwrap().is_ok());
/// assert_eq!(reader.next(), None);
///
/// let tally = reader.tally();
/// assert_eq!((tally.messages, tally.rejected, tally.skipped_bytes), (2, 1, 14));
/// ```
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
    framer: Framer,
}

impl<'a> Reader<'a> {
    /// Reads from the first of the bytes on.
    ///
    /// ```
    /// # use velox::itch::{Options, Reader};
    /// assert_eq!(Reader::new(&[], Options::default()).next(), None);
    /// ```
    #[must_use]
    pub fn new(bytes: &'a [u8], options: Options) -> Self {
        Self {
            rest: bytes,
            length: bytes.len(),
            framer: Framer::new(options),
        }
    }

    /// Where the next message begins, in bytes from the beginning.
    ///
    /// ```
    /// # use velox::itch::{Options, Reader};
    /// let mut reader = Reader::new(b"\x00\x0cS\0\0\0\0\0\0\0\0\0\0O", Options::default());
    /// assert_eq!(reader.offset(), 0);
    /// reader.next();
    /// assert_eq!(reader.offset(), 14);
    /// ```
    #[must_use]
    pub fn offset(&self) -> u64 {
        (self.length - self.rest.len()) as u64
    }

    /// What is left: nothing at the end, or everything from the malformation on that ended it.
    ///
    /// ```
    /// # use velox::itch::{Options, Reader};
    /// let mut reader = Reader::new(b"\xff\xff is no length", Options::default());
    /// assert!(reader.by_ref().last().unwrap().is_err());
    /// assert_eq!(reader.rest().len(), 15);
    /// ```
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// What was seen until now.
    ///
    /// ```
    /// # use velox::itch::{Options, Reader};
    /// let mut reader = Reader::new(&[0; 6], Options::default());
    /// assert_eq!(reader.next(), None);
    /// assert_eq!(reader.tally().padding_bytes, 6);
    /// ```
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.framer.tally(self.offset())
    }

    /// Goes to this place, past messages that were found by other means.
    #[inline(always)]
    pub(super) fn pass(&mut self, rest: &'a [u8], messages: u64) {
        self.rest = rest;
        self.framer.count(messages);
    }

    #[cold]
    #[inline(never)]
    fn next_settled(&mut self) -> Option<Result<Message<'a>, Error>> {
        self.framer.seek(self.offset());
        let settled = self.framer.settle(self.rest, true);
        self.rest = &self.rest[settled.consumed..];
        let (message, rest) = match self.framer.take_settled(self.rest)? {
            Ok(taken) => taken,
            Err(error) => return Some(Err(error)),
        };
        self.rest = rest;
        Some(Ok(message))
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Message<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(front) = Front::of(self.rest)
            && let Some(message) = front.message()
        {
            self.pass(front.rest, 1);
            return Some(Ok(message));
        }
        self.next_settled()
    }

    /// Like going through them one by one, but faster: the place is not written to memory after each.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, init: B, mut add: F) -> B {
        let (mut rest, mut messages, mut sum) = (self.rest, 0, init);
        loop {
            let front = Front::of(rest).and_then(|it| Some((it.message()?, it.rest)));
            let item = match front {
                Some((message, behind)) => {
                    rest = behind;
                    messages += 1;
                    Ok(message)
                }
                None => {
                    self.pass(rest, messages);
                    let Some(item) = self.next_settled() else {
                        return sum;
                    };
                    (rest, messages) = (self.rest, 0);
                    item
                }
            };
            sum = add(sum, item);
        }
    }
}

impl FusedIterator for Reader<'_> {}
