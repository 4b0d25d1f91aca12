//! What the loop itself does for an event, for a turn with one event, an interest that is changed and changed back, and a timer that is armed again.
//!
//! ```text
//! cargo build --release -p evloop --example cost
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/cost events 1000
//! ```
//! The difference between two counts, by the difference of the operations, is an operation's cost in instructions.

use evloop::{BackendKind, Interest, Loop, Timer};
use std::error::Error;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
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
        ["growth", times] => growth(times.parse()?)?,
        ["timers", times] => timers(times.parse()?)?,
        _ => {
            return Err(
                "usage: cost events TURNS | turns TURNS | changes TIMES | timers TIMES | growth TIMES".into(),
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

/// So often a socket is watched and forgotten again, and now and then the backend changes. Answers by how many pages the
/// process has grown since it was warm.
fn growth(times: u64) -> Result<u64, Box<dyn Error>> {
    let mut events = Loop::new()?;
    let source = Rc::new(UnixStream::pair()?.0);
    let mut work = |times| -> Result<(), Box<dyn Error>> {
        for number in 0..times {
            let source = Rc::clone(&source);
            let token = events.add_io(source, Interest::READABLE, |_, _, _| {});
            events.poll()?;
            events.remove(token);
            if number % 100 == 0 {
                let next = match events.backend() {
                    BackendKind::Epoll => BackendKind::Poll,
                    _ => BackendKind::Epoll,
                };
                events.switch_backend(next)?;
            }
        }
        Ok(())
    };
    work(10_000)?;
    let before = resident()?;
    work(times)?;
    let pages = resident()?.saturating_sub(before);
    writeln!(std::io::stdout(), "{pages} pages more")?;
    Ok(times)
}

/// Pages of this process in memory.
fn resident() -> Result<u64, Box<dyn Error>> {
    let sizes = std::fs::read_to_string("/proc/self/statm")?;
    let resident = sizes.split_whitespace().nth(1);
    Ok(resident.ok_or("statm has another form")?.parse()?)
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
