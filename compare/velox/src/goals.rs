//! What velox is to reach, each with what this run measured.

use crate::{book, itch, latency, orders, rate, telemetry};
use compare_harness::{Samples, Spread};
use serde::Serialize;
use std::fmt::Write as _;

/// Between what a figure has to lie.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// So far from 0 at most.
    Within(f64),
}

/// A figure with a bound.
#[derive(Serialize)]
pub struct Goal {
    name: String,
    unit: String,
    #[serde(flatten)]
    bound: Bound,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<Spread>,
    /// Whether the median keeps the bound; nothing where it was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

impl Goal {
    fn new(name: String, unit: &str, bound: Bound, measured: Option<Spread>) -> Self {
        let met = measured.map(|it| match bound {
            Bound::AtMost(most) => it.median <= most,
            Bound::AtLeast(least) => it.median >= least,
            Bound::Within(most) => it.median.abs() <= most,
        });
        Self {
            name,
            unit: unit.to_owned(),
            bound,
            measured,
            met,
        }
    }

    pub fn is_met(&self) -> bool {
        self.met == Some(true)
    }

    fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "not run",
        }
    }

    fn bound(&self) -> String {
        match self.bound {
            Bound::AtMost(most) => format!("<= {most}"),
            Bound::AtLeast(least) => format!(">= {least}"),
            Bound::Within(most) => format!("within {most}"),
        }
    }

    fn figure(&self) -> String {
        self.measured.map_or(String::new(), |it| {
            let [low, high] = it.quartiles;
            format!("{:.2} [{low:.2} {high:.2}]", it.median)
        })
    }

    pub fn line(&self) -> String {
        let mut out = format!("{:<8}{:<66}", self.verdict(), self.name);
        _ = write!(
            out,
            "{:<13}{:<24}{}",
            self.bound(),
            self.figure(),
            self.unit
        );
        out
    }

    pub fn markdown(&self) -> String {
        let (figure, bound) = (self.figure(), self.bound());
        let verdict = self.verdict().to_lowercase();
        format!(
            "| {} | {figure} {} | {bound} | {verdict} |",
            self.name, self.unit
        )
    }
}

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
        for layout in rate::LAYOUTS {
            let workload = rate::workload(rate);
            goals.push(Goal::new(
                format!("{workload}, {}", layout.name),
                rate::OFF,
                Bound::Within(0.5),
                samples.figure(&workload, rate::OFF, layout.name),
            ));
        }
    }
    for layout in latency::LAYOUTS {
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
    use super::{Bound, Goal, of};
    use compare_harness::{Samples, Spread};

    #[test]
    fn a_goal_is_met_missed_or_not_run() {
        let spread = Spread::of(&[-0.6]);
        let met = |bound, measured| Goal::new(String::new(), "", bound, measured).met;
        assert_eq!(met(Bound::AtMost(0.0), Some(spread)), Some(true));
        assert_eq!(met(Bound::AtLeast(0.0), Some(spread)), Some(false));
        assert_eq!(met(Bound::Within(0.5), Some(spread)), Some(false));
        assert_eq!(met(Bound::Within(0.7), Some(spread)), Some(true));
        assert_eq!(met(Bound::AtMost(1.0), None), None);
    }

    #[test]
    fn without_figures_no_goal_is_met() {
        let goals = of(&Samples::default());
        assert!(goals.len() > 20 && goals.iter().all(|it| it.met.is_none()));
    }
}
