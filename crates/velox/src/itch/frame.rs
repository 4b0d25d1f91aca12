//! Where messages begin and end, in whatever part of the file there is.

use super::error::{Error, Fault};
use super::message::{SHAPES, TIME, WINDOW, length_of, time_of};
use super::{DAY_NS, MAX_LENGTH, Message, OnFault, Options, Tally, Zeros};

/// Bytes of the length in front of a message.
pub(super) const PREFIX: usize = 2;

/// As many bytes, or all that is left, are enough for each decision.
pub(super) const LOOK_AHEAD: usize = 256;

/// Messages in a row that are taken for a place to go on.
const IN_A_ROW: u32 = 3;

const _: () = assert!(LOOK_AHEAD > (IN_A_ROW as usize + 1) * (PREFIX + MAX_LENGTH));

/// Where the framer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At a message, or so it seems.
    Reading,
    /// At a malformation that has been told.
    Lost(Fault),
    /// Within a stretch that is being skipped.
    Gap,
    /// At a malformation behind which nothing is read.
    Stopped,
}

/// Takes messages off the front of what it is shown.
///
/// # Invariants
///
/// 1. `bytes` counts what was taken or skipped, and is the sum of the messages' bytes, `padding` and `skipped`.
#[derive(Clone, Debug)]
pub(super) struct Framer {
    options: Options,
    state: State,
    bytes: u64,
    messages: u64,
    padding: u64,
    faults: u64,
    rejected: u64,
    gaps: u64,
    skipped: u64,
}

/// What [`Framer::settle`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settled {
    /// Bytes to drop from the front.
    pub(super) consumed: usize,
    /// Whether the next message, malformation or end is at the front now; else more bytes are needed.
    pub(super) ready: bool,
}

impl Framer {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            state: State::Reading,
            bytes: 0,
            messages: 0,
            padding: 0,
            faults: 0,
            rejected: 0,
            gaps: 0,
            skipped: 0,
        }
    }

    /// What was seen up to this offset.
    pub(super) fn tally(&self, offset: u64) -> Tally {
        Tally {
            messages: self.messages,
            message_bytes: offset - self.padding - self.skipped,
            padding_bytes: self.padding,
            faults: self.faults,
            rejected: self.rejected,
            gaps: self.gaps,
            skipped_bytes: self.skipped,
            bytes: offset,
        }
    }

    /// Counts messages that [`Front::of`] has found. Their bytes the caller counts, by [`seek`](Self::seek) before any
    /// other call.
    #[inline(always)]
    pub(super) fn count(&mut self, messages: u64) {
        self.messages += messages;
    }

    /// Notes where the bytes that come next begin.
    #[inline(always)]
    pub(super) fn seek(&mut self, offset: u64) {
        self.bytes = offset;
    }

    /// Whether there is nothing to pass over.
    #[inline(always)]
    pub(super) fn is_at_message(&self, bytes: &[u8]) -> bool {
        self.state == State::Reading && !bytes.starts_with(&[0; PREFIX])
    }

    /// Passes over padding, and over malformed bytes that have been told. `last` says that the file ends with `bytes`.
    pub(super) fn settle(&mut self, bytes: &[u8], last: bool) -> Settled {
        let mut consumed = 0;
        loop {
            let rest = &bytes[consumed..];
            if !last && rest.len() < LOOK_AHEAD {
                let ready = false;
                return Settled { consumed, ready };
            }
            let passed = match self.state {
                State::Stopped => 0,
                State::Reading => self.pad(rest),
                State::Lost(fault) => self.leave(fault, rest),
                State::Gap => self.search(rest, last),
            };
            if passed == 0 && self.state != State::Gap {
                let ready = true;
                return Settled { consumed, ready };
            }
            consumed += passed;
        }
    }

    /// What is at the front of settled bytes: a message, which is taken, the end, or a malformation.
    #[inline(never)]
    pub(super) fn take_settled<'a>(
        &mut self,
        bytes: &'a [u8],
    ) -> Option<Result<(Message<'a>, &'a [u8]), Error>> {
        if self.state == State::Stopped || bytes.is_empty() {
            return None;
        }
        let taken = self.examine(bytes);
        if let Err(fault) = taken {
            self.faults += 1;
            self.state = match self.options.on_fault {
                OnFault::Stop => State::Stopped,
                OnFault::Resync => State::Lost(fault),
            };
            let offset = self.bytes;
            return Some(Err(Error { offset, fault }));
        }
        taken.ok().map(Ok)
    }

    fn examine<'a>(&mut self, bytes: &'a [u8]) -> Result<(Message<'a>, &'a [u8]), Fault> {
        let Some((prefix, tail)) = bytes.split_first_chunk::<PREFIX>() else {
            return Err(Fault::TruncatedLength);
        };
        let prefix = usize::from(u16::from_be_bytes(*prefix));
        let length = if prefix == 0 {
            self.implied_length(tail).ok_or(Fault::ZeroLength)?
        } else {
            prefix
        };
        if length > MAX_LENGTH {
            return Err(Fault::of_length(0, length));
        }
        let truncated = Fault::Truncated {
            length: length as u16,
            left: tail.len().min(length) as u16,
        };
        let tag = *tail.first().ok_or(truncated)?;
        if length_of(tag) != length {
            return Err(Fault::of_length(tag, length));
        }
        let (body, rest) = tail.split_at_checked(length).ok_or(truncated)?;
        let message = Message::parse(body)?;
        self.messages += 1;
        self.bytes += (PREFIX + length) as u64;
        Ok((message, rest))
    }

    /// The length of the message behind a length of 0.
    fn implied_length(&self, tail: &[u8]) -> Option<usize> {
        let tag = *tail.first()?;
        let length = length_of(tag);
        (length != 0 && self.options.zeros == Zeros::Accept).then_some(length)
    }

    /// Passes over one length of 0 without a message.
    fn pad(&mut self, bytes: &[u8]) -> usize {
        let is_padding = matches!(bytes, [0, 0] | [0, 0, 0, ..]);
        if !is_padding || self.options.zeros == Zeros::Reject {
            return 0;
        }
        self.padding += PREFIX as u64;
        self.bytes += PREFIX as u64;
        PREFIX
    }

    /// Skips the malformed message at the front, if its end is known.
    fn leave(&mut self, fault: Fault, bytes: &[u8]) -> usize {
        let length = match fault {
            _ if fault.is_within() => length_of(bytes[PREFIX]),
            Fault::UnknownType { length, .. } | Fault::WrongLength { length, .. } => {
                usize::from(length)
            }
            _ => 0,
        };
        let end = PREFIX + length;
        let rest = bytes.get(end..).filter(|_| length != 0);
        let is_known = |rest| fault.is_within() || self.is_plausible(rest);
        if rest.is_some_and(is_known) {
            self.rejected += 1;
            self.state = State::Reading;
            return self.skip(end);
        }
        self.gaps += 1;
        self.state = State::Gap;
        self.skip(1)
    }

    /// Skips up to where messages begin again, or as far as can be told.
    fn search(&mut self, bytes: &[u8], last: bool) -> usize {
        let places = if last {
            bytes.len()
        } else {
            bytes.len() - LOOK_AHEAD + 1
        };
        let place = (0..places).find(|place| self.is_plausible(&bytes[*place..]));
        if place.is_some() || last {
            self.state = State::Reading;
        }
        self.skip(place.unwrap_or(places))
    }

    fn skip(&mut self, count: usize) -> usize {
        self.skipped += count as u64;
        self.bytes += count as u64;
        count
    }

    /// Whether messages seem to begin here: three in a row, or all there is.
    fn is_plausible(&self, bytes: &[u8]) -> bool {
        let mut rest = &bytes[..bytes.len().min(LOOK_AHEAD)];
        for found in 0..IN_A_ROW {
            if found > 0 && self.options.zeros == Zeros::Accept {
                while let [0, 0] | [0, 0, 0, ..] = rest {
                    rest = &rest[PREFIX..];
                }
            }
            if found > 0 && rest.len() <= PREFIX {
                return true;
            }
            rest = match self.next_plausible(rest) {
                Ok(rest) => rest,
                Err(is_cut) => return is_cut && found > 0,
            };
        }
        true
    }

    /// What is behind something like a message. The error says whether it is one that the end cuts off.
    fn next_plausible<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], bool> {
        let Some((prefix, tail)) = bytes.split_first_chunk::<PREFIX>() else {
            return Err(false);
        };
        let prefix = usize::from(u16::from_be_bytes(*prefix));
        let length = tail.first().map_or(0, |tag| length_of(*tag));
        let fits = prefix == length || prefix == 0 && self.options.zeros == Zeros::Accept;
        if length == 0 || !fits {
            return Err(false);
        }
        let (body, rest) = tail.split_at_checked(length).ok_or(true)?;
        if time_of(body) < DAY_NS {
            Ok(rest)
        } else {
            Err(false)
        }
    }
}

/// A valid message at the front that has the length of its type before it.
///
/// Nothing is decided by its type on the way here: what differs is looked up, see [`SHAPES`].
pub(super) struct Front<'a> {
    pub(super) tag: u8,
    pub(super) time_ns: u64,
    /// Bytes that begin with it.
    pub(super) body: &'a [u8; WINDOW],
    /// What is behind it.
    pub(super) rest: &'a [u8],
}

impl<'a> Front<'a> {
    /// The message at the front, where there are bytes enough to look at. A letter of no message behind a length of 0
    /// passes.
    #[inline(always)]
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (prefix, tail) = bytes.split_first_chunk::<PREFIX>()?;
        let body = tail.first_chunk::<WINDOW>()?;
        let tag = body[0];
        let shape = SHAPES[usize::from(tag)];
        // The time, and two bytes before it.
        let time = body[TIME.start - 2..].first_chunk()?;
        let time_ns = u64::from_be_bytes(*time) << 16 >> 16;
        let length = u16::from_be_bytes(*prefix);
        let fits = length == u16::from(shape.length);
        if !(fits & (time_ns < DAY_NS) & shape.is_valid(body)) {
            return None;
        }
        // The length is known before that of the type is.
        let rest = tail.get(usize::from(length)..)?;
        Some(Self {
            tag,
            time_ns,
            body,
            rest,
        })
    }

    /// The message.
    #[inline(always)]
    pub(super) fn message(&self) -> Option<Message<'a>> {
        Message::view_first(self.tag, self.body)
    }
}
