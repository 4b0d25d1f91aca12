//! Instructions for a byte, counted by callgrind: the difference of two runs, so that the start does not count.

use crate::Options;
use crate::output::{NAMES, feed, warm};
use crate::workloads::{WORKLOADS, bytes};
use compare_harness::{Samples, callgrind};

pub const UNIT: &str = "instructions per byte";

pub fn run(_: &Options, samples: &mut Samples) -> Vec<String> {
    let mut missing = false;
    for (number, (workload, make)) in WORKLOADS.into_iter().enumerate() {
        let length = bytes(make).len() as f64;
        for (which, name) in NAMES.into_iter().enumerate() {
            let difference = callgrind::instructions([which, number, 2])
                .zip(callgrind::instructions([which, number, 1]));
            missing |= difference.is_none();
            if let Some((twice, once)) = difference {
                samples.add(workload, UNIT, name, (twice - once) / length);
            }
        }
    }
    let reason = "instructions: callgrind is missing; try `apt-get install valgrind`";
    missing.then(|| reason.to_owned()).into_iter().collect()
}

/// What callgrind counts: a contender, by its number, takes a workload so many times.
pub fn counted(arguments: &[String]) -> Option<()> {
    let [contender, workload, times] = arguments else {
        return None;
    };
    let contender = contender.parse().ok().filter(|it| *it < NAMES.len())?;
    let (_, make) = WORKLOADS.get(workload.parse::<usize>().ok()?)?;
    let bytes = bytes(*make);
    let mut terminal = warm(contender, &bytes);
    for _ in 0..times.parse().ok()? {
        feed(&mut *terminal, &bytes);
    }
    Some(())
}
