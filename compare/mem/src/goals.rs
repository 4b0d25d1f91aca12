//! What memscope is to reach, each with what this run measured.

use crate::allocators::{BY_ONE, COST, MORE, NS, OFF, SCOPES, STACKS};
use crate::{arenas, c};
use compare_harness::{Bound, Goal, Samples};
use compare_mem::{GUARD, PAIR, PROGRAM, TWO};

/// The goals, in the order of the specification.
pub fn of(samples: &Samples) -> Vec<Goal> {
    let mut goals: Vec<Goal> = [
        (PAIR, MORE, OFF, 1.0),
        (PAIR, MORE, SCOPES, 3.0),
        (TWO, BY_ONE, SCOPES, 1.2),
        (PAIR, MORE, STACKS, 10.0),
        (PROGRAM, COST, SCOPES, 5.0),
        (PROGRAM, COST, STACKS, 15.0),
        (GUARD, NS, SCOPES, 1.0),
    ]
    .into_iter()
    .map(|(workload, unit, contender, most)| {
        let name = format!("{workload}: {contender}");
        let figure = samples.figure(workload, unit, contender);
        Goal::new(name, unit, Bound::AtMost(most), figure)
    })
    .collect();
    for (workload, most) in [(c::PAIR, 10.0), (c::HANDED, 20.0)] {
        let figure = samples.figure(workload, c::NS, c::OURS);
        let bound = Bound::AtMost(most);
        goals.push(Goal::new(workload.to_owned(), c::NS, bound, figure));
    }
    for workload in arenas::allocations() {
        let ratio = samples.ratio(&workload, arenas::NS, arenas::OURS, arenas::BY_HAND);
        let bound = Bound::AtMost(1.1);
        goals.push(Goal::new(workload, "by a bump by hand", bound, ratio));
    }
    let reused = samples.figure(arenas::REUSED, arenas::BLOCKS, arenas::OURS);
    let bound = Bound::AtMost(0.0);
    goals.push(Goal::new(
        arenas::REUSED.to_owned(),
        arenas::BLOCKS,
        bound,
        reused,
    ));
    goals
}
