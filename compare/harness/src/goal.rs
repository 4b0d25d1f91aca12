//! What is to be reached, each with what a run measured.

use crate::Spread;
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
    pub fn new(name: String, unit: &str, bound: Bound, measured: Option<Spread>) -> Self {
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

    /// Whether it was measured, and the median keeps the bound.
    pub fn is_met(&self) -> bool {
        self.met == Some(true)
    }

    /// Whether there was no figure for it.
    pub fn is_not_run(&self) -> bool {
        self.met.is_none()
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

    /// As a line of text.
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

    /// As a row of a table.
    pub fn markdown(&self) -> String {
        let (figure, bound) = (self.figure(), self.bound());
        let verdict = self.verdict().to_lowercase();
        format!(
            "| {} | {figure} {} | {bound} | {verdict} |",
            self.name, self.unit
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Bound, Goal};
    use crate::Spread;

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
}
