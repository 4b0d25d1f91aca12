//! Is there an order of what all threads did in which one book without concurrency gives the same results?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use velox::{BookError, Price, SharedBook, SharedBookConfig, Side};

/// What a thread does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Add(Side, i32, u64),
    Remove(Side, i32, u64),
    Top,
    Quantity(Side, i32),
}

/// What it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Got {
    Changed(Result<(), BookError>),
    Top([Option<i32>; 2]),
    Quantity(u64),
}

fn run(book: &SharedBook, step: Step) -> Got {
    match step {
        Step::Add(side, at, by) => Got::Changed(book.add(side, Price::new(at), by)),
        Step::Remove(side, at, by) => Got::Changed(book.remove(side, Price::new(at), by)),
        Step::Top => {
            let top = book.top();
            Got::Top([top.bid.map(Price::ticks), top.ask.map(Price::ticks)])
        }
        Step::Quantity(side, at) => Got::Quantity(book.quantity_at(side, Price::new(at))),
    }
}

type Levels = [BTreeMap<i32, u64>; 2];

/// The same on ordered maps.
fn expect(levels: &mut Levels, step: Step) -> Got {
    let index = |side| usize::from(side == Side::Ask);
    let mut change = |side, at: i32, to: &dyn Fn(u64) -> Result<u64, BookError>| {
        let held = levels[index(side)].get(&at).copied().unwrap_or(0);
        Got::Changed(to(held).map(|after| match after {
            0 => _ = levels[index(side)].remove(&at),
            _ => _ = levels[index(side)].insert(at, after),
        }))
    };
    match step {
        Step::Add(side, at, by) => change(side, at, &|held| Ok(held + by)),
        Step::Remove(side, at, by) => change(side, at, &|held| {
            held.checked_sub(by).ok_or(BookError::Underflow { held })
        }),
        Step::Top => Got::Top([
            levels[0].last_key_value().map(|it| *it.0),
            levels[1].first_key_value().map(|it| *it.0),
        ]),
        Step::Quantity(side, at) => {
            Got::Quantity(levels[index(side)].get(&at).copied().unwrap_or(0))
        }
    }
}

/// Whether the histories fit together from here on, each thread's in its own order.
fn fits(levels: &Levels, histories: &[&[(Step, Got)]]) -> bool {
    if histories.iter().all(|it| it.is_empty()) {
        return true;
    }
    (0..histories.len()).any(|thread| {
        let Some(((step, got), rest)) = histories[thread].split_first() else {
            return false;
        };
        let mut next = levels.clone();
        if expect(&mut next, *step) != *got {
            return false;
        }
        let mut left = histories.to_vec();
        left[thread] = rest;
        fits(&next, &left)
    })
}

/// Runs `before`, then each of the programs on a thread of its own (the last one on this), then looks at all there is;
/// and asks whether what they got could have come one after the other.
pub(crate) fn check(slots: usize, before: &[Step], programs: &[&'static [Step]]) {
    let first = Price::new(0);
    let book = Arc::new(SharedBook::new(SharedBookConfig {
        first,
        slots,
        step: 1,
    }));
    let mut levels = Levels::default();
    for step in before {
        assert_eq!(run(&book, *step), expect(&mut levels, *step));
    }
    let (last, others) = programs.split_last().unwrap();
    let histories = Arc::new(Mutex::new(Vec::new()));
    let threads: Vec<_> = others
        .iter()
        .map(|program| {
            let (book, histories, program) = (Arc::clone(&book), Arc::clone(&histories), *program);
            loom::thread::spawn(move || {
                let history: Vec<_> = program.iter().map(|it| (*it, run(&book, *it))).collect();
                histories.lock().unwrap().push(history);
            })
        })
        .collect();
    let mut own: Vec<_> = last.iter().map(|it| (*it, run(&book, *it))).collect();
    for thread in threads {
        thread.join().unwrap();
    }
    // After the joins this thread comes after all others: its looks are part of its history, and
    // must agree with what all of them have done, so they are checked at the very end too.
    let mut end = vec![(Step::Top, run(&book, Step::Top))];
    for at in 0..slots as i32 {
        for side in [Side::Bid, Side::Ask] {
            let step = Step::Quantity(side, at);
            end.push((step, run(&book, step)));
        }
    }
    let mut histories = std::mem::take(&mut *histories.lock().unwrap());
    own.shrink_to_fit();
    histories.push(own);
    let slices: Vec<_> = histories.iter().map(Vec::as_slice).collect();
    assert!(
        fits_then(&levels, &slices, &end),
        "no order gives these: {histories:?}, and then {end:?}"
    );
}

/// As `fits`, with an end that comes after everything.
fn fits_then(levels: &Levels, histories: &[&[(Step, Got)]], end: &[(Step, Got)]) -> bool {
    if histories.iter().all(|it| it.is_empty()) {
        return fits(levels, &[end]);
    }
    (0..histories.len()).any(|thread| {
        let Some(((step, got), rest)) = histories[thread].split_first() else {
            return false;
        };
        let mut next = levels.clone();
        if expect(&mut next, *step) != *got {
            return false;
        }
        let mut left = histories.to_vec();
        left[thread] = rest;
        fits_then(&next, &left, end)
    })
}
