//! What termgrid is to reach, each with what this run measured.

use crate::{output, scroll};
use compare_harness::{Bound, Goal, Samples};
use compare_termgrid::{ALACRITTY, OURS, VT100};

/// The goals, in the order of the specification.
pub fn of(samples: &Samples) -> Vec<Goal> {
    let mut goals = Vec::new();
    let mut add = |name: &str, unit: &str, bound, measured| {
        goals.push(Goal::new(name.to_owned(), unit, bound, measured));
    };
    for (workload, least) in [
        ("plain", 2.0),
        ("dense", 1.2),
        ("unicode", 1.5),
        ("cursor", 1.0),
    ] {
        let rate = |rival: &&str| {
            samples
                .figure(workload, output::MB_S, rival)
                .map(|it| it.median)
        };
        let best = [ALACRITTY, VT100]
            .into_iter()
            .max_by(|a, b| rate(a).unwrap_or(0.0).total_cmp(&rate(b).unwrap_or(0.0)));
        let best = best.unwrap_or(ALACRITTY);
        let ratio = samples.ratio(workload, output::MB_S, OURS, best);
        add(
            &format!("{workload}, MB/s"),
            &format!("by {best}"),
            Bound::AtLeast(least),
            ratio,
        );
        let allocations = samples.figure(workload, output::ALLOCATIONS, OURS);
        add(
            workload,
            output::ALLOCATIONS,
            Bound::AtMost(0.0),
            allocations,
        );
    }
    let scrolled = samples.figure(scroll::WORKLOAD, scroll::NS, OURS);
    add(scroll::WORKLOAD, scroll::NS, Bound::AtMost(50.0), scrolled);
    goals
}
