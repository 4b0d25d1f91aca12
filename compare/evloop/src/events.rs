//! Events: a byte arrives at some of a hundred sockets, and is read where the loop says so. The system calls that write and
//! read it are the same for all.

use crate::Options;
use crate::contenders::{CONTENDERS, Contender, Pairs, Turn};
use compare_harness::{Samples, processor_time, turns};

pub const NS: &str = "ns";
pub const ONE: &str = "an event, 1 of 100 sockets";
pub const ALL: &str = "an event, 100 of 100 sockets";
/// Sockets.
const COUNT: usize = 100;

const WORKLOADS: [(&str, usize, usize); 2] = [(ONE, 1, 20_000), (ALL, COUNT, 300)];

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let missing: Vec<_> = CONTENDERS.iter().map(|it| (it.missing)()).collect();
    for (workload, active, turns_of_it) in WORKLOADS {
        for round in 0..options.rounds {
            eprintln!("{workload}: round {} of {}", round + 1, options.rounds);
            let mut figures = [None; CONTENDERS.len()];
            for which in turns(CONTENDERS.len(), round).filter(|it| missing[*it].is_none()) {
                figures[which] = Some(measure(&CONTENDERS[which], active, turns_of_it));
            }
            for (contender, figure) in CONTENDERS.iter().zip(figures) {
                if let Some(figure) = figure {
                    samples.add(workload, NS, contender.name, figure);
                }
            }
        }
    }
    missing.into_iter().flatten().collect()
}

fn measure(contender: &Contender, active: usize, count: usize) -> f64 {
    let (pairs, mut turn) = prepared(contender);
    let mut work = |count: usize| {
        for number in 0..count {
            pairs.write(number, active);
            turn(active);
        }
    };
    work(count / 10);
    let start = processor_time();
    work(count);
    (processor_time() - start).as_nanos() as f64 / (count * active) as f64
}

/// The sockets, and the contender that watches them.
pub fn prepared(contender: &Contender) -> (Pairs, Turn) {
    let pairs = Pairs::new(COUNT);
    let turn = (contender.watch)(&pairs);
    (pairs, turn)
}
