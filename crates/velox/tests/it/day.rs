//! A generated day, read back from its file, on both kinds of book beside ordered maps.

use crate::whole_day::{Exact, Shared, compare, lively};
use velox::BookConfig;
use velox::synthetic::write_day;

/// Under Miri, where a message takes milliseconds, little more than the opening.
const MESSAGES: u64 = if cfg!(miri) { 120 } else { 30_000 };

/// Every letter that the generator writes.
const LETTERS: &str = "ABCDEFHIJLNPQRSUVXY";

fn day(seed: u64) -> Vec<u8> {
    write_day(lively(), seed, MESSAGES, Vec::new()).expect("memory takes all")
}

#[test]
fn a_day_on_the_books_of_one_writer_agrees_with_ordered_maps_after_every_message() {
    // Prices of the day are multiples of 100: all in the window, most of them outside, and most of them beside its slots.
    let grids = [(1, 1024, 100), (2, 4096, 1), (3, 256, 300)];
    let some = if cfg!(miri) { 1 } else { 3 };
    for (seed, slots, step) in grids.into_iter().take(some) {
        let mut books = Exact::new(BookConfig { slots, step });
        let compared = compare(&day(seed), &mut books, |_| ());
        assert_eq!(compared.messages, MESSAGES);
        if !cfg!(miri) {
            assert!(compared.letters.keys().copied().eq(LETTERS.chars()));
            assert!(compared.most_orders > 100);
        }
    }
}

#[test]
fn a_day_on_shared_books_agrees_with_ordered_maps_after_every_message() {
    let compared = compare(&day(4), &mut Shared::new(&lively()), |_| ());
    assert_eq!(compared.messages, MESSAGES);
    if !cfg!(miri) {
        assert!(compared.letters.keys().copied().eq(LETTERS.chars()));
    }
}
