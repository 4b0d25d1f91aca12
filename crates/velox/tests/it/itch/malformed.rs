//! A file of each kind of malformation gives its error with its offset.

use super::support::{RESYNC, at, file_of, read_all, symbol};
use velox::Side;
use velox::itch::{
    AddOrder, DAY_NS, Error, EventCode, Fault, MAX_PRICE, Message, Options, OrderDelete, Reader,
    SystemEvent, Tally, Trade, Zeros,
};

/// All bytes and lengths are tried, or under Miri, where each takes a while, some of them.
const STEP: usize = if cfg!(miri) { 53 } else { 1 };

/// A message of 14 bytes, with its length.
fn event() -> Vec<u8> {
    file_of(&SystemEvent::new(at(0, 1), EventCode::StartOfMessages))
}

fn add() -> Vec<u8> {
    file_of(&AddOrder::new(
        at(7, 2),
        1,
        Side::Bid,
        100,
        symbol("AAPL"),
        10,
    ))
}

/// The file with `bad` behind one message and in front of four.
fn around(bad: &[u8]) -> Vec<u8> {
    let delete = file_of(&OrderDelete::new(at(7, 3), 1));
    [event(), bad.to_vec(), delete.repeat(4)].concat()
}

/// Reads `bad` between good messages, to its error and beyond.
fn check(bad: &[u8], fault: Fault, rejected: u64) {
    let file = around(bad);
    let error = Error { offset: 14, fault };

    let (items, tally) = read_all(&file, Options::default());
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].as_deref(), Ok(&event()[2..]));
    assert_eq!(items[1], Err(error));
    assert_eq!((tally.messages, tally.bytes, tally.faults), (1, 14, 1));

    let (items, tally) = read_all(&file, RESYNC);
    assert_eq!(items[1], Err(error));
    let skipped = Tally {
        messages: 5,
        message_bytes: (file.len() - bad.len()) as u64,
        faults: 1,
        rejected,
        gaps: 1 - rejected,
        skipped_bytes: bad.len() as u64,
        bytes: file.len() as u64,
        ..Tally::default()
    };
    assert_eq!(tally, skipped);
    assert_eq!(items.len(), 6);
}

/// `file`, changed at one place.
fn with(mut file: Vec<u8>, place: usize, bytes: &[u8]) -> Vec<u8> {
    file[place..place + bytes.len()].copy_from_slice(bytes);
    file
}

#[test]
fn a_file_that_ends_within_a_length_is_truncated() {
    let file = [event(), vec![0]].concat();
    let (items, tally) = read_all(&file, Options::default());
    let error = Error {
        offset: 14,
        fault: Fault::TruncatedLength,
    };
    assert_eq!(items[1..], [Err(error)]);
    assert_eq!(tally.bytes, 14);
    let (items, tally) = read_all(&file, RESYNC);
    assert_eq!(items[1..], [Err(error)]);
    assert_eq!((tally.bytes, tally.skipped_bytes, tally.gaps), (15, 1, 1));
}

#[test]
fn a_file_that_ends_within_a_message_is_truncated() {
    for left in (0..36).step_by(STEP) {
        let file = [event(), add()[..2 + left].to_vec()].concat();
        let (items, tally) = read_all(&file, Options::default());
        let fault = Fault::Truncated {
            length: 36,
            left: left as u16,
        };
        assert_eq!(items[1..], [Err(Error { offset: 14, fault })]);
        assert_eq!(tally.bytes, 14);
        let (_, tally) = read_all(&file, RESYNC);
        assert_eq!(
            (tally.bytes, tally.skipped_bytes),
            (file.len() as u64, 2 + left as u64)
        );
    }
}

#[test]
fn a_byte_that_begins_no_message_is_an_unknown_type() {
    for tag in (0..=255_u8)
        .step_by(STEP)
        .filter(|tag| !Message::TAGS.contains(tag))
    {
        check(
            &with(add(), 2, &[tag]),
            Fault::UnknownType { tag, length: 36 },
            1,
        );
    }
}

#[test]
fn a_length_that_the_type_does_not_have_is_wrong() {
    let long = [&[0, 37][..], &add()[2..], &[0]].concat();
    check(
        &long,
        Fault::WrongLength {
            tag: b'A',
            length: 37,
        },
        1,
    );
    let short = with(add(), 0, &[0, 35]);
    check(
        &short,
        Fault::WrongLength {
            tag: b'A',
            length: 35,
        },
        0,
    );
}

#[test]
fn a_length_beyond_that_of_any_message_is_oversized() {
    check(
        &with(add(), 0, &[0, 51]),
        Fault::Oversized { length: 51 },
        0,
    );
    check(
        &with(add(), 0, &[255, 255]),
        Fault::Oversized { length: 65_535 },
        0,
    );
}

#[test]
fn a_length_of_zero_with_a_message_behind_it_is_that_of_the_message() {
    let (items, tally) = read_all(&around(&with(add(), 0, &[0, 0])), Options::default());
    assert_eq!(items[1].as_deref(), Ok(&add()[2..]));
    assert_eq!((tally.messages, tally.padding_bytes), (6, 0));
}

#[test]
fn a_length_of_zero_without_a_message_is_padding() {
    for count in (1..200).step_by(STEP) {
        let file = [event(), vec![0; 2 * count], event(), vec![0; 2 * count]].concat();
        let (items, tally) = read_all(&file, Options::default());
        assert_eq!(items.len(), 2);
        assert_eq!((tally.messages, tally.padding_bytes), (2, 4 * count as u64));
        assert_eq!((tally.bytes, tally.faults), (file.len() as u64, 0));
    }
}

#[test]
fn a_length_of_zero_with_something_else_behind_it_is_an_error() {
    check(&[0, 0, b'?', 1, 2, 3], Fault::ZeroLength, 0);
}

#[test]
fn a_length_of_zero_is_an_error_where_it_is_not_accepted() {
    let options = Options {
        zeros: Zeros::Reject,
        ..Options::default()
    };
    let fault = Fault::ZeroLength;
    for file in [around(&with(add(), 0, &[0, 0])), around(&[0, 0])] {
        let (items, _) = read_all(&file, options);
        assert_eq!(items[1..], [Err(Error { offset: 14, fault })]);
    }
}

#[test]
fn a_letter_that_is_no_side_is_invalid() {
    for letter in (0..=255_u8)
        .step_by(STEP)
        .filter(|letter| !b"BS".contains(letter))
    {
        let side = Fault::Field {
            tag: b'A',
            field: "side",
        };
        check(&with(add(), 21, &[letter]), side, 1);
    }
    let trade = Trade::new(at(7, 2), 1, Side::Ask, 100, symbol("AAPL"), 10, 1);
    let side = Fault::Field {
        tag: b'P',
        field: "side",
    };
    check(&with(file_of(&trade), 21, b"?"), side, 1);
}

#[test]
fn a_code_that_nobody_knows_is_none_of_a_readers_business() {
    let file = with(event(), 13, b"?");
    let Some(Ok(Message::SystemEvent(event))) = Reader::new(&file, Options::default()).next()
    else {
        panic!("it is read");
    };
    assert_eq!((event.event.byte(), event.event.known()), (b'?', None));
}

#[test]
fn a_price_that_no_order_can_have_is_invalid() {
    let most = with(add(), 34, &MAX_PRICE.to_be_bytes());
    assert!(
        Reader::new(&most, Options::default())
            .next()
            .unwrap()
            .is_ok()
    );
    let above = with(add(), 34, &(MAX_PRICE + 1).to_be_bytes());
    check(
        &above,
        Fault::Field {
            tag: b'A',
            field: "price",
        },
        1,
    );
}

#[test]
fn a_time_beyond_the_day_is_invalid() {
    let last = with(event(), 7, &(DAY_NS - 1).to_be_bytes()[2..]);
    assert!(
        Reader::new(&last, Options::default())
            .next()
            .unwrap()
            .is_ok()
    );
    let beyond = with(event(), 7, &DAY_NS.to_be_bytes()[2..]);
    check(
        &beyond,
        Fault::Time {
            tag: b'S',
            ns: DAY_NS,
        },
        1,
    );
}

#[test]
fn messages_of_several_kinds_of_damage_are_all_told() {
    let unknown = with(add(), 2, b"?");
    let side = with(add(), 21, b"?");
    let file = [
        unknown.clone(),
        event().repeat(3),
        side.clone(),
        side,
        event(),
    ]
    .concat();
    let (items, tally) = read_all(&file, RESYNC);
    let offsets: Vec<u64> = items
        .iter()
        .filter_map(|it| it.as_ref().err())
        .map(|it| it.offset)
        .collect();
    assert_eq!(offsets, [0, 80, 118]);
    assert_eq!((tally.messages, tally.rejected, tally.gaps), (4, 3, 0));
}

#[test]
fn nothing_is_read_behind_an_error_that_stops() {
    let file = around(b"\0\x05A");
    let mut reader = Reader::new(&file, Options::default());
    assert_eq!(reader.by_ref().count(), 2);
    assert_eq!(reader.next(), None);
    assert_eq!(reader.rest().len(), file.len() - 14);
    assert_eq!(reader.offset(), 14);
}
