//! What evloop is to reach, each with what this run measured.

use crate::contenders::{LIBEVENT, OURS, RAW};
use crate::{changes, events, instructions, timers};
use compare_harness::{Bound, Goal, Samples};

/// The goals, in the order of the specification.
pub fn of(samples: &Samples) -> Vec<Goal> {
    let mut goals = Vec::new();
    let mut add = |name: &str, unit: &str, most, measured| {
        let bound = Bound::AtMost(most);
        goals.push(Goal::new(name.to_owned(), unit, bound, measured));
    };
    for workload in [events::ONE, events::ALL] {
        // Epoll needs 56 itself, besides the byte.
        let beyond = samples.figure(workload, instructions::BEYOND, OURS);
        add(workload, instructions::BEYOND, 44.0, beyond);
        for (rival, most) in [(LIBEVENT, 1.0), (RAW, 1.03)] {
            let ratio = samples.ratio(workload, events::NS, OURS, rival);
            add(workload, &format!("by {rival}"), most, ratio);
        }
    }
    let changed = samples.figure(changes::WORKLOAD, changes::NS, OURS);
    add(changes::WORKLOAD, changes::NS, 40.0, changed);
    let armed = samples.figure(timers::WORKLOAD, timers::NS, OURS);
    add(timers::WORKLOAD, timers::NS, 35.0, armed);
    goals
}
