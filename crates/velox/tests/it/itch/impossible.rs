//! Files whose messages are well-formed and can't be true: the books refuse them, and the reader says where.

use super::support::{at, file_of, symbol};
use velox::itch::{
    AddOrder, BrokenTrade, Options, OrderCancel, OrderDelete, OrderExecuted, OrderReplace, Reader,
    TransactionReader,
};
use velox::{ApplyError, Books, OrderError, Side};

/// An order of 100 shares, with something that changes no book in front of it.
fn order() -> Vec<u8> {
    let broken = file_of(&BrokenTrade::new(at(0, 1), 1));
    let add = file_of(&AddOrder::new(
        at(7, 2),
        1,
        Side::Bid,
        100,
        symbol("AAPL"),
        10,
    ));
    [broken, add].concat()
}

/// Where the first thing stands that books refuse, and why.
fn refused(file: &[u8]) -> (u64, ApplyError) {
    let mut books = Books::new();
    let mut transactions = TransactionReader::new(Reader::new(file, Options::default()));
    while let Some(transaction) = transactions.next() {
        let transaction = transaction.expect("it is well-formed");
        if let Err(error) = books.apply(&transaction) {
            return (transactions.offset(), error);
        }
    }
    panic!("nothing is refused");
}

/// Behind the first messages, with padding between.
fn behind(message: Vec<u8>) -> (Vec<u8>, u64) {
    let start = [order(), vec![0; 6]].concat();
    let offset = start.len() as u64;
    ([start, message].concat(), offset)
}

#[test]
fn an_unknown_reference_is_refused_at_its_offset() {
    let unknown = ApplyError::Order(OrderError::Unknown);
    for message in [
        file_of(&OrderDelete::new(at(7, 3), 2)),
        file_of(&OrderExecuted::new(at(7, 3), 2, 1, 1)),
        file_of(&OrderReplace::new(at(7, 3), 2, 3, 1, 1)),
    ] {
        let (file, offset) = behind(message);
        assert_eq!(refused(&file), (offset, unknown));
    }
}

#[test]
fn more_shares_than_an_order_has_are_refused_at_their_offset() {
    let excess = ApplyError::Order(OrderError::Excess { left: 100 });
    for message in [
        file_of(&OrderExecuted::new(at(7, 3), 1, 101, 1)),
        file_of(&OrderCancel::new(at(7, 3), 1, u32::MAX)),
    ] {
        let (file, offset) = behind(message);
        assert_eq!(refused(&file), (offset, excess));
    }
}

#[test]
fn a_reference_that_is_taken_is_refused_at_its_offset() {
    let again = AddOrder::new(at(7, 3), 1, Side::Ask, 5, symbol("AAPL"), 20);
    let (file, offset) = behind(file_of(&again));
    let duplicate = ApplyError::Order(OrderError::Duplicate);
    assert_eq!(refused(&file), (offset, duplicate));
}
