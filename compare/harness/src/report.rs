//! The table and the data file.

use crate::{Goal, Run, Samples, Series, Spread, json};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
    /// Rivals and suites that this run is without, and why.
    not_run: Vec<String>,
    goals: Vec<Goal>,
    rows: Vec<Row>,
}

impl Report {
    /// What `run` measured; each of its contenders did `count` operations a round where that is one number.
    pub fn new(
        run: Run,
        count: Option<usize>,
        samples: &Samples,
        goals: Vec<Goal>,
        not_run: Vec<String>,
    ) -> Self {
        Self {
            run,
            count,
            not_run,
            goals,
            rows: rows(samples),
        }
    }

    /// As text.
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

    /// Writes the data file and the table of goals in a file of Markdown, where these are wanted.
    ///
    /// # Errors
    /// A file can't be read or written, or has no marks; the text says which, and why.
    pub fn write(&self, data: Option<&str>, readme: Option<&str>) -> Result<(), String> {
        let data = data.map(|path| (Ok(json(self)), path));
        let readme = readme.map(|path| (self.within(path), path));
        for (text, path) in data.into_iter().chain(readme) {
            text.and_then(|text| fs::write(path, text))
                .map_err(|error| format!("failed to write {path}: {error}"))?;
        }
        Ok(())
    }

    /// A file of Markdown with the goals as a table between its two marks.
    fn within(&self, path: &str) -> io::Result<String> {
        let text = fs::read_to_string(path)?;
        let marks = text.split_once(BEGIN).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) = marks.ok_or_else(|| {
            let what = format!("no {BEGIN} with an {END} behind it");
            io::Error::new(io::ErrorKind::InvalidData, what)
        })?;
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
