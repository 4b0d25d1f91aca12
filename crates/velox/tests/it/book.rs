//! One writer's book against the oracle, and its edges.

use crate::oracle::{Prices, compare};
use velox::{BookConfig, BookError, BookWriter, Level, Price, Side};

const ALL: (i32, i32) = (i32::MIN, i32::MAX);

fn updates(native: u64) -> u64 {
    if cfg!(miri) { native / 2000 } else { native }
}

#[test]
fn a_book_agrees_with_ordered_maps_after_every_update() {
    for (seed, slots, step) in [
        (1, 4096, 1),
        (2, 64, 1),
        (3, 1024, 100),
        (4, 64, 7),
        (5, 1 << 18, 1),
    ] {
        // Every access is interpreted under Miri.
        let slots = if cfg!(miri) { slots.min(1024) } else { slots };
        let mut book = BookWriter::with_config(BookConfig { slots, step });
        let prices = Prices {
            range: ALL,
            anywhere: 50,
            most: u64::MAX,
        };
        let refused = compare(&mut book, prices, seed, updates(100_000));
        assert!(cfg!(miri) || refused > 0, "refusals are tried too");
    }
}

#[test]
fn a_book_at_either_end_of_the_prices_agrees_with_ordered_maps() {
    for (seed, range) in [
        (6, (i32::MIN, i32::MIN + 300)),
        (7, (i32::MAX - 300, i32::MAX)),
    ] {
        let mut book = BookWriter::with_config(BookConfig { slots: 64, step: 1 });
        let prices = Prices {
            range,
            anywhere: 5,
            most: u64::MAX,
        };
        compare(&mut book, prices, seed, updates(60_000));
    }
}

#[test]
fn prices_at_the_ends_are_prices_and_not_empty_sides() {
    let (lowest, highest) = (Price::MIN, Price::MAX);
    let mut book = BookWriter::new();
    let reader = book.reader();
    for (bid, ask) in [(lowest, highest), (highest, lowest)] {
        assert_eq!((reader.top().bid, reader.top().ask), (None, None));
        book.add(Side::Bid, bid, 1).unwrap();
        assert_eq!((reader.top().bid, reader.top().ask), (Some(bid), None));
        book.add(Side::Ask, ask, 1).unwrap();
        assert_eq!((reader.top().bid, reader.top().ask), (Some(bid), Some(ask)));
        let spread = reader.top().spread().unwrap();
        assert_eq!(spread, i64::from(ask.ticks()) - i64::from(bid.ticks()));
        book.remove(Side::Bid, bid, 1).unwrap();
        assert_eq!((reader.top().bid, reader.top().ask), (None, Some(ask)));
        book.remove(Side::Ask, ask, 1).unwrap();
    }
}

#[test]
fn the_window_follows_a_market_that_moves_away() {
    let mut book = BookWriter::with_config(BookConfig { slots: 64, step: 1 });
    let end = if cfg!(miri) { 200 } else { 10_000 };
    for ticks in 0..end {
        book.add(Side::Bid, Price::new(ticks), 1).unwrap();
        book.add(Side::Ask, Price::new(ticks + 1), 1).unwrap();
        if ticks >= 20 {
            book.remove(Side::Ask, Price::new(ticks - 19), 1).unwrap();
        }
        assert_eq!(book.top().bid, Some(Price::new(ticks)));
    }
    assert_eq!(book.levels(Side::Bid).count(), end as usize);
    let down = book.levels(Side::Bid).zip((0..end).rev());
    for (level, ticks) in down {
        assert_eq!(
            level,
            Level {
                price: Price::new(ticks),
                quantity: 1
            }
        );
    }
}

#[test]
fn a_refused_update_changes_nothing_inside_and_outside_the_window() {
    let mut book = BookWriter::with_config(BookConfig { slots: 64, step: 1 });
    book.add(Side::Bid, Price::new(0), 5).unwrap();
    for ticks in [0, 1_000_000, i32::MIN] {
        let price = Price::new(ticks);
        book.set(Side::Bid, price, u64::MAX);
        let before = book.depth(usize::MAX);
        let full = BookError::Overflow { held: u64::MAX };
        assert_eq!(book.add(Side::Bid, price, 1), Err(full));
        assert_eq!(book.depth(usize::MAX), before);
        book.set(Side::Bid, price, 3);
        let few = BookError::Underflow { held: 3 };
        assert_eq!(book.remove(Side::Bid, price, 4), Err(few));
        assert_eq!(book.quantity_at(Side::Bid, price), 3);
    }
}

#[test]
fn nothing_added_is_no_level() {
    let mut book = BookWriter::new();
    for ticks in [0, i32::MIN, i32::MAX] {
        book.add(Side::Bid, Price::new(ticks), 0).unwrap();
        book.remove(Side::Ask, Price::new(ticks), 0).unwrap();
    }
    assert_eq!(book.depth(9), velox::Depth::default());
    assert_eq!(book.reader().top(), velox::Top::default());
}

#[test]
fn a_crossed_book_is_held_as_it_is() {
    let mut book = BookWriter::new();
    book.add(Side::Bid, Price::new(10), 1).unwrap();
    book.add(Side::Ask, Price::new(10), 2).unwrap();
    book.add(Side::Ask, Price::new(8), 3).unwrap();
    assert_eq!(
        (book.top().spread(), book.top().mid()),
        (Some(-2), Some(9.0))
    );
    assert_eq!(book.quantity_at(Side::Ask, Price::new(10)), 2);
}
