//! Both kinds of book beside ordered maps, compared after every update: random updates, then a generated day.
//!
//! `cargo run --release -p velox --example book_soak -- --updates 100000000 --day 2000000 --seed 1`
//!
//! A line for each stretch, and one at the end. The first difference ends it with a panic that says where it is.
#![expect(clippy::print_stdout, reason = "an example tells what it did")]

#[path = "../tests/it/oracle.rs"]
mod oracle;
#[path = "../tests/it/whole_day.rs"]
mod whole_day;

use oracle::{Prices, compare};
use std::process::ExitCode;
use std::time::Instant;
use velox::synthetic::{Config, write_day};
use velox::{BookConfig, BookWriter, Price, SharedBook, SharedBookConfig};
use whole_day::{Compared, Exact, Shared, Subject, lively};

/// Updates, or messages, between two lines.
const STRETCH: u64 = 5_000_000;
const MESSAGES: u64 = 500_000;

fn main() -> ExitCode {
    let (mut updates, mut messages, mut seed) = (1_000_000_u64, 0_u64, 1_u64);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|it| it.parse().ok());
        match (name.as_str(), value) {
            ("--updates", Some(value)) => updates = value,
            ("--day", Some(value)) => messages = value,
            ("--seed", Some(value)) => seed = value,
            _ => {
                println!("usage: book_soak [--updates N] [--day MESSAGES] [--seed N]");
                return ExitCode::from(2);
            }
        }
    }
    let start = Instant::now();
    let refused = random_updates(updates, seed, start);
    let compared = day(messages, seed, start);
    println!(
        "done: {updates} updates and {compared} messages of a day on each kind of book, 0 differences \
         after any of them; {refused} updates were refused, as they had to be; seed {seed}; {:.0?}",
        start.elapsed()
    );
    ExitCode::SUCCESS
}

/// Random updates on both kinds of book; how many were refused.
fn random_updates(updates: u64, seed: u64, start: Instant) -> u64 {
    let everything = Prices {
        range: (i32::MIN, i32::MAX),
        anywhere: 200,
        most: u64::MAX,
    };
    let configs = [(4096, 1), (64, 1), (1024, 100)];
    let (mut done, mut stretch, mut all_refused) = (0, 0, 0);
    while done < updates {
        let count = STRETCH.min(updates - done);
        let (slots, step) = configs[stretch as usize % configs.len()];
        let mut book = BookWriter::with_config(BookConfig { slots, step });
        let refused = compare(&mut book, everything, seed + stretch, count);
        let (first, slots) = (Price::new(1_000_000), 1000 + 7000 * (stretch as usize % 3));
        let window = Prices {
            range: (first.ticks(), first.ticks() + slots as i32 - 1),
            most: u64::MAX >> 16,
            ..everything
        };
        let mut shared = SharedBook::new(SharedBookConfig {
            first,
            slots,
            step: 1,
        });
        let refused_shared = compare(&mut shared, window, seed + stretch, count);
        (done, stretch) = (done + count, stretch + 1);
        all_refused += refused + refused_shared;
        println!(
            "{done} of {updates} updates on each book, 0 differences; refused of the last {count}: \
             {refused} by the one writer's, {refused_shared} by the shared one; {:.0?}",
            start.elapsed()
        );
    }
    all_refused
}

/// A day of so many messages on both kinds of book; how many there were.
fn day(messages: u64, seed: u64, start: Instant) -> u64 {
    if messages == 0 {
        return 0;
    }
    // As many orders rest as in the generator's own flow.
    let config = Config {
        depth: 1_000,
        ..lively()
    };
    let file = write_day(config, seed, messages, Vec::new()).unwrap_or_default();
    let exact = |slots, step| Exact::new(BookConfig { slots, step });
    follow("1024 slots of 100", &file, &mut exact(1024, 100), start);
    follow("4096 slots of 1", &file, &mut exact(4096, 1), start);
    follow("shared", &file, &mut Shared::new(&config), start)
}

fn follow(name: &str, file: &[u8], books: &mut impl Subject, start: Instant) -> u64 {
    let tell = |it: &Compared| {
        println!(
            "{} messages on books of {name}, 0 differences; {:.0?}",
            it.messages,
            start.elapsed()
        );
    };
    let compared = whole_day::compare(file, books, |it| {
        if it.messages.is_multiple_of(MESSAGES) {
            tell(it);
        }
    });
    println!(
        "by letter: {:?}; at most {} orders at a time",
        compared.letters, compared.most_orders
    );
    tell(&compared);
    compared.messages
}
