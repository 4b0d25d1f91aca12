//! Transactions on the books of many instruments.

use crate::oracle::Random;
use std::collections::HashMap;
use velox::{ApplyError, Books, Kind, OnError, Order, OrderError, Price, Side, Transaction};

const ADD: Transaction = Transaction {
    time_ns: 0,
    order: 1,
    price: Price::new(100),
    quantity: 30,
    sequence: 0,
    instrument: 7,
    kind: Kind::Add,
    side: Side::Ask,
};

fn with(kind: Kind) -> Transaction {
    // What the kind does not have is filled with what would do harm if it were read.
    Transaction {
        kind,
        price: Price::MIN,
        side: Side::Bid,
        ..ADD
    }
}

fn asks(books: &Books) -> Vec<(i32, u64)> {
    let levels = books.book(7).expect("it has orders").levels(Side::Ask);
    levels.map(|it| (it.price.ticks(), it.quantity)).collect()
}

#[test]
fn an_execution_reduces_at_the_resting_price_whatever_price_it_has() {
    let mut books = Books::new();
    books.apply(&ADD).unwrap();
    books
        .apply(&Transaction {
            quantity: 10,
            ..with(Kind::Execute)
        })
        .unwrap();
    books
        .apply(&Transaction {
            quantity: 5,
            ..with(Kind::Cancel)
        })
        .unwrap();
    assert_eq!(asks(&books), [(100, 15)]);
    books.apply(&with(Kind::Delete)).unwrap();
    assert_eq!(asks(&books), []);
    assert!(books.orders().is_empty());
}

#[test]
fn a_replacement_moves_the_order_and_a_renaming_gives_it_another_reference() {
    let mut books = Books::new();
    books.apply(&ADD).unwrap();
    let replace = Transaction {
        price: Price::new(90),
        quantity: 8,
        ..with(Kind::Replace)
    };
    books.apply(&replace).unwrap();
    assert_eq!(asks(&books), [(90, 8)]);
    books
        .apply(&with(Kind::Rename).rename(1, u64::MAX))
        .unwrap();
    assert_eq!(
        books.apply(&with(Kind::Delete)),
        Err(OrderError::Unknown.into())
    );
    books
        .apply(&Transaction {
            order: u64::MAX,
            ..with(Kind::Delete)
        })
        .unwrap();
    assert_eq!(asks(&books), []);
}

#[test]
fn what_cannot_be_applied_is_counted_by_cause_and_changes_nothing() {
    let mut books = Books::new();
    books.apply(&ADD).unwrap();
    books.apply(&Transaction { order: 2, ..ADD }).unwrap();
    let hash = books.hash();
    let unknown = |kind| Transaction {
        order: 9,
        ..with(kind)
    };
    let cases: [(Transaction, ApplyError); 12] = [
        (ADD, OrderError::Duplicate.into()),
        (
            Transaction {
                order: 3,
                quantity: 0,
                ..ADD
            },
            OrderError::Empty.into(),
        ),
        (
            Transaction {
                quantity: 31,
                ..with(Kind::Execute)
            },
            OrderError::Excess { left: 30 }.into(),
        ),
        (
            Transaction {
                quantity: 31,
                ..with(Kind::Cancel)
            },
            OrderError::Excess { left: 30 }.into(),
        ),
        (
            Transaction {
                quantity: 0,
                ..with(Kind::Replace)
            },
            OrderError::Empty.into(),
        ),
        (unknown(Kind::Execute), OrderError::Unknown.into()),
        (unknown(Kind::Delete), OrderError::Unknown.into()),
        (unknown(Kind::Replace), OrderError::Unknown.into()),
        (with(Kind::Rename).rename(9, 10), OrderError::Unknown.into()),
        (
            with(Kind::Rename).rename(1, 2),
            OrderError::Duplicate.into(),
        ),
        (
            Transaction {
                instrument: 8,
                ..with(Kind::Delete)
            },
            ApplyError::Instrument { order: 7 },
        ),
        (
            Transaction {
                instrument: 8,
                ..with(Kind::Rename).rename(1, 3)
            },
            ApplyError::Instrument { order: 7 },
        ),
    ];
    for (transaction, error) in &cases {
        assert_eq!(books.apply(transaction), Err(*error), "{transaction:?}");
        assert_eq!(books.hash(), hash, "{transaction:?}");
    }
    let counts = *books.counts();
    assert_eq!(counts.applied, 2);
    assert_eq!((counts.unknown, counts.duplicate, counts.empty), (4, 2, 2));
    assert_eq!(
        (counts.excess, counts.instrument, counts.failed()),
        (2, 2, 12)
    );
    let all = cases.map(|it| it.0);
    assert_eq!(books.apply_all(&all, OnError::Stop), Err((0, cases[0].1)));
    assert_eq!(books.apply_all(&all, OnError::Skip), Ok(()));
    assert_eq!((books.hash(), books.counts().failed()), (hash, 25));
}

#[test]
fn a_full_level_refuses_additions_and_replacements_and_keeps_the_order() {
    let mut books = Books::new();
    books.apply(&ADD).unwrap();
    // A level holds 64 bits and an order 32: only many orders fill one, too many for a test. So the
    // refusal itself is tested on the book, and here that quantities of 32 bits add up.
    for order in 2..=100 {
        books
            .apply(&Transaction {
                order,
                quantity: u32::MAX,
                ..ADD
            })
            .unwrap();
    }
    assert_eq!(asks(&books), [(100, 30 + 99 * u64::from(u32::MAX))]);
}

#[test]
fn the_hash_tells_states_and_not_the_way_to_them() {
    let other = Transaction {
        order: 2,
        instrument: 3,
        price: Price::new(-5),
        side: Side::Bid,
        ..ADD
    };
    let (mut one, mut two) = (
        Books::new(),
        Books::with_config(velox::BookConfig { slots: 64, step: 9 }),
    );
    one.apply_all(&[ADD, other], OnError::Stop).unwrap();
    let detour = Transaction {
        order: 2,
        instrument: 3,
        price: Price::new(77),
        ..ADD
    };
    two.apply_all(
        &[
            detour,
            Transaction {
                kind: Kind::Delete,
                ..detour
            },
            other,
            ADD,
        ],
        OnError::Stop,
    )
    .unwrap();
    assert_eq!(one.hash(), two.hash());
    let hash = one.hash();
    for changed in [
        Transaction {
            quantity: 1,
            ..other
        },
        Transaction {
            instrument: 4,
            ..other
        },
        Transaction {
            side: Side::Ask,
            ..other
        },
        Transaction {
            price: Price::new(5),
            ..other
        },
        Transaction { order: 3, ..other },
    ] {
        let mut books = Books::new();
        books.apply_all(&[ADD, changed], OnError::Stop).unwrap();
        assert_ne!(books.hash(), hash, "{changed:?}");
    }
    assert_eq!(Books::new().hash(), 0);
}

/// Random flows against maps of orders: the books hold what the orders add up to.
#[test]
fn books_hold_what_their_orders_add_up_to() {
    let (mut books, mut model) = (Books::new(), HashMap::<u64, Order>::new());
    let mut random = Random(11);
    let mut alive: Vec<u64> = Vec::new();
    for number in 0..if cfg!(miri) { 1_000_u64 } else { 100_000 } {
        let mut transaction = Transaction {
            order: 5 * number,
            price: Price::new(random.below(200) as i32),
            quantity: 1 + random.below(100) as u32,
            instrument: random.below(3) as u16,
            side: if random.below(2) == 0 {
                Side::Bid
            } else {
                Side::Ask
            },
            ..ADD
        };
        if alive.is_empty() || random.below(2) == 0 {
            let Transaction {
                price,
                quantity,
                instrument,
                side,
                ..
            } = transaction;
            model.insert(
                transaction.order,
                Order {
                    price,
                    quantity,
                    instrument,
                    side,
                },
            );
            alive.push(transaction.order);
            assert_eq!(books.apply(&transaction), Ok(()));
            continue;
        }
        let at = random.below(alive.len() as u64) as usize;
        let order = alive[at];
        let known = model[&order];
        (transaction.order, transaction.instrument) = (order, known.instrument);
        let kinds = [
            Kind::Delete,
            Kind::Cancel,
            Kind::Execute,
            Kind::Replace,
            Kind::Rename,
        ];
        transaction.kind = kinds[random.below(5) as usize];
        if transaction.kind == Kind::Rename {
            transaction = transaction.rename(order, 5 * number + 1);
        }
        let excess = matches!(transaction.kind, Kind::Cancel | Kind::Execute)
            && transaction.quantity > known.quantity;
        let expected = match excess {
            true => Err(OrderError::Excess {
                left: known.quantity,
            }
            .into()),
            false => Ok(()),
        };
        assert_eq!(books.apply(&transaction), expected, "{transaction:?}");
        if excess {
            continue;
        }
        model.remove(&order);
        alive[at] = transaction.order;
        let left = left(&transaction, known);
        if left.quantity == 0 {
            alive.swap_remove(at);
        } else {
            model.insert(transaction.order, left);
        }
    }
    check_levels(&books, &model);
    assert_eq!(books.orders().iter().collect::<HashMap<_, _>>(), model);
}

/// What is left of an order after a transaction that was applied to it.
fn left(transaction: &Transaction, known: Order) -> Order {
    let Transaction {
        price, quantity, ..
    } = *transaction;
    match transaction.kind {
        Kind::Replace => Order {
            price,
            quantity,
            ..known
        },
        Kind::Rename => known,
        Kind::Delete => Order {
            quantity: 0,
            ..known
        },
        _ => Order {
            quantity: known.quantity - quantity,
            ..known
        },
    }
}

/// The books have the levels that the orders make, and no others.
fn check_levels(books: &Books, orders: &HashMap<u64, Order>) {
    let mut levels = HashMap::<(u16, Side, Price), u64>::new();
    for order in orders.values() {
        *levels
            .entry((order.instrument, order.side, order.price))
            .or_default() += u64::from(order.quantity);
    }
    for (instrument, book) in books.instruments() {
        for side in [Side::Bid, Side::Ask] {
            for level in book.levels(side) {
                assert_eq!(
                    levels.remove(&(instrument, side, level.price)),
                    Some(level.quantity)
                );
            }
        }
    }
    assert!(levels.is_empty(), "missing in the books: {levels:?}");
}
