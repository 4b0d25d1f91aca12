//! Files whose messages are well-formed and can't be true: the books refuse them, and the readers say where.

use super::support::{at, file_of, participant, symbol};
use velox::itch::{
    AddAttributedOrder, AddOrder, BrokenTrade, Options, OrderCancel, OrderDelete, OrderExecuted,
    OrderExecutedWithPrice, OrderReplace, Reader, StreamReader, SystemEvent, TransactionReader,
    YesNo,
};
use velox::{
    ApplyError, BookError, Books, Kind, OrderError, Price, SharedBook, SharedBookConfig, Side,
    Transaction,
};

fn add(order: u64, shares: u32) -> Vec<u8> {
    let header = at(7, 3);
    file_of(&AddOrder::new(
        header,
        order,
        Side::Bid,
        shares,
        symbol("AAPL"),
        10,
    ))
}

fn add_attributed(order: u64, shares: u32) -> Vec<u8> {
    let (header, stock) = (at(7, 3), symbol("AAPL"));
    let whose = participant("VELX");
    file_of(&AddAttributedOrder::new(
        header,
        order,
        Side::Ask,
        shares,
        stock,
        10,
        whose,
    ))
}

fn execute(order: u64, shares: u32) -> Vec<u8> {
    file_of(&OrderExecuted::new(at(7, 3), order, shares, 1))
}

fn execute_at(order: u64, shares: u32) -> Vec<u8> {
    let it = OrderExecutedWithPrice::new(at(7, 3), order, shares, 1, YesNo::Yes, 11);
    file_of(&it)
}

fn cancel(order: u64, shares: u32) -> Vec<u8> {
    file_of(&OrderCancel::new(at(7, 3), order, shares))
}

fn delete(locate: u16, order: u64) -> Vec<u8> {
    file_of(&OrderDelete::new(at(locate, 3), order))
}

fn replace(locate: u16, order: u64, new: u64, shares: u32) -> Vec<u8> {
    file_of(&OrderReplace::new(at(locate, 3), order, new, shares, 12))
}

/// What can't be true while order 1 has 100 shares and order 2 has 50, both of instrument 7; and why.
fn impossible() -> Vec<(&'static str, Vec<u8>, ApplyError)> {
    let unknown = ApplyError::Order(OrderError::Unknown);
    let duplicate = ApplyError::Order(OrderError::Duplicate);
    let empty = ApplyError::Order(OrderError::Empty);
    let excess = ApplyError::Order(OrderError::Excess { left: 100 });
    let instrument = ApplyError::Instrument { order: 7 };
    vec![
        ("E of an unknown order", execute(9, 1), unknown),
        ("C of an unknown order", execute_at(9, 1), unknown),
        ("X of an unknown order", cancel(9, 1), unknown),
        ("D of an unknown order", delete(7, 9), unknown),
        ("U of an unknown order", replace(7, 9, 3, 1), unknown),
        ("E of too many shares", execute(1, 101), excess),
        ("C of too many shares", execute_at(1, u32::MAX), excess),
        ("X of too many shares", cancel(1, 101), excess),
        ("A with a reference that is taken", add(1, 5), duplicate),
        (
            "F with a reference that is taken",
            add_attributed(2, 5),
            duplicate,
        ),
        (
            "U to a reference that is taken",
            replace(7, 1, 2, 5),
            duplicate,
        ),
        ("A of no shares", add(3, 0), empty),
        ("F of no shares", add_attributed(3, 0), empty),
        ("U to no shares", replace(7, 1, 3, 0), empty),
        ("D of another instrument", delete(8, 1), instrument),
        ("U of another instrument", replace(8, 1, 3, 5), instrument),
    ]
}

/// Behind two orders, something that changes no book, and padding; and where it is.
fn behind_orders(message: &[u8]) -> (Vec<u8>, u64) {
    let broken = file_of(&BrokenTrade::new(at(0, 1), 1));
    let start = [broken, add(1, 100), add(2, 50), vec![0; 6]].concat();
    let offset = start.len() as u64;
    let end = file_of(&SystemEvent::new(
        at(0, 4),
        velox::itch::EventCode::EndOfMessages,
    ));
    ([start, message.to_vec(), end].concat(), offset)
}

/// Where the first thing stands that is refused, and why: by the transactions of a file, and by the messages of a stream.
fn refused<E: PartialEq + std::fmt::Debug>(
    file: &[u8],
    mut new: impl FnMut() -> Apply<E>,
) -> (u64, E) {
    let mut apply = new();
    let mut transactions = TransactionReader::new(Reader::new(file, Options::default()));
    let found = loop {
        let transaction = transactions.next().expect("something is refused");
        let transaction = transaction.expect("it is well-formed");
        if let Err(error) = apply(&transaction) {
            break (transactions.offset(), error);
        }
    };
    let mut apply = new();
    let mut stream = StreamReader::with_block(file, Options::default(), 0);
    let streamed = loop {
        let message = stream.next().expect("something is refused");
        let message = message.expect("it is well-formed");
        let length = message.as_bytes().len() as u64 + 2;
        let error = message.transactions(0).find_map(|it| apply(&it).err());
        if let Some(error) = error {
            break (stream.offset() - length, error);
        }
    };
    assert_eq!(found, streamed);
    found
}

/// Applies transactions to books that are new.
type Apply<E> = Box<dyn FnMut(&Transaction) -> Result<(), E>>;

fn books() -> Apply<ApplyError> {
    let mut books = Books::new();
    Box::new(move |transaction| books.apply(transaction))
}

#[test]
fn what_can_not_be_true_is_refused_at_its_offset() {
    for (name, message, error) in impossible() {
        let (file, offset) = behind_orders(&message);
        assert_eq!(refused(&file, books), (offset, error), "{name}");
    }
}

/// A replacement is two transactions: where the reference that it gives is taken, or it leaves no shares, the other one
/// is applied.
#[test]
fn what_is_refused_changes_nothing() {
    for (name, message, _) in impossible() {
        let hash = |file: &[u8]| {
            let mut books = Books::new();
            for message in Reader::new(file, Options::default()) {
                let message = message.expect("it is well-formed");
                for transaction in message.transactions(0) {
                    let applied = books.apply(&transaction);
                    assert!(applied.is_ok() || books.counts().failed() > 0);
                }
            }
            (books.hash(), books.counts().failed())
        };
        let (with, failed) = hash(&behind_orders(&message).0);
        assert!(failed > 0, "{name}");
        let (without, _) = hash(&behind_orders(&[]).0);
        let is_half = ["U to a reference that is taken", "U to no shares"].contains(&name);
        assert_eq!(with == without, !is_half, "{name}");
    }
}

/// A level of a shared book holds less than 2^48 shares, so that a file can have too many; one of 64 bits is full after
/// more orders than a file of 160 gigabytes has.
#[test]
fn more_shares_than_a_level_can_hold_are_refused_at_their_offset() {
    if cfg!(miri) {
        println!("not run: 65,537 orders take Miri minutes");
        return;
    }
    let orders: Vec<u8> = (0..=65_536).flat_map(|it| add(it, u32::MAX)).collect();
    let held = 65_536 * u64::from(u32::MAX);
    let shared = || -> Apply<BookError> {
        let book = SharedBook::new(SharedBookConfig {
            first: Price::new(0),
            slots: 20,
            step: 1,
        });
        Box::new(move |it| {
            assert_eq!(it.kind, Kind::Add);
            book.add(it.side, it.price, it.quantity.into())
        })
    };
    let full = BookError::Overflow { held };
    assert_eq!(refused(&orders, shared), (65_536 * 38, full));
    let mut exact = Books::new();
    for transaction in TransactionReader::new(Reader::new(&orders, Options::default())) {
        let applied = exact.apply(&transaction.expect("it is well-formed"));
        assert_eq!(applied, Ok(()));
    }
    let level = exact
        .book(7)
        .map(|it| it.quantity_at(Side::Bid, Price::new(10)));
    assert_eq!(level, Some(held + u64::from(u32::MAX)));
}

/// The exchange's times don't go back; whether a file's do is for who merges files.
#[test]
fn times_that_go_back_are_read_as_they_are() {
    let late = file_of(&OrderDelete::new(at(7, 9), 1));
    let early = file_of(&OrderDelete::new(at(7, 8), 2));
    let file = [late, early].concat();
    let reader = Reader::new(&file, Options::default());
    let times: Vec<u64> = reader
        .map(|it| it.expect("it is well-formed").header().time.ns())
        .collect();
    assert_eq!(times, [9, 8]);
}
