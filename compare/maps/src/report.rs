//! The table and the data file.

use crate::goals::Goal;
use crate::measure::{MEMORY, PEAK};
use crate::workloads::OURS;
use compare_harness::{Run, Samples, Series, Spread, json, versions};
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Row {
    workload: String,
    operation: &'static str,
    contender: &'static str,
    unit: &'static str,
    value: Spread,
    /// What the ratio is to.
    reference: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<Spread>,
}

/// What was measured, where, and how.
#[derive(Serialize)]
pub struct Report {
    #[serde(flatten)]
    run: Run,
    goals: Vec<Goal>,
    rows: Vec<Row>,
}

impl Report {
    pub fn new(rounds: usize, samples: &Samples, goals: Vec<Goal>) -> Self {
        let names = [
            "bimap",
            "hashbrown",
            "iddqd",
            "indexmap",
            "multi_index_map",
            "foldhash",
        ];
        Self {
            run: Run::new("compare-maps", rounds, versions(&names)),
            goals,
            rows: rows(samples),
        }
    }

    /// A block for each workload, a line for each operation, a column for each contender; then the
    /// goals.
    pub fn table(&self) -> String {
        let mut out = format!("{}\n{} rounds\n", self.run.processor, self.run.rounds);
        for block in self
            .rows
            .chunk_by(|one, other| one.workload == other.workload)
        {
            self.block(&mut out, block);
        }
        _ = writeln!(out, "\ngoals of {OURS}");
        for goal in &self.goals {
            _ = writeln!(out, "  {goal}");
        }
        let passed = self.goals.iter().filter(|it| it.is_met()).count();
        _ = writeln!(out, "  {passed} of {} are met", self.goals.len());
        out
    }

    fn block(&self, out: &mut String, rows: &[Row]) {
        let mut contenders: Vec<&str> = Vec::new();
        let mut operations: Vec<&str> = Vec::new();
        for row in rows {
            if !contenders.contains(&row.contender) {
                contenders.push(row.contender);
            }
            if !operations.contains(&row.operation) {
                operations.push(row.operation);
            }
        }
        let reference = rows[0].reference;
        _ = writeln!(
            out,
            "\n{}: ns, [quartiles], and by {reference}",
            rows[0].workload
        );
        _ = write!(out, "  {:<30}", "");
        for contender in &contenders {
            _ = write!(out, "{contender:>28}");
        }
        out.push('\n');
        for operation in operations {
            _ = write!(out, "  {operation:<30}");
            for contender in &contenders {
                let cell = rows
                    .iter()
                    .find(|it| it.operation == operation && it.contender == *contender);
                _ = write!(out, "{:>28}", cell.map_or(String::new(), Row::cell));
            }
            out.push('\n');
        }
    }

    /// The data file.
    pub fn data(&self) -> String {
        json(self)
    }
}

fn rows(samples: &Samples) -> Vec<Row> {
    let row = |it: &Series| {
        let by = reference(samples, &it.workload);
        Row {
            workload: it.workload.clone(),
            operation: it.measure,
            contender: it.contender,
            unit: match it.measure {
                MEMORY | PEAK => "B for each record",
                _ => "ns",
            },
            value: Spread::of(&it.values),
            reference: by,
            ratio: samples.ratio(&it.workload, it.measure, it.contender, by),
        }
    };
    samples.series().iter().map(row).collect()
}

/// The contender that was named first in the workload.
fn reference(samples: &Samples, workload: &str) -> &'static str {
    let first = samples.series().iter().find(|it| it.workload == workload);
    first.map_or("", |it| it.contender)
}

impl Row {
    fn cell(&self) -> String {
        let Spread {
            median,
            quartiles: [low, high],
        } = self.value;
        let ratio = self.ratio.filter(|_| self.contender != self.reference);
        let ratio = ratio.map_or(String::new(), |it| format!("{:.2}", it.median));
        format!("{median:.1} [{low:.1} {high:.1}] {ratio:>5}")
    }
}
