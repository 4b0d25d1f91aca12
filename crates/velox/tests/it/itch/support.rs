//! Messages of every type, and files of them.

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io;
use std::sync::OnceLock;
use velox::itch::{
    Body, DAY_NS, Error, Header, MAX_LENGTH, Message, OnFault, Options, Participant, Reader,
    StreamError, StreamReader, Symbol, Tally, Text, Timestamp, Writer,
};

/// Options of a reader that goes on.
pub(crate) const RESYNC: Options = Options {
    on_fault: OnFault::Resync,
    zeros: velox::itch::Zeros::Accept,
};

/// A symbol.
pub(crate) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("short")
}

/// A participant.
pub(crate) fn participant(text: &str) -> Participant {
    Participant::new(text).expect("short")
}

/// Letters of two.
pub(crate) fn two(text: &str) -> Text<2> {
    Text::new(text).expect("short")
}

/// A header of that stock at that time.
pub(crate) fn at(locate: u16, ns: u64) -> Header {
    Header::new(locate, Timestamp::from_ns(ns).expect("within a day"))
}

/// A file of one message.
pub(crate) fn file_of<M: Body>(message: &M) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    writer.write(message).expect("memory takes all");
    let mut file = writer.finish().expect("memory takes all");
    file.truncate(file.len() - 2);
    file
}

/// The bytes of a random valid message with its length in front.
pub(crate) fn framed_message() -> impl Strategy<Value = Vec<u8>> {
    let tag = proptest::sample::select(Message::TAGS.to_vec());
    let bytes = proptest::collection::vec(any::<u8>(), MAX_LENGTH);
    (tag, bytes, 0..DAY_NS).prop_map(|(tag, bytes, ns)| framed(tag, &bytes, ns))
}

/// The valid message with this letter, its length in front, that these bytes stand for.
pub(crate) fn framed(tag: u8, bytes: &[u8], ns: u64) -> Vec<u8> {
    let valid = &valid_bytes()[&tag];
    let body = bytes.iter().zip(valid);
    let mut body: Vec<u8> = body
        .map(|(byte, valid)| valid[usize::from(*byte) % valid.len()])
        .collect();
    body[0] = tag;
    body[5..11].copy_from_slice(&ns.to_be_bytes()[2..]);
    let mut framed = (body.len() as u16).to_be_bytes().to_vec();
    framed.append(&mut body);
    framed
}

/// The bytes that can stand at each place of each message, found by trying them.
fn valid_bytes() -> &'static BTreeMap<u8, Vec<Vec<u8>>> {
    static VALID: OnceLock<BTreeMap<u8, Vec<Vec<u8>>>> = OnceLock::new();
    let of = |tag: u8| {
        let mut base = vec![0; length_of(tag)];
        base[0] = tag;
        repair(&mut base);
        let at = |place: usize| {
            let is_valid = |byte: &u8| {
                let mut bytes = base.clone();
                bytes[place] = *byte;
                Message::parse(&bytes).is_ok()
            };
            // Each takes a while under Miri.
            let step = if cfg!(miri) { 64 } else { 1 };
            let some = (0..=255).step_by(step).chain(*b"BS");
            some.filter(is_valid).collect()
        };
        (tag, (0..base.len()).map(at).collect())
    };
    VALID.get_or_init(|| Message::TAGS.into_iter().map(of).collect())
}

/// Bytes of the message with this letter.
pub(crate) fn length_of(tag: u8) -> usize {
    (12..=50)
        .find(|length| {
            let mut bytes = vec![0; *length];
            bytes[0] = tag;
            !matches!(
                Message::parse(&bytes),
                Err(velox::itch::Fault::WrongLength { .. })
            )
        })
        .expect("the letter of a message")
}

/// Gives the side a letter, the one field in which 0 is invalid.
fn repair(bytes: &mut [u8]) {
    for place in 11..bytes.len() {
        if Message::parse(bytes).is_ok() {
            return;
        }
        bytes[place] = b'B';
        if Message::parse(bytes).is_err() {
            bytes[place] = 0;
        }
    }
}

/// What readers return of a file: owned bytes or errors, and what they counted.
pub(crate) type Read = (Vec<Result<Vec<u8>, Error>>, Tally);

/// All that a reader returns of these bytes, one by one, folded, and from a stream in pieces of several sizes.
pub(crate) fn read_all(bytes: &[u8], options: Options) -> Read {
    let mut reader = Reader::new(bytes, options);
    let mut items = Vec::new();
    for item in reader.by_ref() {
        items.push(item.map(|message| message.as_bytes().to_vec()));
    }
    let tally = reader.tally();
    let folded = Reader::new(bytes, options)
        .map(|item| item.map(|message| message.as_bytes().to_vec()))
        .fold(Vec::new(), |mut items, item| {
            items.push(item);
            items
        });
    assert_eq!(folded, items, "folded");
    let pieces: &[&[usize]] = if cfg!(miri) {
        &[&[61]]
    } else {
        &[&[1], &[0, 7, 300]]
    };
    for sizes in pieces {
        let read = read_stream(Dribble::new(bytes, sizes), options, 0);
        assert_eq!(read, (items.clone(), tally), "in pieces of {sizes:?}");
    }
    (items, tally)
}

/// All that a stream returns.
pub(crate) fn read_stream(source: impl io::Read, options: Options, block: usize) -> Read {
    let mut reader = StreamReader::with_block(source, options, block);
    let mut items = Vec::new();
    while let Some(item) = reader.next() {
        items.push(match item {
            Ok(message) => Ok(message.as_bytes().to_vec()),
            Err(StreamError::Malformed(error)) => Err(error),
            Err(error) => panic!("{error}"),
        });
    }
    (items, reader.tally())
}

/// Hands out as many bytes at a time as `sizes` says, over and over; for 0 it is interrupted.
pub(crate) struct Dribble<'a> {
    bytes: &'a [u8],
    sizes: &'a [usize],
    turn: usize,
}

impl<'a> Dribble<'a> {
    pub(crate) fn new(bytes: &'a [u8], sizes: &'a [usize]) -> Self {
        let turn = 0;
        Self { bytes, sizes, turn }
    }
}

impl io::Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        let size = self.sizes[self.turn % self.sizes.len()];
        if size == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(size);
        self.bytes.read(&mut buffer[..most])
    }
}

/// A message of that type read from its own bytes.
pub(crate) fn reread<M: Body + PartialEq + std::fmt::Debug>(message: &M) {
    assert_eq!(
        M::try_read_from_bytes(message.as_bytes()).as_ref(),
        Ok(message)
    );
    assert_eq!(Message::parse(message.as_bytes()), Ok(message.message()));
    let file = file_of(message);
    let mut reader = Reader::new(&file, Options::default());
    assert_eq!(reader.next(), Some(Ok(message.message())));
    assert_eq!(reader.next(), None);
}
