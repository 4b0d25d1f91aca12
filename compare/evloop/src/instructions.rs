//! Instructions of the program itself for an event, counted by callgrind: the difference of two runs, so that the start does
//! not count. Those of the calls that write and read the byte are the same for all.

use crate::Options;
use crate::contenders::CONTENDERS;
use crate::events::{self, ALL, ONE};
use compare_harness::{Samples, callgrind};

pub const UNIT: &str = "instructions";
/// Beyond what somebody with nothing but epoll needs, which writes and reads the byte too.
pub const BEYOND: &str = "instructions beyond epoll's";

pub fn run(_: &Options, samples: &mut Samples) -> Vec<String> {
    for (workload, active) in [(ONE, 1), (ALL, 100)] {
        let mut raw = None;
        for (number, contender) in CONTENDERS.iter().enumerate() {
            let is_there = (contender.missing)().is_none();
            let Some(figure) = is_there.then(|| instructions(number, active)).flatten() else {
                continue;
            };
            samples.add(workload, UNIT, contender.name, figure);
            let raw = *raw.get_or_insert(figure);
            samples.add(workload, BEYOND, contender.name, figure - raw);
        }
    }
    let missing = instructions(0, 1).is_none();
    let reason = "instructions: callgrind is missing; try `apt-get install valgrind`";
    missing.then(|| reason.to_owned()).into_iter().collect()
}

fn instructions(contender: usize, active: usize) -> Option<f64> {
    let (few, many) = (100, 400);
    let difference = callgrind::instructions([contender, active, many])?
        - callgrind::instructions([contender, active, few])?;
    Some(difference / ((many - few) * active) as f64)
}

/// What callgrind counts: so many turns of a contender, by its number, with so many sockets.
pub fn counted(arguments: &[String]) -> Option<()> {
    let [contender, active, times] = arguments else {
        return None;
    };
    let contender = CONTENDERS.get(contender.parse::<usize>().ok()?)?;
    let (active, times): (usize, usize) = (active.parse().ok()?, times.parse().ok()?);
    let (pairs, mut turn) = events::prepared(contender);
    for number in 0..times {
        pairs.write(number, active);
        turn(active);
    }
    Some(())
}
