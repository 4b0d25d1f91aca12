//! Bytes in.

use crate::Options;
use crate::workloads::{COLUMNS, LINES, SCROLLBACK, WORKLOADS, bytes};
use compare_harness::{Samples, counting, timed, turns};
use compare_termgrid::{ALACRITTY, Contender, OURS, RIVALS, VT100, ours};

pub const MB_S: &str = "MB/s";
pub const ALLOCATIONS: &str = "allocations per MB";
pub const NAMES: [&str; 3] = [OURS, ALACRITTY, VT100];

/// What a reader of a pseudo-terminal has room for.
const CHUNK: usize = 1 << 16;

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    for (workload, make) in WORKLOADS {
        let bytes = bytes(make);
        let megabytes = bytes.len() as f64 / 1e6;
        for round in 0..options.rounds {
            let mut figures = [(0.0, 0.0); NAMES.len()];
            for which in turns(NAMES.len(), round) {
                let mut terminal = warm(which, &bytes);
                let (time, ()) = timed(|| (0..4).for_each(|_| feed(&mut *terminal, &bytes)));
                counting::start();
                feed(&mut *terminal, &bytes);
                let allocations = counting::stop();
                figures[which] = (
                    4.0 * megabytes / time.as_secs_f64(),
                    allocations as f64 / megabytes,
                );
            }
            for (name, (rate, allocations)) in NAMES.into_iter().zip(figures) {
                samples.add(workload, MB_S, name, rate);
                samples.add(workload, ALLOCATIONS, name, allocations);
            }
        }
    }
    Vec::new()
}

/// A contender whose rows have all been written, those of the scrollback too.
pub fn warm(which: usize, bytes: &[u8]) -> Box<dyn Contender> {
    let make = if which == 0 {
        ours
    } else {
        RIVALS[which - 1].make
    };
    let mut terminal = make(LINES, COLUMNS, SCROLLBACK);
    let lines = bytes.iter().filter(|it| **it == b'\n').count();
    for _ in 0..=(SCROLLBACK + LINES) / lines.max(1) {
        feed(&mut *terminal, bytes);
        if lines == 0 {
            break;
        }
    }
    terminal
}

pub fn feed(terminal: &mut dyn Contender, bytes: &[u8]) {
    bytes.chunks(CHUNK).for_each(|it| terminal.process(it));
}
