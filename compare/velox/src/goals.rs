//! What velox is to reach, each with what this run measured.

use crate::flow::LAYOUTS;
use crate::{book, itch, latency, orders, rate, telemetry};
use compare_harness::{Bound, Goal, Samples, Spread};

/// The goals, in the order of the specification.
pub fn of(samples: &Samples) -> Vec<Goal> {
    let mut goals = Vec::new();
    for shape in [book::DEEP, book::THIN] {
        for (who, most) in [(book::WRITER, 5.5), (book::SHARED, 22.0)] {
            goals.push(Goal::new(
                format!("{shape}, update and best, {who}"),
                book::UNIT,
                Bound::AtMost(most),
                samples.figure(shape, book::UNIT, who),
            ));
        }
    }
    for workload in [itch::FIELDS, itch::TRANSACTIONS, itch::BOOKS] {
        ahead(
            &mut goals,
            samples,
            workload,
            itch::UNIT,
            itch::OURS,
            Best::Highest,
        );
    }
    for workload in orders::WORKLOADS {
        ahead(
            &mut goals,
            samples,
            workload,
            orders::UNIT,
            orders::OURS,
            Best::Lowest,
        );
    }
    for workload in telemetry::WORKLOADS {
        goals.push(Goal::new(
            format!("{workload}, what it costs"),
            telemetry::COST,
            Bound::AtMost(2.0),
            samples.figure(workload, telemetry::COST, telemetry::ON),
        ));
    }
    goals.push(Goal::new(
        telemetry::ALLOCATIONS.to_owned(),
        telemetry::BLOCKS,
        Bound::AtMost(0.0),
        samples.figure(telemetry::ALLOCATIONS, telemetry::BLOCKS, telemetry::ON),
    ));
    for rate in rate::RATES {
        for layout in LAYOUTS {
            let workload = rate::workload(rate);
            goals.push(Goal::new(
                format!("{workload}, {}", layout.name),
                rate::OFF,
                Bound::Within(0.5),
                samples.figure(&workload, rate::OFF, layout.name),
            ));
        }
    }
    for layout in LAYOUTS {
        goals.push(Goal::new(
            format!("{}, {}", latency::WORKLOAD, layout.name),
            "by a hop",
            Bound::AtMost(1.5),
            samples.ratio(latency::WORKLOAD, latency::UNIT, layout.name, latency::HOP),
        ));
    }
    goals
}

enum Best {
    Lowest,
    Highest,
}

/// To be ahead of each rival: as a ratio to the best of them. Who uses parts of velox is none.
fn ahead(
    goals: &mut Vec<Goal>,
    samples: &Samples,
    workload: &str,
    unit: &str,
    ours: &str,
    best: Best,
) {
    let rivals = samples
        .series()
        .iter()
        .filter(|it| it.workload == workload && it.measure == unit && !it.contender.contains(ours));
    let medians = rivals.map(|it| (it.contender, Spread::of(&it.values).median));
    let by_median = |a: &(&str, f64), b: &(&str, f64)| a.1.total_cmp(&b.1);
    let (rival, bound) = match best {
        Best::Lowest => (medians.min_by(by_median), Bound::AtMost(1.0)),
        Best::Highest => (medians.max_by(by_median), Bound::AtLeast(1.0)),
    };
    let (rival, _) = rival.unwrap_or(("the best rival", 0.0));
    goals.push(Goal::new(
        workload.to_owned(),
        &format!("by {rival}"),
        bound,
        samples.ratio(workload, unit, ours, rival),
    ));
}

#[cfg(test)]
mod tests {
    use super::of;
    use compare_harness::Samples;

    #[test]
    fn without_figures_no_goal_is_met() {
        let goals = of(&Samples::default());
        assert!(goals.len() > 20 && goals.iter().all(|it| it.is_not_run()));
    }
}
