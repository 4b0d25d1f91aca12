//! What idmap is to reach, each with what this run measured.

use crate::measure::MEMORY;
use crate::workloads::{
    BTREE, HASH, IDDQD, IDS, IN_SEQUENCE, MULTI_INDEX, NUMBERS, ORDERED, OURS, PATHS, SMALL, STD,
    THREE_KEYS, UUIDS, name,
};
use compare_harness::{Samples, Spread};
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// A figure that is to be at most so much.
#[derive(Serialize)]
pub struct Goal {
    workload: String,
    operation: &'static str,
    /// What it is divided by; nothing for bytes.
    by: Option<&'static str>,
    at_most: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<Spread>,
}

impl Goal {
    pub fn is_met(&self) -> bool {
        self.measured.is_some_and(|it| it.median <= self.at_most)
    }
}

impl Display for Goal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_met() { "pass" } else { "MISS" };
        let by = self.by.map_or("bytes".to_owned(), |by| format!("by {by}"));
        let measured = self.measured.map_or("not measured".to_owned(), |it| {
            let [low, high] = it.quartiles;
            format!("{:.2} [{low:.2} {high:.2}]", it.median)
        });
        write!(
            f,
            "{verdict}  {:<52}{:<14}{by:<20} <= {:<6.2} {measured}",
            self.workload, self.operation, self.at_most
        )
    }
}

/// The goals, in the order of the specification.
pub fn of(samples: &Samples, large: usize) -> Vec<Goal> {
    let mut goals = Goals {
        samples,
        all: Vec::new(),
    };
    let over_sizes = |kinds: &[&'static str]| {
        let kinds = kinds.to_vec();
        [SMALL, large]
            .into_iter()
            .flat_map(move |size| kinds.clone().into_iter().map(move |keys| (keys, size)))
    };
    for (keys, size) in over_sizes(&[NUMBERS, UUIDS]) {
        let workload = name(HASH, keys, size);
        let by_std = [
            ("get", 1.15),
            ("get_mut", 1.3),
            ("remove", 1.1),
            ("insert", 0.95),
        ];
        for (operation, at_most) in by_std {
            goals.ratio(&workload, operation, STD, at_most);
            goals.ratio(&workload, operation, IDDQD, 1.0);
        }
    }
    for keys in [NUMBERS, UUIDS] {
        goals.ratio(&name(HASH, keys, large), "get, missing", IDDQD, 0.5);
    }
    goals.bytes(&name(HASH, NUMBERS, large), 78.0);
    for (keys, size) in over_sizes(&[NUMBERS, IN_SEQUENCE, UUIDS, IDS, PATHS]) {
        let workload = name(ORDERED, keys, size);
        for (operation, at_most) in [
            ("get", 1.0),
            ("insert", 1.1),
            ("remove", 1.1),
            ("iter", 1.2),
        ] {
            goals.ratio(&workload, operation, BTREE, at_most);
        }
    }
    for (keys, size) in over_sizes(&[NUMBERS, UUIDS]) {
        let workload = name(THREE_KEYS, keys, size);
        goals.ratio(&workload, "insert", MULTI_INDEX, 0.4);
        goals.ratio(&workload, "insert", IDDQD, 0.9);
    }
    goals.all
}

struct Goals<'s> {
    samples: &'s Samples,
    all: Vec<Goal>,
}

impl Goals<'_> {
    fn ratio(&mut self, workload: &str, operation: &'static str, by: &'static str, at_most: f64) {
        self.all.push(Goal {
            workload: workload.to_owned(),
            operation,
            by: Some(by),
            at_most,
            measured: self.samples.ratio(workload, operation, OURS, by),
        });
    }

    fn bytes(&mut self, workload: &str, at_most: f64) {
        self.all.push(Goal {
            workload: workload.to_owned(),
            operation: MEMORY,
            by: None,
            at_most,
            measured: self.samples.figure(workload, MEMORY, OURS),
        });
    }
}
