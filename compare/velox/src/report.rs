//! The table and the data file.

use crate::Options;
use crate::goals::Goal;
use compare_harness::{Run, Samples, Series, Spread, json, versions};
use serde::Serialize;
use std::fmt::Write as _;
use std::{fs, io};

/// Between these stands the table of goals.
const BEGIN: &str = "<!-- goals -->";
const END: &str = "<!-- end of goals -->";

#[derive(Serialize)]
struct Row {
    workload: String,
    contender: &'static str,
    unit: &'static str,
    value: Spread,
    reference: &'static str,
    /// By the reference, round by round.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<Spread>,
}

/// What was measured, where, and how.
#[derive(Serialize)]
pub struct Report {
    #[serde(flatten)]
    run: Run,
    count: usize,
    /// Rivals and suites that this run is without, and why.
    not_run: Vec<String>,
    goals: Vec<Goal>,
    rows: Vec<Row>,
}

impl Report {
    pub fn new(
        options: &Options,
        samples: &Samples,
        goals: Vec<Goal>,
        not_run: Vec<String>,
    ) -> Self {
        let names = ["hftbacktest", "itch5", "itchy", "lobster", "orderbook-rs"];
        Self {
            run: Run::new("compare-velox", options.rounds, versions(&names)),
            count: options.count,
            not_run,
            goals,
            rows: rows(samples),
        }
    }

    pub fn table(&self) -> String {
        let mut out = format!(
            "{}\n{} rounds, medians [quartiles]\n",
            self.run.processor, self.run.rounds
        );
        let mut heading = (String::new(), "");
        for row in &self.rows {
            if (row.workload.as_str(), row.unit) != (heading.0.as_str(), heading.1) {
                heading = (row.workload.clone(), row.unit);
                _ = writeln!(out, "\n{} ({})", row.workload, row.unit);
            }
            let (value, [low, high]) = (row.value.median, row.value.quartiles);
            _ = write!(
                out,
                "  {:<36}{value:>11.2}  [{low:>9.2} {high:>9.2}]",
                row.contender
            );
            if let Some(ratio) = row.ratio {
                _ = write!(out, "  {:.2} x {}", ratio.median, row.reference);
            }
            out.push('\n');
        }
        _ = writeln!(out, "\ngoals");
        for goal in &self.goals {
            _ = writeln!(out, "  {}", goal.line());
        }
        let met = self.goals.iter().filter(|it| it.is_met()).count();
        _ = writeln!(out, "  {met} of {} are met", self.goals.len());
        for reason in &self.not_run {
            _ = writeln!(out, "not run: {reason}");
        }
        out
    }

    /// A file of Markdown with the goals as a table between its two marks.
    ///
    /// # Errors
    /// The file can't be read, or has no marks.
    pub fn within(&self, path: &str) -> io::Result<String> {
        let text = fs::read_to_string(path)?;
        let marks = text.split_once(BEGIN).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) = marks.ok_or(io::ErrorKind::InvalidData)?;
        Ok(format!("{before}{BEGIN}\n{}{END}{after}", self.markdown()))
    }

    fn markdown(&self) -> String {
        let mut out = format!(
            "{}, {} rounds, medians [quartiles]:\n\n| | measured | goal | |\n|---|---|---|---|\n",
            self.run.processor, self.run.rounds
        );
        for goal in &self.goals {
            _ = writeln!(out, "{}", goal.markdown());
        }
        out
    }

    /// The data file.
    pub fn data(&self) -> String {
        json(self)
    }
}

/// Those of a workload and unit together, in the order in which these came first.
fn rows(samples: &Samples) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for series in samples.series() {
        let row = row(samples, series);
        let same = |it: &Row| it.workload == row.workload && it.unit == row.unit;
        let at = rows.iter().rposition(same).map_or(rows.len(), |at| at + 1);
        rows.insert(at, row);
    }
    rows
}

/// The first contender of a workload and unit is what the others are compared with.
fn row(samples: &Samples, it: &Series) -> Row {
    let same = |other: &&Series| other.workload == it.workload && other.measure == it.measure;
    let first = samples.series().iter().find(same);
    let reference = first.map_or(it.contender, |first| first.contender);
    Row {
        workload: it.workload.clone(),
        contender: it.contender,
        unit: it.measure,
        value: Spread::of(&it.values),
        reference,
        ratio: samples
            .ratio(&it.workload, it.measure, it.contender, reference)
            .filter(|it| it.median.is_finite()),
    }
}
