//! What holds for all files.

use super::support::{Dribble, RESYNC, framed_message, read_all, read_stream};
use proptest::prelude::*;
use velox::itch::Message;
use velox::itch::{OnFault, Options, Reader, Tally, TransactionReader, Writer, Zeros};

/// Under Miri each case takes seconds.
const CASES: u32 = if cfg!(miri) { 2 } else { 100 };

fn options() -> impl Strategy<Value = Options> {
    let on_fault = prop_oneof![Just(OnFault::Stop), Just(OnFault::Resync)];
    let zeros = prop_oneof![Just(Zeros::Accept), Just(Zeros::Reject)];
    (on_fault, zeros).prop_map(|(on_fault, zeros)| Options { on_fault, zeros })
}

/// A file of valid messages.
fn file(most: usize) -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(
        framed_message(),
        0..if cfg!(miri) { most / 10 } else { most },
    )
}

/// A file with some of its bytes changed, left out or put in.
fn damaged_file() -> impl Strategy<Value = Vec<u8>> {
    let damage = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    (file(60), proptest::collection::vec(damage, 0..6)).prop_map(|(messages, damages)| {
        let mut file = messages.concat();
        for (place, byte, kind) in damages {
            if file.is_empty() {
                break;
            }
            let place = place.index(file.len());
            match kind {
                0 => file[place] = byte,
                1 => file[place] ^= 1 << (byte % 8),
                2 => drop(file.drain(place..(place + usize::from(byte)).min(file.len()))),
                _ => file.insert(place, byte),
            }
        }
        file
    })
}

fn is_whole(tally: &Tally) -> bool {
    tally.bytes == tally.message_bytes + tally.padding_bytes + tally.skipped_bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn valid_messages_are_read_as_they_were_written(messages in file(60), options in options()) {
        let mut writer = Writer::new(Vec::new());
        for message in &messages {
            writer.write_message(Message::parse(&message[2..]).unwrap()).unwrap();
        }
        prop_assert_eq!(writer.messages(), messages.len() as u64);
        let written = writer.finish().unwrap();
        let file = messages.concat();
        prop_assert_eq!(&written[..file.len()], &file);
        let (items, tally) = read_all(&file, options);
        prop_assert_eq!(tally.message_bytes, file.len() as u64);
        let items: Vec<Vec<u8>> = items.into_iter().map(Result::unwrap).collect();
        let bodies: Vec<Vec<u8>> = messages.iter().map(|it| it[2..].to_vec()).collect();
        prop_assert_eq!(items, bodies);
    }

    #[test]
    fn every_byte_is_counted_whatever_the_bytes_are(
        bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
        options in options(),
    ) {
        let (items, tally) = read_all(&bytes, options);
        prop_assert!(is_whole(&tally));
        let faults = items.iter().filter(|it| it.is_err()).count() as u64;
        prop_assert_eq!(faults, tally.faults);
        prop_assert_eq!(faults, tally.rejected + tally.gaps + u64::from(options.on_fault == OnFault::Stop) * faults);
        if options.on_fault == OnFault::Resync || faults == 0 {
            prop_assert_eq!(tally.bytes, bytes.len() as u64);
        }
    }

    #[test]
    fn every_byte_of_a_damaged_file_is_counted(file in damaged_file(), options in options()) {
        let (items, tally) = read_all(&file, options);
        prop_assert!(is_whole(&tally));
        prop_assert_eq!(items.iter().filter(|it| it.is_ok()).count() as u64, tally.messages);
        if options.on_fault == OnFault::Resync {
            prop_assert_eq!(tally.bytes, file.len() as u64);
            prop_assert_eq!(tally.faults, tally.rejected + tally.gaps);
        }
    }

    #[test]
    fn a_stream_gives_what_the_whole_gives(
        file in damaged_file(),
        options in options(),
        sizes in proptest::collection::vec(0..700_usize, 1..8),
    ) {
        prop_assume!(sizes.iter().any(|size| *size > 0));
        let source = Dribble::new(&file, &sizes);
        prop_assert_eq!(read_stream(source, options, 0), read_all(&file, options));
    }

    #[test]
    fn transactions_are_those_of_the_messages_with_their_offsets(file in damaged_file(), options in options()) {
        let mut reader = Reader::new(&file, options);
        let mut expected = Vec::new();
        let mut sequence = 0;
        while let Some(item) = reader.next() {
            match item {
                Ok(message) => {
                    let offset = reader.offset() - message.as_bytes().len() as u64 - 2;
                    for transaction in message.transactions(sequence) {
                        expected.push((Ok(transaction), offset));
                        sequence += 1;
                    }
                }
                Err(error) => expected.push((Err(error), error.offset)),
            }
        }
        let mut transactions = TransactionReader::new(Reader::new(&file, options));
        let mut found = Vec::new();
        while let Some(item) = transactions.next() {
            found.push((item, transactions.offset()));
        }
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(transactions.tally(), reader.tally());
        let transactions = TransactionReader::new(Reader::new(&file, options));
        let folded = transactions.fold(Vec::new(), |mut all, item| { all.push(item); all });
        prop_assert!(folded.iter().eq(found.iter().map(|it| &it.0)));
    }

    #[test]
    fn errors_lie_where_the_counted_bytes_end(file in damaged_file()) {
        let mut reader = Reader::new(&file, RESYNC);
        let mut end = 0;
        while let Some(item) = reader.next() {
            match item {
                Ok(message) => {
                    let length = message.as_bytes().len() as u64;
                    prop_assert!(reader.offset() >= end + 2 + length);
                    prop_assert_eq!(&file[(reader.offset() - length) as usize..reader.offset() as usize], message.as_bytes());
                }
                Err(error) => prop_assert_eq!(error.offset, reader.offset()),
            }
            end = reader.offset();
        }
    }

    #[test]
    fn a_damaged_stretch_costs_the_messages_that_it_touches(
        messages in file(60),
        place in any::<prop::sample::Index>(),
        junk in proptest::collection::vec(any::<u8>(), 1..100),
    ) {
        prop_assume!(!messages.is_empty());
        let file = messages.concat();
        let start = place.index(file.len());
        let end = (start + junk.len()).min(file.len());
        let mut damaged = file.clone();
        damaged[start..end].copy_from_slice(&junk[..end - start]);
        let (items, _) = read_all(&damaged, RESYNC);
        let read: Vec<Vec<u8>> = items.into_iter().filter_map(Result::ok).collect();

        let mut offset = 0;
        let mut before = 0;
        let mut behind = 0;
        for message in &messages {
            before += usize::from(offset + message.len() <= start);
            behind += usize::from(offset >= end);
            offset += message.len();
        }
        let bodies: Vec<Vec<u8>> = messages.iter().map(|it| it[2..].to_vec()).collect();
        prop_assert_eq!(&read[..before], &bodies[..before]);
        prop_assert!(read.len() >= before + behind);
        prop_assert_eq!(&read[read.len() - behind..], &bodies[bodies.len() - behind..]);
    }
}
