//! One writer and its readers.

use crate::bounded;
use loom::thread;
use velox::{BookConfig, BookReader, BookWriter, Depth, Price, Side};

const TINY: BookConfig = BookConfig { slots: 64, step: 1 };

fn bids(reader: &BookReader) -> Vec<i32> {
    reader
        .levels(Side::Bid)
        .map(|it| it.price.ticks())
        .collect()
}

#[test]
fn two_readers_see_states_of_one_moment_each() {
    bounded(2, || {
        let mut book = BookWriter::with_config(TINY);
        book.add(Side::Bid, Price::new(1), 1).unwrap();
        let (one, two) = (book.reader(), book.reader());
        let look = |reader: BookReader| {
            // Once each: two that wait for a third one may do so for ever in a model.
            let mut depth = Depth::default();
            if reader.try_depth_into(9, &mut depth) {
                let seen: Vec<i32> = depth.bids.iter().map(|it| it.price.ticks()).collect();
                assert!([&[1][..], &[2, 1], &[2]].contains(&&seen[..]), "{seen:?}");
            }
        };
        let threads = [
            thread::spawn(move || look(one)),
            thread::spawn(move || look(two)),
        ];
        book.add(Side::Bid, Price::new(2), 1).unwrap();
        book.remove(Side::Bid, Price::new(1), 1).unwrap();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_reader_beside_a_window_that_grows_sees_one_moment() {
    bounded(2, || {
        let config = BookConfig {
            slots: 128,
            step: 1,
        };
        let mut book = BookWriter::with_config(config);
        book.add(Side::Bid, Price::new(0), 1).unwrap();
        // Outside of 64 slots, inside of 128; the sixteenth such update makes it grow.
        for _ in 0..7 {
            book.add(Side::Bid, Price::new(-60), 1).unwrap();
            book.remove(Side::Bid, Price::new(-60), 1).unwrap();
        }
        book.add(Side::Bid, Price::new(-61), 1).unwrap();
        let reader = book.reader();
        let thread = thread::spawn(move || {
            let mut depth = Depth::default();
            if reader.try_depth_into(9, &mut depth) {
                let seen: Vec<i32> = depth.bids.iter().map(|it| it.price.ticks()).collect();
                assert!(
                    [&[0, -61][..], &[0, -60, -61]].contains(&&seen[..]),
                    "{seen:?}"
                );
            }
        });
        book.add(Side::Bid, Price::new(-60), 1).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn a_level_that_is_seen_has_its_quantity() {
    bounded(3, || {
        let mut book = BookWriter::with_config(TINY);
        let reader = book.reader();
        let thread = thread::spawn(move || {
            let seen: Vec<u64> = reader.levels(Side::Bid).map(|it| it.quantity).collect();
            assert!([&[][..], &[4]].contains(&&seen[..]), "{seen:?}");
        });
        book.add(Side::Bid, Price::new(1), 4).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn what_one_look_has_seen_no_later_look_misses() {
    bounded(3, || {
        let mut book = BookWriter::with_config(TINY);
        let reader = book.reader();
        let thread = thread::spawn(move || {
            let first = reader.quantity_at(Side::Ask, Price::new(1));
            let second = reader.quantity_at(Side::Ask, Price::new(2));
            assert!(first == 0 || second == 5, "{first} {second}");
        });
        book.add(Side::Ask, Price::new(2), 5).unwrap();
        book.add(Side::Ask, Price::new(1), 3).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn who_has_seen_a_best_price_finds_its_level() {
    bounded(3, || {
        let mut book = BookWriter::with_config(TINY);
        book.add(Side::Ask, Price::new(9), 1).unwrap();
        let reader = book.reader();
        let thread = thread::spawn(move || {
            if reader.top().bid.is_some() {
                assert_eq!(reader.quantity_at(Side::Bid, Price::new(5)), 3);
            }
        });
        book.add(Side::Bid, Price::new(5), 3).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn who_has_seen_both_best_prices_finds_their_levels() {
    bounded(3, || {
        let mut book = BookWriter::with_config(TINY);
        book.add(Side::Ask, Price::new(9), 1).unwrap();
        book.add(Side::Bid, Price::new(4), 1).unwrap();
        let reader = book.reader();
        let thread = thread::spawn(move || {
            // Both sides have a level throughout, so this is the way of one load.
            if reader.top().bid == Some(Price::new(5)) {
                assert_eq!(reader.quantity_at(Side::Bid, Price::new(5)), 3);
            }
        });
        book.add(Side::Bid, Price::new(5), 3).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn a_best_price_is_not_older_than_the_edge_beside_it() {
    bounded(3, || {
        let mut book = BookWriter::with_config(TINY);
        book.add(Side::Ask, Price::new(2), 1).unwrap();
        let reader = book.reader();
        let thread = thread::spawn(move || {
            let top = reader.top();
            let asked = top.ask.unwrap().ticks();
            assert!(top.bid.is_none() || asked == 1, "{top:?}");
        });
        book.add(Side::Ask, Price::new(1), 1).unwrap();
        book.add(Side::Bid, Price::MIN, 1).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn a_best_price_is_not_younger_than_the_edge_beside_it() {
    bounded(3, || {
        let mut book = BookWriter::with_config(TINY);
        book.add(Side::Ask, Price::new(2), 1).unwrap();
        book.add(Side::Bid, Price::MIN, 1).unwrap();
        let reader = book.reader();
        let thread = thread::spawn(move || {
            let top = reader.top();
            let asked = top.ask.unwrap().ticks();
            assert!(top.bid.is_none() || asked == 2, "{top:?}");
        });
        book.remove(Side::Bid, Price::MIN, 1).unwrap();
        book.add(Side::Ask, Price::new(1), 1).unwrap();
        thread.join().unwrap();
    });
}

#[test]
fn a_level_is_found_while_the_window_moves_over_it() {
    bounded(2, || {
        let mut book = BookWriter::with_config(TINY);
        let far = Price::new(1000);
        book.add(Side::Bid, Price::new(0), 2).unwrap();
        let reader = book.reader();
        let thread = thread::spawn(move || {
            let quantity = reader.quantity_at(Side::Bid, far);
            assert!([0, 7].contains(&quantity), "{quantity}");
            let seen = bids(&reader);
            let late = [&[1000, 0][..], &[1000]].contains(&&seen[..]);
            assert!(
                late || (seen == [0] && quantity == 0),
                "{seen:?} after {quantity}"
            );
        });
        book.add(Side::Bid, far, 7).unwrap();
        book.remove(Side::Bid, Price::new(0), 2).unwrap();
        // The window is empty now, and goes where the next update is.
        book.add(Side::Bid, far, 0).unwrap();
        thread.join().unwrap();
    });
}
