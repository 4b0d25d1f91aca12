//! The table and the data file.

use crate::goals::Goal;
use crate::machine;
use crate::measure::{MEMORY, PEAK};
use crate::workloads::OURS;
use serde::Serialize;
use std::fmt::Write as _;

/// A median over the rounds, with the quartiles.
#[derive(Clone, Copy, Serialize)]
pub struct Spread {
    pub median: f64,
    pub quartiles: [f64; 2],
}

impl Spread {
    pub fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |quarter: f64| {
            let place = (sorted.len() - 1) as f64 * quarter / 4.0;
            let [low, high] = [place.floor(), place.ceil()].map(|it| sorted[it as usize]);
            round(low + (high - low) * place.fract())
        };
        Self {
            median: at(2.0),
            quartiles: [at(1.0), at(3.0)],
        }
    }
}

fn round(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// One operation of one contender on one workload: a figure for each round.
struct Series {
    workload: String,
    operation: &'static str,
    contender: &'static str,
    values: Vec<f64>,
}

/// What each round gave, in the order in which it came first.
#[derive(Default)]
pub struct Samples(Vec<Series>);

impl Samples {
    pub fn add(
        &mut self,
        workload: &str,
        operation: &'static str,
        contender: &'static str,
        value: f64,
    ) {
        let same = |it: &&mut Series| {
            it.workload == workload && it.operation == operation && it.contender == contender
        };
        match self.0.iter_mut().find(same) {
            Some(series) => series.values.push(value),
            None => self.0.push(Series {
                workload: workload.to_owned(),
                operation,
                contender,
                values: vec![value],
            }),
        }
    }

    fn values(&self, workload: &str, operation: &str, contender: &str) -> Option<&[f64]> {
        let same = |it: &&Series| {
            it.workload == workload && it.operation == operation && it.contender == contender
        };
        self.0.iter().find(same).map(|it| it.values.as_slice())
    }

    /// One contender's figure.
    pub fn figure(&self, workload: &str, operation: &str, contender: &str) -> Option<Spread> {
        self.values(workload, operation, contender).map(Spread::of)
    }

    /// One contender's figures by another's, round by round.
    pub fn ratio(
        &self,
        workload: &str,
        operation: &str,
        contender: &str,
        by: &str,
    ) -> Option<Spread> {
        let own = self.values(workload, operation, contender)?;
        let other = self.values(workload, operation, by)?;
        let ratios: Vec<f64> = own
            .iter()
            .zip(other)
            .map(|(own, other)| own / other)
            .collect();
        Some(Spread::of(&ratios))
    }

    /// The contender that was named first in the workload.
    fn reference(&self, workload: &str) -> &'static str {
        let first = self.0.iter().find(|it| it.workload == workload);
        first.map_or("", |it| it.contender)
    }

    fn rows(&self) -> Vec<Row> {
        let row = |it: &Series| {
            let by = self.reference(&it.workload);
            Row {
                workload: it.workload.clone(),
                operation: it.operation,
                contender: it.contender,
                unit: match it.operation {
                    MEMORY | PEAK => "B for each record",
                    _ => "ns",
                },
                value: Spread::of(&it.values),
                reference: by,
                ratio: self.ratio(&it.workload, it.operation, it.contender, by),
            }
        };
        self.0.iter().map(row).collect()
    }
}

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
    command: String,
    commit: String,
    processor: String,
    load_average: String,
    rounds: usize,
    versions: Vec<String>,
    goals: Vec<Goal>,
    rows: Vec<Row>,
}

impl Report {
    pub fn new(rounds: usize, samples: &Samples, goals: Vec<Goal>) -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let head = "cargo run --release --manifest-path compare/Cargo.toml -p compare-maps --";
        Self {
            command: format!("{head} {}", arguments.join(" ")).trim().to_owned(),
            commit: machine::commit(),
            processor: machine::processor(),
            load_average: machine::load_average(),
            rounds,
            versions: machine::versions(),
            goals,
            rows: samples.rows(),
        }
    }

    /// A block for each workload, a line for each operation, a column for each contender; then the
    /// goals.
    pub fn table(&self) -> String {
        let mut out = format!("{}\n{} rounds\n", self.processor, self.rounds);
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
        let text = serde_json::to_string_pretty(self).expect("numbers and strings");
        text + "\n"
    }
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
