//! The table and the data file.

use crate::OURS;
use assay_evidence::{Better, CommandLine, Figure, Measurement, Measurements};
use serde::Serialize;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

/// A median over the rounds, with the quartiles and the extremes.
#[derive(Clone, Copy, Serialize)]
pub struct Spread {
    pub median: f64,
    pub quartiles: [f64; 2],
    pub extremes: [f64; 2],
}

impl Spread {
    pub fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |quarter: usize| round(sorted[(sorted.len() - 1) * quarter / 4]);
        Self {
            median: at(2),
            quartiles: [at(1), at(3)],
            extremes: [at(0), at(4)],
        }
    }
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// One contender at one workload.
#[derive(Serialize)]
pub struct Row {
    pub workload: String,
    pub contender: String,
    pub unit: &'static str,
    pub median: Spread,
    /// The 99.9th percentile within a round, for round trips.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p999: Option<Spread>,
}

/// What was measured, where, and how.
#[derive(Serialize)]
pub struct Report {
    command: String,
    commit: String,
    processor: String,
    load_average: String,
    rounds: usize,
    items: u64,
    trips: u64,
    capacity: usize,
    versions: Vec<String>,
    rows: Vec<Row>,
}

impl Report {
    pub fn new(rounds: usize, items: u64, trips: u64, capacity: usize, rows: Vec<Row>) -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let head = "cargo run --release --manifest-path compare/Cargo.toml -p compare-ring --";
        Self {
            command: format!("{head} {}", arguments.join(" ")).trim().to_owned(),
            commit: commit(),
            processor: processor(),
            load_average: fs::read_to_string("/proc/loadavg")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            rounds,
            items,
            trips,
            capacity,
            versions: versions(),
            rows,
        }
    }

    /// One line for each row, with its ratio to what it is measured by: the best rival for
    /// spsc-ring and spsc-ring for the others, the lower floor for round trips.
    pub fn table(&self) -> String {
        let mut out = format!(
            "{}\n{} rounds, medians [quartiles], capacity {}\n",
            self.processor, self.rounds, self.capacity
        );
        let mut workload = "";
        for row in &self.rows {
            if row.workload != workload {
                workload = &row.workload;
                _ = writeln!(out, "\n{workload} ({})", row.unit);
            }
            let [low, high] = row.median.quartiles;
            let median = row.median.median;
            _ = write!(
                out,
                "  {:<24}{median:>9.1}  [{low:>7.1} {high:>7.1}]",
                row.contender
            );
            _ = writeln!(out, "{}", self.comparison(row));
        }
        out
    }

    fn comparison(&self, row: &Row) -> String {
        if let Some(p999) = row.p999 {
            let (floor, floor_p999) = self.floor();
            let (ratio, ratio_p999) = (row.median.median / floor, p999.median / floor_p999);
            return format!(
                "  {ratio:.2} x floor   p99.9 {:>8.1}  {ratio_p999:.2} x floor",
                p999.median
            );
        }
        let rivals = self.rows.iter().filter(|it| it.workload == row.workload);
        let best = rivals
            .filter(|it| it.contender != OURS)
            .max_by(|one, other| one.median.median.total_cmp(&other.median.median));
        match best {
            Some(best) if row.contender == OURS => {
                format!(
                    "  {:.2} x {}",
                    row.median.median / best.median.median,
                    best.contender
                )
            }
            _ => String::new(),
        }
    }

    /// The lower of the two floors: its median and its 99.9th percentile.
    fn floor(&self) -> (f64, f64) {
        let floors = self
            .rows
            .iter()
            .filter(|row| row.contender.starts_with("floor"));
        let lower = floors.min_by(|one, other| one.median.median.total_cmp(&other.median.median));
        lower.map_or((f64::NAN, f64::NAN), |row| {
            (row.median.median, row.p999.map_or(f64::NAN, |it| it.median))
        })
    }

    /// The data file.
    pub fn data(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("numbers and strings");
        text + "\n"
    }

    /// The medians as figures that `cargo assay gate --figures` reads, each named `workload: contender`.
    pub fn figures(&self) -> String {
        let command = CommandLine {
            env: Vec::new(),
            argv: self.command.split_whitespace().map(str::to_owned).collect(),
        };
        let figure = |row: &Row| Measurement {
            name: format!("{}: {}", row.workload, row.contender),
            unit: row.unit.to_owned(),
            value: Figure::new(row.median.median).expect("finite"),
            better: if row.unit == "ns" {
                Better::Lower
            } else {
                Better::Higher
            },
            command: command.clone(),
        };
        let figures = self.rows.iter().map(figure).collect();
        Measurements::new(OURS, figures).to_json()
    }
}

fn commit() -> String {
    let output = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    text.unwrap_or_default()
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.and_then(|it| it.split(':').nth(1))
            .unwrap_or("unknown")
            .trim()
            .to_owned()
    };
    let cores = info
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    format!(
        "{}, model {}, {cores} cores",
        field("model name"),
        field("model\t")
    )
}

/// The contenders' versions, from the lock file.
fn versions() -> Vec<String> {
    let lock = include_str!("../../Cargo.lock");
    let names = [
        "rtrb",
        "ringbuf",
        "disruptor",
        "heapless",
        "crossbeam-queue",
    ];
    let entry = |name: &&str| {
        let start = lock.find(&format!("name = \"{name}\"\n"))?;
        let version = lock[start..].lines().nth(1)?.split('"').nth(1)?;
        Some(format!("{name} {version}"))
    };
    names.iter().filter_map(entry).collect()
}
