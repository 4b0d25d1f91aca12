//! Readers on other threads while the writer writes.

use crate::oracle::Random;
use std::thread;
use velox::{BookConfig, BookWriter, Depth, Price, Side};

#[test]
fn readers_see_whole_states_in_their_order_while_the_window_moves() {
    watch_moving_units(64);
}

#[test]
fn readers_see_whole_states_in_their_order_while_the_window_grows() {
    watch_moving_units(4096);
}

/// Each round moves one unit: first it comes to a new price, then it leaves the old one, so that at
/// each moment there are one or two of them, the newest the best. Rounds go on beyond the window.
fn watch_moving_units(slots: usize) {
    let rounds = if cfg!(miri) { 60 } else { 20_000 };
    let mut book = BookWriter::with_config(BookConfig { slots, step: 1 });
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let reader = book.reader();
            thread::spawn(move || {
                let (mut depth, mut last) = (Depth::default(), -1);
                while last < rounds - 1 {
                    let before = reader.top().bid.map_or(-1, Price::ticks);
                    reader.depth_into(9, &mut depth);
                    let bids: Vec<i32> = depth.bids.iter().map(|it| it.price.ticks()).collect();
                    match bids[..] {
                        [] => assert_eq!(last, -1),
                        [one] => assert!(one >= before, "{one} after {before}"),
                        [best, next] => assert!(best >= before && best == next + 1),
                        _ => panic!("{bids:?}"),
                    }
                    let now = bids.first().copied().unwrap_or(-1);
                    assert!(now >= last);
                    last = now;
                    thread::yield_now();
                }
            })
        })
        .collect();
    for ticks in 0..rounds {
        book.add(Side::Bid, Price::new(ticks), 1).expect("it fits");
        if ticks > 0 {
            book.remove(Side::Bid, Price::new(ticks - 1), 1)
                .expect("it fits");
        }
        if ticks % 16 == 0 {
            thread::yield_now();
        }
    }
    for reader in readers {
        reader.join().expect("it saw whole states");
    }
}

/// The two words of the top never mix two moments: an ask is always bid + 1, or one step behind.
#[test]
fn the_top_is_of_one_moment_also_where_a_side_is_empty() {
    let rounds = if cfg!(miri) { 100 } else { 50_000 };
    let mut book = BookWriter::new();
    let reader = book.reader();
    let thread = thread::spawn(move || {
        let mut last = 0;
        loop {
            let top = reader.top();
            let ask = top.ask.map_or(0, Price::ticks);
            assert!(ask >= last);
            last = ask;
            // Bids come and go at the lowest price there is, only while the ask is odd.
            assert!(top.bid.is_none() || ask % 2 == 1, "{top:?}");
            if ask == rounds {
                return;
            }
        }
    });
    for ask in 1..=rounds {
        book.add(Side::Ask, Price::new(ask), 1).unwrap();
        book.remove(Side::Ask, Price::new(ask - 1), u64::from(ask > 1))
            .unwrap();
        if ask % 2 == 1 {
            book.add(Side::Bid, Price::MIN, 1).unwrap();
            book.remove(Side::Bid, Price::MIN, 1).unwrap();
        }
    }
    thread.join().unwrap();
}

#[test]
fn a_reader_that_outlives_the_writer_reads_its_last_state() {
    let mut random = Random(5);
    let mut book = BookWriter::new();
    for _ in 0..50 {
        book.add(Side::Ask, Price::new(random.below(1 << 20) as i32), 1)
            .unwrap();
    }
    let (reader, last) = (book.reader(), book.depth(usize::MAX));
    drop(book);
    assert_eq!(reader.clone().depth(usize::MAX), last);
    assert!(reader.levels(Side::Ask).eq(last.asks.iter().copied()));
    assert_eq!(reader.best(Side::Ask), last.asks.first().copied());
}
