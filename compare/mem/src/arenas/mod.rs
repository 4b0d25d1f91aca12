//! The arenas of memscope against other arenas and against a bump written by hand.
//!
//! A figure is the median pass. Instructions are counted by callgrind, where it is installed: the difference of two runs,
//! so that the start does not count.

mod by_hand;
mod contenders;
mod libraries;
mod rows;

use crate::Options;
use compare_harness::{Samples, callgrind, counting, turns};
use contenders::{Bump, BumpScope, BumpScope8, Bumpalo8};
use libraries::{Apr, Pool, Talloc};
use rows::{Data, Row};
use std::time::Duration;

pub const NS: &str = "ns";
const INSTRUCTIONS: &str = "instructions";
pub const BLOCKS: &str = "blocks";
pub const BY_HAND: &str = "by hand";
pub const OURS: &str = "memscope";
pub const REUSED: &str = "arena: what a pass after a reset asks the allocator for";

/// Passes in a round.
const PASSES: usize = 400;

/// The rows in which something is allocated, and nothing else is done.
pub fn allocations() -> impl Iterator<Item = String> {
    let rows = Row::ALL.into_iter();
    let rows = rows.filter(|row| !matches!(row, Row::Reset | Row::Fresh));
    rows.map(workload)
}

fn workload(row: Row) -> String {
    format!("arena: {}", row.name())
}

/// A contender by what it does in a row.
struct Contender {
    name: &'static str,
    /// Why it is not there.
    missing: fn() -> Option<String>,
    /// Nanoseconds an operation, or nothing where it has no such row.
    round: fn(Row, &Data, usize) -> Option<f64>,
}

const CONTENDERS: [Contender; 10] = [
    contender::<by_hand::ByHand>(),
    contender::<memscope::arena::Arena>(),
    contender::<bumpalo::Bump>(),
    contender::<Bumpalo8>(),
    contender::<BumpScope>(),
    contender::<BumpScope8>(),
    contender::<blink_alloc::Blink>(),
    Contender {
        name: "typed-arena",
        missing: || None,
        round: |row, _, passes| {
            let times = (0..passes).map(|_| rows::typed()).collect();
            (row == Row::Number).then(|| median_ns(times) / row.operations() as f64)
        },
    },
    Contender {
        missing: || libraries::get::<Apr>().err(),
        ..contender::<Pool<Apr>>()
    },
    Contender {
        missing: || libraries::get::<Talloc>().err(),
        ..contender::<Pool<Talloc>>()
    },
];

const fn contender<B: Bump>() -> Contender {
    Contender {
        name: B::NAME,
        missing: || None,
        round: |row, data, passes| {
            let mut arena = warm::<B>(row, data);
            let times = (0..passes).map(|_| row.pass(&mut arena, data)).collect();
            Some(median_ns(times) / row.operations() as f64)
        },
    }
}

/// An arena whose chunks have their final size.
fn warm<B: Bump>(row: Row, data: &Data) -> B {
    let mut arena = B::fresh();
    for _ in 0..3 {
        row.pass(&mut arena, data);
    }
    arena
}

fn median_ns(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_nanos() as f64
}

/// All rounds; what is not there, and why.
pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let data = Data::new();
    let missing: Vec<_> = CONTENDERS.iter().map(|it| (it.missing)()).collect();
    for round in 0..options.rounds {
        eprintln!("arenas: round {} of {}", round + 1, options.rounds);
        for row in Row::ALL {
            let mut figures = [None; CONTENDERS.len()];
            for which in turns(CONTENDERS.len(), round).filter(|it| missing[*it].is_none()) {
                figures[which] = (CONTENDERS[which].round)(row, &data, PASSES);
            }
            for (contender, figure) in CONTENDERS.iter().zip(figures) {
                if let Some(figure) = figure {
                    samples.add(&workload(row), NS, contender.name, figure);
                }
            }
        }
    }
    samples.add(REUSED, BLOCKS, OURS, reused(&data) as f64);
    count_instructions(samples, &missing);
    missing.into_iter().flatten().collect()
}

/// Blocks that a warm arena asks for in a pass of each row.
fn reused(data: &Data) -> u64 {
    let rows = Row::ALL.into_iter().filter(|row| *row != Row::Fresh);
    rows.map(|row| {
        let mut arena: memscope::arena::Arena = warm(row, data);
        counting::start();
        row.pass(&mut arena, data);
        counting::stop()
    })
    .sum()
}

fn count_instructions(samples: &mut Samples, missing: &[Option<String>]) {
    for (row_index, row) in Row::ALL.into_iter().enumerate() {
        for (index, contender) in CONTENDERS.iter().enumerate() {
            let is_there = missing[index].is_none();
            let figure = is_there.then(|| instructions(row_index, index)).flatten();
            if let Some(figure) = figure.filter(|it| *it > 0.0) {
                samples.add(&workload(row), INSTRUCTIONS, contender.name, figure);
            }
        }
    }
}

/// Instructions of an operation, counted by callgrind.
fn instructions(row: usize, contender: usize) -> Option<f64> {
    let (few, many) = (20, 60);
    let difference = callgrind::instructions([row, contender, many])?
        - callgrind::instructions([row, contender, few])?;
    Some(difference / ((many - few) * Row::ALL[row].operations()) as f64)
}

/// What callgrind counts: so many passes of a row by a contender, both by their numbers.
pub fn counted(arguments: &[String]) -> Option<()> {
    let [row, contender, passes] = arguments else {
        return None;
    };
    let contender = CONTENDERS.get(contender.parse::<usize>().ok()?)?;
    let row = *Row::ALL.get(row.parse::<usize>().ok()?)?;
    (contender.round)(row, &Data::new(), passes.parse().ok()?);
    Some(())
}
