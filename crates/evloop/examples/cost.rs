//! What the loop itself does for an event, for a turn with one event, an interest that is changed and changed back, and a timer that is armed again.
//!
//! ```text
//! cargo build --release -p evloop --example cost
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/cost events 1000
//! ```
//! The difference between two counts, by the difference of the operations, is an operation's cost in instructions.

use evloop::{Interest, Loop, Timer};
use std::error::Error;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

const DESCRIPTORS: u64 = 100;
const TIMERS: u64 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["events", turns] => events(turns.parse()?, DESCRIPTORS)?,
        ["turns", turns] => events(turns.parse()?, 1)?,
        ["changes", times] => changes(times.parse()?)?,
        ["timers", times] => timers(times.parse()?)?,
        _ => {
            return Err(
                "usage: cost events TURNS | turns TURNS | changes TIMES | timers TIMES".into(),
            );
        }
    };
    writeln!(std::io::stdout(), "{done} operations")?;
    Ok(())
}

/// So many turns, in each of which some descriptors have something to read that nobody reads.
fn events(turns: u64, active: u64) -> Result<u64, Box<dyn Error>> {
    let mut events = Loop::new()?;
    let mut others = Vec::new();
    for number in 0..DESCRIPTORS {
        let (mut other, source) = UnixStream::pair()?;
        if number < active {
            other.write_all(b"x")?;
        }
        others.push(other);
        events.add_io(source, Interest::READABLE, |_, _, _| {});
    }
    for _ in 0..turns {
        events.poll()?;
    }
    Ok(events.stats().callbacks)
}

fn changes(times: u64) -> Result<u64, Box<dyn Error>> {
    let mut events = Loop::new()?;
    let (_other, source) = UnixStream::pair()?;
    let token = events.add_io(source, Interest::NONE, |_, _, _| {});
    for _ in 0..times {
        events.set_interest(token, Interest::READABLE);
        events.set_interest(token, Interest::NONE);
    }
    events.poll()?;
    assert_eq!(events.stats().changes, 0);
    Ok(times)
}

fn timers(times: u64) -> Result<u64, Box<dyn Error>> {
    let mut events = Loop::new()?;
    let tokens: Vec<_> = (0..TIMERS)
        .map(|number| {
            let after = Duration::from_millis(1000 + number % 977);
            events.add_timer(Timer::once(after), |_, _| {})
        })
        .collect();
    for number in 0..times {
        let place = number * 7919 % TIMERS;
        events.arm(
            tokens[place as usize],
            Duration::from_millis(1000 + number % 977),
        );
    }
    Ok(times)
}
