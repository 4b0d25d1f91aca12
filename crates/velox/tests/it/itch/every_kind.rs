//! Each malformation in each type of message, for every way of reading, with its offset.

use super::support::{Read, at, file_of, framed, length_of, read_all};
use velox::itch::{
    Error, EventCode, Fault, MAX_LENGTH, Message, OnFault, Options, OrderDelete, SystemEvent, Zeros,
};

/// Under Miri, where each file takes a while, one in so many.
const STEP: usize = if cfg!(miri) { 199 } else { 1 };

/// A file with one malformation, and what is to be said of it.
struct Bad {
    file: Vec<u8>,
    error: Error,
    /// Well-formed messages in front of it, and behind it.
    before: usize,
    behind: usize,
}

/// A message of 14 bytes, with its length.
fn event() -> Vec<u8> {
    file_of(&SystemEvent::new(at(0, 1), EventCode::StartOfMessages))
}

/// A valid message with this letter, its length in front. No zeros stand in front of its side, where they would be taken
/// for the length of a message that begins with the letter of the side.
fn message(tag: u8) -> Vec<u8> {
    framed(tag, &[1; MAX_LENGTH], 1)
}

/// `bad` behind two messages and in front of four.
fn within(bad: &[u8], fault: Fault) -> Bad {
    let behind = file_of(&OrderDelete::new(at(7, 3), 1)).repeat(4);
    Bad {
        file: [event().repeat(2), bad.to_vec(), behind].concat(),
        error: Error { offset: 28, fault },
        before: 2,
        behind: 4,
    }
}

/// `bad` at the end of the file.
fn at_the_end(bad: &[u8], fault: Fault) -> Bad {
    Bad {
        file: [event().repeat(2), bad.to_vec()].concat(),
        error: Error { offset: 28, fault },
        before: 2,
        behind: 0,
    }
}

/// Reads the file both ways: up to the error, and beyond.
fn check(bad: &Bad, zeros: Zeros) {
    let length = bad.file.len() as u64;
    let good = |(items, _): &Read| items.iter().filter(|it| it.is_ok()).count();

    let on_fault = OnFault::Stop;
    let stopped = read_all(&bad.file, Options { on_fault, zeros });
    assert_eq!(stopped.0.last(), Some(&Err(bad.error)));
    assert_eq!(
        (good(&stopped), stopped.0.len()),
        (bad.before, bad.before + 1)
    );
    let tally = stopped.1;
    assert_eq!((tally.bytes, tally.faults), (bad.error.offset, 1));
    assert_eq!((tally.skipped_bytes, tally.rejected + tally.gaps), (0, 0));

    let on_fault = OnFault::Resync;
    let went_on = read_all(&bad.file, Options { on_fault, zeros });
    assert_eq!(went_on.0[bad.before], Err(bad.error), "{:?}", bad.error);
    assert_eq!(good(&went_on), bad.before + bad.behind, "{:?}", bad.error);
    let tally = went_on.1;
    assert_eq!((tally.bytes, tally.faults), (length, 1), "{:?}", bad.error);
    assert_eq!(
        tally.skipped_bytes,
        length - tally.message_bytes - tally.padding_bytes
    );
    assert_eq!(tally.rejected + tally.gaps, 1);
}

fn check_all(files: impl IntoIterator<Item = Bad>) {
    for bad in files.into_iter().step_by(STEP) {
        check(&bad, Zeros::Accept);
    }
}

#[test]
fn a_file_that_ends_at_any_byte_of_any_message_is_truncated_there() {
    check_all(Message::TAGS.into_iter().flat_map(|tag| {
        let whole = message(tag);
        (1..whole.len()).map(move |end| {
            let length = whole.len() as u16 - 2;
            let fault = match end as u16 {
                1 => Fault::TruncatedLength,
                end => Fault::Truncated {
                    length,
                    left: end - 2,
                },
            };
            at_the_end(&whole[..end], fault)
        })
    }));
}

#[test]
fn a_type_that_there_is_not_is_told_whatever_length_it_has() {
    let tags = (0..=255).filter(|tag| !Message::TAGS.contains(tag));
    check_all(tags.flat_map(|tag| {
        [1, 12, 36, 50].map(|length: u16| {
            let mut bad = length.to_be_bytes().to_vec();
            bad.resize(2 + usize::from(length), b' ');
            bad[2] = tag;
            within(&bad, Fault::UnknownType { tag, length })
        })
    }));
}

#[test]
fn a_length_that_is_not_that_of_its_type_is_told_for_every_type_and_length() {
    check_all(Message::TAGS.into_iter().flat_map(|tag| {
        let lengths = (1..=MAX_LENGTH).filter(move |length| *length != length_of(tag));
        lengths.map(move |length| {
            let mut bad = (length as u16).to_be_bytes().to_vec();
            bad.resize(2 + length, b' ');
            bad[2] = tag;
            let length = length as u16;
            within(&bad, Fault::WrongLength { tag, length })
        })
    }));
}

#[test]
fn a_length_beyond_that_of_any_message_is_told_for_every_length() {
    let few = if cfg!(miri) { 40_000 } else { 61 };
    let lengths = (51..=u16::MAX).step_by(few).chain([u16::MAX]);
    for length in lengths {
        for tag in [b'A', b'?'] {
            let bad = [&length.to_be_bytes()[..], &[tag], &[b' '; 40]].concat();
            check(&within(&bad, Fault::Oversized { length }), Zeros::Accept);
        }
    }
}

#[test]
fn a_length_of_zero_is_told_where_nothing_known_follows_or_it_is_not_accepted() {
    check(&within(b"\0\0?", Fault::ZeroLength), Zeros::Accept);
    check(&at_the_end(b"\0\0?", Fault::ZeroLength), Zeros::Accept);
    check(&within(b"\0\0", Fault::ZeroLength), Zeros::Reject);
    check(&at_the_end(b"\0\0", Fault::ZeroLength), Zeros::Reject);
}

/// Of a message in front of which the length is 0 the end of the file can be missing as well.
#[test]
fn a_message_without_its_length_can_be_truncated_too() {
    check_all(Message::TAGS.into_iter().flat_map(|tag| {
        let mut whole = message(tag);
        whole[..2].fill(0);
        let length = whole.len() as u16 - 2;
        (3..whole.len()).map(move |end| {
            let left = end as u16 - 2;
            at_the_end(&whole[..end], Fault::Truncated { length, left })
        })
    }));
}
