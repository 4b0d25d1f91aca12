//! The arenas of memscope against other arenas.
//!
//! Every contender does every row once in each round, in an order that rotates; a figure is the median
//! over the rounds of the median pass, in nanoseconds of this thread's processor time for an operation.
//! Ratios are medians of the ratios of each round to the bump written by hand. Instructions are counted
//! by callgrind, where it is installed: the difference of two runs, so that the start does not count.

mod by_hand;
mod contenders;
mod machine;
mod rows;

use contenders::{Bump, BumpScope, BumpScope8, Bumpalo8};
use rows::{Data, Row};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Passes in a round.
const PASSES: usize = 400;

/// A contender by what it does in a row.
struct Contender {
    name: &'static str,
    /// Nanoseconds an operation, or nothing where it has no such row.
    round: fn(Row, &Data, usize) -> Option<f64>,
}

const CONTENDERS: [Contender; 8] = [
    contender::<by_hand::ByHand>(),
    contender::<memscope::arena::Arena>(),
    contender::<bumpalo::Bump>(),
    contender::<Bumpalo8>(),
    contender::<BumpScope>(),
    contender::<BumpScope8>(),
    contender::<blink_alloc::Blink>(),
    Contender {
        name: "typed-arena",
        round: |row, _, passes| {
            let times = (0..passes).map(|_| rows::typed()).collect();
            (row == Row::Number).then(|| median_ns(times) / row.operations() as f64)
        },
    },
];

const fn contender<B: Bump>() -> Contender {
    Contender {
        name: B::NAME,
        round: |row, data, passes| {
            let mut arena = B::fresh();
            // The chunks get their final size.
            for _ in 0..3 {
                row.pass(&mut arena, data);
            }
            let times = (0..passes).map(|_| row.pass(&mut arena, data)).collect();
            Some(median_ns(times) / row.operations() as f64)
        },
    }
}

fn median_ns(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_nanos() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => table(15),
        ["--rounds", rounds] => match rounds.parse() {
            Ok(rounds @ 1..) => table(rounds),
            _ => return usage(),
        },
        ["--count", row, contender, passes] => {
            let parsed = [row, contender, passes].map(|it| it.parse::<usize>());
            let [Ok(row), Ok(contender), Ok(passes)] = parsed else {
                return usage();
            };
            (CONTENDERS[contender].round)(Row::ALL[row], &Data::new(), passes);
        }
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: compare-mem [--rounds N]");
    ExitCode::from(2)
}

fn table(rounds: usize) {
    let data = Data::new();
    let mut samples = vec![vec![Vec::new(); CONTENDERS.len()]; Row::ALL.len()];
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        for (row, samples) in Row::ALL.into_iter().zip(&mut samples) {
            for step in 0..CONTENDERS.len() {
                let which = (round + step) % CONTENDERS.len();
                samples[which].extend((CONTENDERS[which].round)(row, &data, PASSES));
            }
        }
    }
    println!("{}", machine::description());
    println!("\n| row | contender | ns | x by hand | instructions |\n|---|---|---|---|---|");
    for (row_index, row) in Row::ALL.into_iter().enumerate() {
        let by_hand = &samples[row_index][0];
        for (index, contender) in CONTENDERS.iter().enumerate() {
            let own = &samples[row_index][index];
            if own.is_empty() {
                continue;
            }
            let ratios = own.iter().zip(by_hand).map(|(own, hand)| own / hand);
            println!(
                "| {} | {} | {:.2} | {:.2} | {} |",
                row.name(),
                contender.name,
                median(own.clone()),
                median(ratios.collect()),
                instructions(row_index, index).map_or("-".to_owned(), |it| format!("{it:.1}")),
            );
        }
    }
}

/// Instructions of an operation, counted by callgrind.
fn instructions(row: usize, contender: usize) -> Option<f64> {
    let (few, many) = (20, 60);
    let difference = count(row, contender, many)? - count(row, contender, few)?;
    Some(difference / ((many - few) * Row::ALL[row].operations()) as f64)
}

fn count(row: usize, contender: usize, passes: usize) -> Option<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .arg("--count")
        .args([row, contender, passes].map(|it| it.to_string()))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, figure) = text.split_once("Collected : ")?;
    figure.split_whitespace().next()?.parse().ok()
}
