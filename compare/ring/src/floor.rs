//! What the machine itself needs to move a cache line to the other core and back.

use crate::drive::round_trips;
use crate::rivals::Setup;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Default)]
#[repr(align(128))]
struct Line(AtomicU64);

impl Line {
    fn await_value(&self, wanted: impl Fn(u64) -> bool) -> u64 {
        loop {
            let value = self.0.load(Ordering::Acquire);
            if wanted(value) {
                return value;
            }
            spin_loop();
        }
    }
}

/// One line, which both sides write in turn: the number for the way there, the number with its top
/// bit set for the way back.
pub fn one_line(setup: Setup) -> Vec<f64> {
    const BACK: u64 = 1 << 63;
    let line = Line::default();
    round_trips(
        setup.cores,
        setup.items as usize,
        |number| line.0.store(number, Ordering::Release),
        || line.await_value(|value| value & BACK != 0) & !BACK,
        || line.await_value(|value| value & BACK == 0 && value != 0),
        |number| line.0.store(number | BACK, Ordering::Release),
    )
}

/// Two lines, each written by one side.
pub fn two_lines(setup: Setup) -> Vec<f64> {
    let (there, back) = (Line::default(), Line::default());
    let (mut asked, mut echoed) = (0, 0);
    round_trips(
        setup.cores,
        setup.items as usize,
        |number| there.0.store(number, Ordering::Release),
        || {
            asked = back.await_value(|value| value != asked);
            asked
        },
        || {
            echoed = there.await_value(|value| value != echoed);
            echoed
        },
        |number| back.0.store(number, Ordering::Release),
    )
}
