//! Damaged files by the thousand, from seeds.
//!
//! `VELOX_FUZZ_SECONDS=600 cargo test --release -p velox --test it -- fuzz --nocapture` goes on for that long, and
//! `VELOX_FUZZ_SEED` begins at another seed than 0. A failure names its seed.

use super::support::{Dribble, framed};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};
use velox::Transaction;
use velox::itch::{
    AddAttributedOrder, AddOrder, Body, DAY_NS, Error, Header, MAX_LENGTH, Message, OnFault,
    Options, OrderCancel, OrderDelete, OrderExecuted, OrderExecutedWithPrice, OrderReplace, Reader,
    StreamError, StreamReader, Timestamp, TransactionReader, Writer, Zeros,
};
use velox::synthetic::{Config, write_day};

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |it| it.parse().expect("a number"))
}

/// Below `end`, or 0.
fn below(random: &mut ChaCha8Rng, end: usize) -> usize {
    random.next_u64() as usize % end.max(1)
}

/// A well-formed file: of a day, or of messages of any type with lengths in front or without.
fn whole(seed: u64, random: &mut ChaCha8Rng) -> Vec<u8> {
    let messages = if cfg!(miri) { 15 } else { 200 };
    if below(random, 3) == 0 {
        return write_day(Config::default(), seed, messages, Vec::new()).expect("memory takes all");
    }
    let mut file = Vec::new();
    for _ in 0..below(random, messages as usize) {
        let tag = Message::TAGS[below(random, Message::TAGS.len())];
        let mut bytes = [0; MAX_LENGTH];
        random.fill_bytes(&mut bytes);
        let mut message = framed(tag, &bytes, random.next_u64() % DAY_NS);
        match below(random, 40) {
            0 => message[..2].fill(0),
            1 => message.extend(vec![0; 2 * below(random, 9)]),
            _ => {}
        }
        file.append(&mut message);
    }
    file
}

/// Bytes that are changed, put in, left out, doubled, replaced by what a length or a letter looks like, or taken from
/// another file.
fn damage(file: &mut Vec<u8>, other: &[u8], random: &mut ChaCha8Rng) {
    for _ in 0..random.next_u32() % 12 {
        let (kind, place) = (below(random, 9), below(random, file.len()));
        let end = (place + 1 + below(random, 120)).min(file.len());
        if end <= place {
            return;
        }
        match kind {
            0 => file[place] ^= 1 << below(random, 8),
            1 => file[place..end].fill(b"\0\xffASBU$"[below(random, 7)]),
            2 => drop(file.drain(place..end)),
            3 => {
                let copy = file[place..end].to_vec();
                let to = below(random, file.len());
                file.splice(to..to, copy);
            }
            4 => random.fill_bytes(&mut file[place..end]),
            5 => file[place] = below(random, 64) as u8,
            6 => file.insert(place, below(random, 256) as u8),
            7 => {
                let from = below(random, other.len());
                let to = (from + below(random, 200)).min(other.len());
                file.splice(place..end, other[from..to].iter().copied());
            }
            _ => file.truncate(file.len() - below(random, 60).min(file.len())),
        }
    }
}

/// A message made again of its fields, where it is one about orders.
fn rebuilt(message: &Message<'_>) -> Vec<u8> {
    let at = |header: &Header| {
        let time = Timestamp::from_ns(header.time.ns()).expect("within a day");
        let mut new = Header::new(header.locate.get(), time);
        new.tracking = header.tracking;
        new
    };
    match message {
        Message::AddOrder(it) => AddOrder::new(
            at(&it.header),
            it.order.get(),
            it.side.get(),
            it.shares.get(),
            it.stock,
            it.price.get(),
        )
        .as_bytes_vec(),
        Message::AddAttributedOrder(it) => AddAttributedOrder::new(
            at(&it.header),
            it.order.get(),
            it.side.get(),
            it.shares.get(),
            it.stock,
            it.price.get(),
            it.attribution,
        )
        .as_bytes_vec(),
        Message::OrderExecuted(it) => OrderExecuted::new(
            at(&it.header),
            it.order.get(),
            it.shares.get(),
            it.trade.get(),
        )
        .as_bytes_vec(),
        Message::OrderExecutedWithPrice(it) => OrderExecutedWithPrice::new(
            at(&it.header),
            it.order.get(),
            it.shares.get(),
            it.trade.get(),
            it.printable,
            it.price.get(),
        )
        .as_bytes_vec(),
        Message::OrderCancel(it) => {
            OrderCancel::new(at(&it.header), it.order.get(), it.shares.get()).as_bytes_vec()
        }
        Message::OrderDelete(it) => OrderDelete::new(at(&it.header), it.order.get()).as_bytes_vec(),
        Message::OrderReplace(it) => OrderReplace::new(
            at(&it.header),
            it.order.get(),
            it.new_order.get(),
            it.shares.get(),
            it.price.get(),
        )
        .as_bytes_vec(),
        other => other.as_bytes().to_vec(),
    }
}

trait AsBytesVec {
    fn as_bytes_vec(&self) -> Vec<u8>;
}

impl<M: Body> AsBytesVec for M {
    fn as_bytes_vec(&self) -> Vec<u8> {
        self.message().as_bytes().to_vec()
    }
}

/// What a reader of the whole says of a file.
struct Expected {
    /// Messages with their offsets, and errors.
    items: VecDeque<Result<(u64, Vec<u8>), Error>>,
    transactions: Vec<(Transaction, u64)>,
    tally: velox::itch::Tally,
}

/// Reads the whole, and finds every byte again: in a message, which is what it is written as, counted as padding or as
/// skipped, or behind the error that stopped it.
fn expect(file: &[u8], options: Options) -> Expected {
    let mut reader = Reader::new(file, options);
    let (mut items, mut transactions) = (VecDeque::new(), Vec::new());
    let (mut end, mut message_bytes, mut faults) = (0, 0, 0);
    while let Some(item) = reader.next() {
        assert!(items.len() <= 2 * file.len(), "it goes on for ever");
        match item {
            Ok(message) => {
                let length = message.as_bytes().len();
                let offset = reader.offset() as usize - length - 2;
                assert!(offset >= end, "bytes are read twice");
                end = offset + 2 + length;
                message_bytes += 2 + length as u64;
                assert_eq!(&file[offset + 2..end], message.as_bytes());
                assert_eq!(rebuilt(&message), message.as_bytes());
                let mut writer = Writer::new(Vec::new());
                writer.write_message(message).expect("memory takes all");
                let written = writer.finish().expect("memory takes all");
                assert_eq!(written[2..2 + length], file[offset + 2..end]);
                assert!([&written[..2], &[0, 0]].contains(&&file[offset..offset + 2]));
                let first = transactions.len() as u32;
                let new = message.transactions(first);
                transactions.extend(new.map(|it| (it, offset as u64)));
                items.push_back(Ok((offset as u64, message.as_bytes().to_vec())));
            }
            Err(error) => {
                assert_eq!(error.offset, reader.offset());
                assert!(error.offset as usize >= end, "bytes are read twice");
                end = error.offset as usize;
                faults += 1;
                items.push_back(Err(error));
            }
        }
    }
    let tally = reader.tally();
    assert_eq!(tally.message_bytes, message_bytes);
    assert_eq!(tally.faults, faults);
    assert_eq!(tally.messages + faults, items.len() as u64);
    let counted = tally.message_bytes + tally.padding_bytes + tally.skipped_bytes;
    assert_eq!((tally.bytes, reader.offset()), (counted, counted));
    match (options.on_fault, items.back()) {
        (OnFault::Stop, Some(Err(error))) => {
            assert_eq!((error.offset, tally.skipped_bytes, faults), (counted, 0, 1));
            assert_eq!(counted as usize + reader.rest().len(), file.len());
        }
        _ => {
            assert_eq!(counted, file.len() as u64);
            assert_eq!(faults, tally.rejected + tally.gaps);
        }
    }
    Expected {
        items,
        transactions,
        tally,
    }
}

/// Reads in pieces, message by message what the whole has.
fn check_stream(source: impl io::Read, options: Options, block: usize, mut expected: Expected) {
    let mut stream = StreamReader::with_block(source, options, block);
    while let Some(item) = stream.next() {
        let item = match item {
            Ok(message) => Ok(message.as_bytes().to_vec()),
            Err(StreamError::Malformed(error)) => Err(error),
            Err(error) => panic!("{error}"),
        };
        let behind = stream.offset();
        let item = item.map(|bytes| (behind - bytes.len() as u64 - 2, bytes));
        assert_eq!(Some(item), expected.items.pop_front());
    }
    assert_eq!(expected.items.pop_front(), None);
    assert_eq!(stream.tally(), expected.tally);
}

/// Every way of reading agrees with every other, and all bytes are accounted for.
fn check(file: &[u8], random: &mut ChaCha8Rng) {
    let options = Options {
        on_fault: [OnFault::Stop, OnFault::Resync][below(random, 2)],
        zeros: [Zeros::Accept, Zeros::Accept, Zeros::Reject][below(random, 3)],
    };
    let expected = expect(file, options);

    let mut transactions = TransactionReader::new(Reader::new(file, options));
    let mut read = Vec::new();
    while let Some(item) = transactions.next() {
        read.extend(item.map(|it| (it, transactions.offset())));
    }
    assert_eq!(read, expected.transactions);
    assert_eq!(transactions.tally(), expected.tally);

    let mut sizes = [0; 5].map(|_: usize| below(random, 700));
    sizes[0] += 1;
    let few = 1 + below(random, 3);
    if below(random, 4) == 0 {
        sizes = [few; 5];
    }
    check_stream(
        Dribble::new(file, &sizes),
        options,
        below(random, 3_000),
        expected,
    );
}

#[test]
fn damaged_files_are_read_alike_by_all_readers_and_every_byte_is_accounted_for() {
    let seconds = setting("VELOX_FUZZ_SECONDS", 0);
    let first = setting("VELOX_FUZZ_SEED", 0);
    let least = if cfg!(miri) { 2 } else { 200 };
    let start = Instant::now();
    let is_on = |done| done < least || start.elapsed() < Duration::from_secs(seconds);
    let mut bytes = 0;
    let mut files = 0;
    while is_on(files) {
        let seed = first + files;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut file = whole(seed, &mut random);
        let other = whole(seed, &mut random);
        damage(&mut file, &other, &mut random);
        bytes += file.len();
        let checked = std::panic::catch_unwind(move || check(&file, &mut random));
        assert!(checked.is_ok(), "with VELOX_FUZZ_SEED={seed}");
        files += 1;
    }
    println!(
        "{files} files from VELOX_FUZZ_SEED={first} on, {bytes} bytes, in {:.1?}",
        start.elapsed()
    );
}
