//! Random updates on both kinds of book beside ordered maps, compared after every one.
//!
//! `cargo run --release -p velox --example book_soak -- --updates 100000000 --seed 1`
#![expect(clippy::print_stdout, reason = "an example tells what it did")]

#[path = "../tests/it/oracle.rs"]
mod oracle;

use oracle::{Prices, compare};
use std::process::ExitCode;
use velox::{BookConfig, BookWriter, Price, SharedBook, SharedBookConfig};

/// One stretch of updates between two prints.
const STRETCH: u64 = 5_000_000;

fn main() -> ExitCode {
    let (mut updates, mut seed) = (1_000_000_u64, 1_u64);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|it| it.parse().ok());
        match (name.as_str(), value) {
            ("--updates", Some(value)) => updates = value,
            ("--seed", Some(value)) => seed = value,
            _ => {
                println!("usage: book_soak [--updates N] [--seed N]");
                return ExitCode::from(2);
            }
        }
    }
    let everything = Prices {
        range: (i32::MIN, i32::MAX),
        anywhere: 200,
        most: u64::MAX,
    };
    let configs = [(4096, 1), (64, 1), (1024, 100)];
    let (mut done, mut stretch) = (0, 0);
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
        println!(
            "{done} updates on each book, 0 differences; refused of the last {count}: {refused} by \
             the one writer's, {refused_shared} by the shared one"
        );
    }
    ExitCode::SUCCESS
}
