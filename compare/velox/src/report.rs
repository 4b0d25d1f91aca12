//! The table and the data file.

use crate::machine;
use serde::Serialize;
use std::fmt::Write as _;

/// A median over the rounds, with the quartiles.
#[derive(Clone, Copy, Serialize)]
pub struct Spread {
    pub median: f64,
    pub quartiles: [f64; 2],
}

impl Spread {
    fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |quarter: f64| {
            let place = (sorted.len() - 1) as f64 * quarter / 4.0;
            let [low, high] = [place.floor(), place.ceil()].map(|it| sorted[it as usize]);
            let value = low + (high - low) * place.fract();
            (value * 1e3).round() / 1e3
        };
        Self {
            median: at(2.0),
            quartiles: [at(1.0), at(3.0)],
        }
    }
}

/// One contender at one workload: a figure for each round.
struct Series {
    workload: String,
    contender: &'static str,
    unit: &'static str,
    values: Vec<f64>,
}

/// What each round gave, in the order in which it came first.
#[derive(Default)]
pub struct Samples(Vec<Series>);

impl Samples {
    /// Adds the figure of one round. The first contender of a workload is what the others are compared with.
    pub fn add(&mut self, workload: &str, contender: &'static str, unit: &'static str, value: f64) {
        let same = |it: &&mut Series| {
            it.workload == workload && it.contender == contender && it.unit == unit
        };
        match self.0.iter_mut().find(same) {
            Some(series) => series.values.push(value),
            None => self.0.push(Series {
                workload: workload.to_owned(),
                contender,
                unit,
                values: vec![value],
            }),
        }
    }

    fn rows(&self) -> Vec<Row> {
        let row = |it: &Series| {
            let same = |other: &&Series| other.workload == it.workload && other.unit == it.unit;
            let reference = self.0.iter().find(same).unwrap_or(it);
            let pairs = it.values.iter().zip(&reference.values);
            let ratios: Vec<f64> = pairs.map(|(own, other)| own / other).collect();
            Row {
                workload: it.workload.clone(),
                contender: it.contender,
                unit: it.unit,
                value: Spread::of(&it.values),
                reference: reference.contender,
                ratio: Spread::of(&ratios),
            }
        };
        self.0.iter().map(row).collect()
    }
}

#[derive(Serialize)]
struct Row {
    workload: String,
    contender: &'static str,
    unit: &'static str,
    value: Spread,
    reference: &'static str,
    /// By the reference, round by round.
    ratio: Spread,
}

/// What was measured, where, and how.
#[derive(Serialize)]
pub struct Report {
    command: String,
    commit: String,
    processor: String,
    load_average: String,
    rounds: usize,
    count: usize,
    versions: Vec<String>,
    rows: Vec<Row>,
}

impl Report {
    pub fn new(rounds: usize, count: usize, samples: &Samples) -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let head = "cargo run --release --manifest-path compare/Cargo.toml -p compare-velox --";
        Self {
            command: format!("{head} {}", arguments.join(" ")).trim().to_owned(),
            commit: machine::commit(),
            processor: machine::processor(),
            load_average: machine::load_average(),
            rounds,
            count,
            versions: machine::versions(),
            rows: samples.rows(),
        }
    }

    pub fn table(&self) -> String {
        let mut out = format!(
            "{}\n{} rounds, medians [quartiles]\n",
            self.processor, self.rounds
        );
        let mut heading = (String::new(), "");
        for row in &self.rows {
            if (row.workload.as_str(), row.unit) != (heading.0.as_str(), heading.1) {
                heading = (row.workload.clone(), row.unit);
                _ = writeln!(out, "\n{} ({})", row.workload, row.unit);
            }
            let (value, [low, high]) = (row.value.median, row.value.quartiles);
            _ = writeln!(
                out,
                "  {:<28}{value:>9.2}  [{low:>8.2} {high:>8.2}]  {:.2} x {}",
                row.contender, row.ratio.median, row.reference
            );
        }
        out
    }

    /// The data file.
    pub fn data(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("numbers and strings");
        text + "\n"
    }
}
