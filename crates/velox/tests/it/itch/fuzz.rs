//! Damaged days by the thousand, from seeds.
//!
//! `VELOX_FUZZ_SECONDS=600 cargo test --release -p velox --test it -- fuzz` goes on for that long, and
//! `VELOX_FUZZ_SEED` begins at another seed than 0. A failure names its seed.

use super::support::RESYNC;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::time::{Duration, Instant};
use velox::itch::{Reader, StreamError, StreamReader, TransactionReader};
use velox::synthetic::{Config, write_day};

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |it| it.parse().expect("a number"))
}

/// Bytes that are changed, put in, left out, doubled, or replaced by what a length or a letter looks like.
fn damage(file: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    for _ in 0..random.next_u32() % 12 {
        let mut below = |end: usize| random.next_u64() as usize % end.max(1);
        let (kind, place, length) = (below(7), below(file.len()), 1 + below(120));
        let end = (place + length).min(file.len());
        if end <= place {
            return;
        }
        match kind {
            0 => file[place] ^= 1 << below(8),
            1 => file[place..end].fill(b"\0\xffASBU$"[below(7)]),
            2 => drop(file.drain(place..end)),
            3 => {
                let copy = file[place..end].to_vec();
                let to = below(file.len());
                file.splice(to..to, copy);
            }
            4 => file[place..end]
                .iter_mut()
                .for_each(|byte| *byte = below(256) as u8),
            5 => file[place] = below(64) as u8,
            _ => file.truncate(file.len() - below(60).min(file.len())),
        }
    }
}

/// Every way of reading agrees with every other, and all bytes are counted.
fn check(file: &[u8], block: usize) {
    let mut reader = Reader::new(file, RESYNC);
    let (mut faults, mut messages, mut transactions) = (Vec::new(), 0, 0);
    for item in reader.by_ref() {
        match item {
            Ok(message) => {
                messages += 1;
                transactions += message.transactions(0).len();
            }
            Err(error) => faults.push(error),
        }
    }
    let tally = reader.tally();
    assert_eq!(tally.bytes, file.len() as u64);
    assert_eq!(
        tally.bytes,
        tally.message_bytes + tally.padding_bytes + tally.skipped_bytes
    );
    assert_eq!(
        (tally.messages, tally.faults),
        (messages, faults.len() as u64)
    );
    assert_eq!(tally.faults, tally.rejected + tally.gaps);

    let mut streamed = StreamReader::with_block(file, RESYNC, block);
    let mut told = Vec::new();
    while let Some(item) = streamed.next() {
        if let Err(StreamError::Malformed(error)) = item {
            told.push(error);
        }
    }
    assert_eq!(told, faults);
    assert_eq!(streamed.tally(), tally);

    let read = TransactionReader::new(Reader::new(file, RESYNC));
    assert_eq!(read.filter(Result::is_ok).count(), transactions);
}

#[test]
fn damaged_days_are_read_alike_by_all_readers() {
    let seconds = setting("VELOX_FUZZ_SECONDS", 0);
    let first = setting("VELOX_FUZZ_SEED", 0);
    let least = if cfg!(miri) { 2 } else { 200 };
    let start = Instant::now();
    let is_on = |done| done < least || start.elapsed() < Duration::from_secs(seconds);
    for done in (0..).take_while(|done| is_on(*done)) {
        let seed = first + done;
        let messages = if cfg!(miri) { 30 } else { 300 };
        let mut file = write_day(Config::default(), seed, messages, Vec::new()).unwrap();
        damage(&mut file, &mut ChaCha8Rng::seed_from_u64(seed));
        let checked = std::panic::catch_unwind(|| check(&file, 512 + seed as usize % 2_000));
        assert!(checked.is_ok(), "seed {seed}");
    }
    if seconds > 0 {
        println!("{:?}", start.elapsed());
    }
}
