//! The table and the data file.

use crate::contenders::REFERENCE;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;
use std::{fs, io};

/// A median over the rounds, with the quartiles and the extremes.
#[derive(Clone, Copy, Serialize)]
pub struct Spread {
    pub median: f64,
    pub quartiles: [f64; 2],
    pub extremes: [f64; 2],
}

impl Spread {
    fn of(samples: &[f64]) -> Self {
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
    (value * 1e3).round() / 1e3
}

/// One measure of one contender at one workload.
#[derive(Serialize)]
pub struct Row {
    workload: String,
    measure: String,
    contender: &'static str,
    median: Spread,
    /// The median over the rounds of this contender's value by glibc's of the same round.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_glibc: Option<f64>,
}

/// Proofs that did not verify, and runs that did not end.
#[derive(Default, Serialize)]
pub struct Validity {
    pub proofs: usize,
    pub invalid: usize,
    pub broken_runs: Vec<String>,
}

/// A workload, a measure and a contender.
type Key = (String, String, &'static str);

/// What each round gave. Values are in the order of the rounds.
#[derive(Default)]
pub struct Samples {
    values: BTreeMap<Key, Vec<(usize, f64)>>,
    validity: BTreeMap<(String, &'static str), Validity>,
}

impl Samples {
    pub fn add(
        &mut self,
        workload: &str,
        measure: &str,
        contender: &'static str,
        round: usize,
        value: f64,
    ) {
        let key = (workload.to_owned(), measure.to_owned(), contender);
        self.values.entry(key).or_default().push((round, value));
    }

    pub fn validity(&mut self, workload: &str, contender: &'static str) -> &mut Validity {
        self.validity
            .entry((workload.to_owned(), contender))
            .or_default()
    }

    fn rows(&self) -> Vec<Row> {
        let row = |(key, samples): (&Key, &Vec<(usize, f64)>)| {
            let (workload, measure, contender) = key.clone();
            let values: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
            Row {
                by_glibc: self.by_reference(key),
                workload,
                measure,
                contender,
                median: Spread::of(&values),
            }
        };
        self.values.iter().map(row).collect()
    }

    fn by_reference(&self, key: &Key) -> Option<f64> {
        let reference = (key.0.clone(), key.1.clone(), REFERENCE);
        let reference: BTreeMap<_, _> = self.values.get(&reference)?.iter().copied().collect();
        let ratio = |(round, value): &(usize, f64)| Some(value / reference.get(round)?);
        let ratios: Vec<f64> = self.values[key].iter().filter_map(ratio).collect();
        (!ratios.is_empty()).then(|| Spread::of(&ratios).median)
    }
}

#[derive(Serialize)]
struct ValidityRow {
    workload: String,
    contender: &'static str,
    #[serde(rename = "validity")]
    of: Validity,
}

/// What was measured, where, and how.
#[derive(Serialize)]
pub struct Report {
    command: String,
    commit: String,
    processor: String,
    huge_pages: String,
    load_average: String,
    rounds: usize,
    versions: Vec<String>,
    rows: Vec<Row>,
    proofs: Vec<ValidityRow>,
}

impl Report {
    pub fn new(rounds: usize, samples: Samples) -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let flags = option_env!("RUSTFLAGS").map_or(String::new(), |it| format!("RUSTFLAGS={it} "));
        let head =
            flags + "cargo run --release --manifest-path compare/Cargo.toml -p compare-phase --";
        Self {
            command: format!("{head} {}", arguments.join(" ")).trim().to_owned(),
            commit: commit(),
            processor: processor(),
            huge_pages: line("/sys/kernel/mm/transparent_hugepage/enabled"),
            load_average: line("/proc/loadavg"),
            rounds,
            versions: versions(),
            rows: samples.rows(),
            proofs: samples
                .validity
                .into_iter()
                .map(|((workload, contender), of)| ValidityRow {
                    workload,
                    contender,
                    of,
                })
                .collect(),
        }
    }

    pub fn table(&self) -> String {
        let mut out = format!("{}\n{} rounds, medians\n", self.processor, self.rounds);
        let mut heading = (String::new(), String::new());
        for row in &self.rows {
            if (&heading.0, &heading.1) != (&row.workload, &row.measure) {
                heading = (row.workload.clone(), row.measure.clone());
                _ = writeln!(out, "\n{}: {}", row.workload, row.measure);
            }
            let [low, high] = row.median.quartiles;
            let ratio = row
                .by_glibc
                .map_or(String::new(), |ratio| format!("{ratio:>8.3} x glibc"));
            _ = writeln!(
                out,
                "  {:<26}{:>12.2}  [{low:>10.2} {high:>10.2}]{ratio}",
                row.contender, row.median.median
            );
        }
        _ = writeln!(out, "\nproofs that do not verify");
        for row in &self.proofs {
            let Validity {
                invalid,
                proofs,
                broken_runs,
            } = &row.of;
            let (workload, contender) = (&row.workload, row.contender);
            _ = write!(
                out,
                "  {workload:<32}{contender:<26}{invalid:>4} of {proofs}"
            );
            let broken = match broken_runs.first() {
                Some(first) => format!("; {} runs broke: {first}", broken_runs.len()),
                None => String::new(),
            };
            _ = writeln!(out, "{broken}");
        }
        out
    }

    pub fn write(&self, path: &str) -> io::Result<()> {
        fs::write(path, serde_json::to_string_pretty(self)? + "\n")
    }
}

fn line(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
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
        "mimalloc",
        "libmimalloc-sys",
        "tikv-jemalloc-sys",
        "snmalloc-rs",
        "rpmalloc-sys",
        "rusty_alloc",
        "zk-alloc",
        "bumpalo",
        "p3-uni-stark",
    ];
    let entry = |name: &&str| {
        let start = lock.find(&format!("name = \"{name}\"\n"))?;
        let version = lock[start..].lines().nth(1)?.split('"').nth(1)?;
        Some(format!("{name} {version}"))
    };
    names.iter().filter_map(entry).collect()
}
