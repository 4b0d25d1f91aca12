//! The shared book against the oracle, its edges, and many threads on it.

use crate::oracle::{Prices, Random, compare};
use std::thread;
use velox::{BookError, Price, SharedBook, SharedBookConfig, Side};

fn book(first: i32, slots: usize, step: u32) -> SharedBook {
    SharedBook::new(SharedBookConfig {
        first: Price::new(first),
        slots,
        step,
    })
}

fn updates(native: u64) -> u64 {
    if cfg!(miri) { native / 1000 } else { native }
}

#[test]
fn a_shared_book_agrees_with_ordered_maps_after_every_update() {
    let windows = [
        (0, 1),
        (-3, 17),
        (i32::MIN, 300),
        (i32::MAX - 4095, 4096),
        (1_000, 1 << 16),
    ];
    for (seed, (first, slots)) in (1..).zip(windows) {
        let slots = if cfg!(miri) { slots.min(300) } else { slots };
        let last = (i64::from(first) + slots as i64 - 1) as i32;
        let prices = Prices {
            range: (first, last),
            anywhere: 50,
            most: u64::MAX >> 16,
        };
        compare(&mut book(first, slots, 1), prices, seed, updates(20_000));
    }
}

#[test]
fn a_price_outside_of_the_window_or_between_two_steps_is_refused() {
    let book = book(100, 10, 5);
    let outside = [i32::MIN, 0, 95, 99, 101, 146, 150, i32::MAX];
    for ticks in outside {
        assert_eq!(
            book.add(Side::Bid, Price::new(ticks), 1),
            Err(BookError::OutOfWindow)
        );
        assert_eq!(
            book.remove(Side::Ask, Price::new(ticks), 0),
            Err(BookError::OutOfWindow)
        );
        assert_eq!(book.quantity_at(Side::Bid, Price::new(ticks)), 0);
    }
    for ticks in [100, 145] {
        assert_eq!(book.add(Side::Bid, Price::new(ticks), 1), Ok(()));
        assert_eq!(book.top().bid, Some(Price::new(ticks)));
    }
}

#[test]
fn a_window_that_would_reach_beyond_the_highest_price_ends_there() {
    let book = book(i32::MAX - 9, 1000, 10);
    assert_eq!(book.add(Side::Ask, Price::new(i32::MAX - 9), 1), Ok(()));
    assert_eq!(
        book.add(Side::Ask, Price::MAX, 1),
        Err(BookError::OutOfWindow)
    );
    assert_eq!(book.top().ask, Some(Price::new(i32::MAX - 9)));
}

/// Each thread adds to levels and removes what it has added. What remains is what no thread removed.
#[test]
fn nothing_is_lost_between_many_writers() {
    let (threads, rounds) = (4, if cfg!(miri) { 20 } else { 20_000 });
    let book = book(0, 64, 1);
    let own = |thread: u64| {
        let (book, mut random) = (&book, Random(thread));
        let mut kept = [0_u64; 128];
        for round in 0..rounds {
            let (slot, by) = (random.below(64) as usize, 1 + random.below(9));
            let side = if random.below(2) == 0 {
                Side::Bid
            } else {
                Side::Ask
            };
            let price = Price::new(slot as i32);
            book.add(side, price, by).unwrap();
            if book.top().of(side).is_none() {
                panic!("my own level is there, so the side is not empty");
            }
            if round % 100 == 0 {
                kept[slot + 64 * usize::from(side == Side::Ask)] += by;
            } else {
                book.remove(side, price, by).unwrap();
            }
        }
        kept
    };
    let kept: Vec<[u64; 128]> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|it| scope.spawn(move || own(it)))
            .collect();
        running.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let mut best = (None, None);
    for slot in 0..64 {
        let price = Price::new(slot as i32);
        let sum = |at: usize| kept.iter().map(|it| it[at]).sum::<u64>();
        assert_eq!(book.quantity_at(Side::Bid, price), sum(slot));
        assert_eq!(book.quantity_at(Side::Ask, price), sum(slot + 64));
        if sum(slot) > 0 {
            best.0 = Some(price);
        }
        if sum(slot + 64) > 0 && best.1.is_none() {
            best.1 = Some(price);
        }
    }
    assert_eq!((book.top().bid, book.top().ask), best);
}

/// A thread's own level is never missing from what it sees itself, whatever others do beside it.
#[test]
fn a_writer_always_sees_its_own_best_price() {
    let rounds = if cfg!(miri) { 20 } else { 20_000 };
    let book = book(0, 4096, 1);
    thread::scope(|scope| {
        for thread in 0..3 {
            let book = &book;
            scope.spawn(move || {
                let mut random = Random(thread);
                for _ in 0..rounds {
                    let price = Price::new(4090 + random.below(6) as i32);
                    book.add(Side::Bid, price, 1).unwrap();
                    assert!(book.top().bid >= Some(price), "{:?} {price:?}", book.top());
                    book.remove(Side::Bid, price, 1).unwrap();
                }
            });
        }
    });
    assert_eq!(book.top().bid, None);
}
