//! Gates: thresholds over evidence, and what to do where one is not met.

mod check;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use crate::{Figure, LayerName};

pub use check::check;

/// A gate file: one gate for each package, by its name.
///
/// ```toml
/// [gate.spsc-ring]
/// verdict = "supported"
/// max-leaks = 0
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateFile {
    /// The gates.
    pub gate: BTreeMap<String, Gate>,
}

/// What is asked of the evidence of one package. What is not named is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Gate {
    /// The least verdict.
    pub verdict: Option<LeastVerdict>,
    /// The most unsafe sites.
    pub max_unsafe_sites: Option<u32>,
    /// The most sites that state no reason.
    pub max_undocumented_sites: Option<u32>,
    /// The least share of built sites that as many layers executed as `layers` says, in percent.
    pub min_sites_hit_percent: Option<Figure>,
    /// How many layers have to execute a site; 2 where nothing is said.
    pub layers: Option<u32>,
    /// Layers that have to run and count.
    pub required_layers: Vec<LayerName>,
    /// The least share of mutants that were killed, in percent of those that build and are not listed as equivalent.
    pub min_mutants_killed_percent: Option<Figure>,
    /// The most mutants that no test noticed.
    pub max_open_mutants: Option<u32>,
    /// The most leaks that the allow-list does not accept.
    pub max_leaks: Option<u32>,
    /// The most findings of any kind that the allow-list does not accept.
    pub max_findings: Option<u32>,
    /// The stored evidence that nothing may be worse than, relative to the gate file.
    pub baseline: Option<PathBuf>,
    /// Bounds on figures.
    pub figure: Vec<FigureGate>,
    /// Bounds on the ratio of two figures.
    pub ratio: Vec<RatioGate>,
}

/// The least verdict that a gate accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeastVerdict {
    /// Nothing refutes the crate.
    Incomplete,
    /// SUPPORTED, at any level.
    Supported,
    /// SUPPORTED, and every mutant was killed.
    Controlled,
}

impl fmt::Display for LeastVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incomplete => "INCOMPLETE",
            Self::Supported => "SUPPORTED",
            Self::Controlled => "SUPPORTED (controlled)",
        })
    }
}

/// Bounds on one figure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FigureGate {
    /// The measurement's name.
    pub name: String,
    /// The most.
    pub max: Option<Figure>,
    /// The least.
    pub min: Option<Figure>,
    /// How much worse than in the baseline it may be, in percent.
    pub max_worse_percent: Option<Figure>,
}

/// Bounds on a figure divided by another one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RatioGate {
    /// The measurement that is divided.
    pub of: String,
    /// The measurement that it is divided by.
    pub to: String,
    /// The most.
    pub max: Option<Figure>,
    /// The least.
    pub min: Option<Figure>,
}

/// A threshold that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shortfall {
    /// The key in the gate file, for example `max-leaks`.
    pub key: String,
    /// What was found and what is asked for, in one line.
    pub what: String,
    /// What it is about, one line each, at most a few.
    pub about: Vec<String>,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.what)?;
        for line in &self.about {
            write!(f, "\n    {line}")?;
        }
        write!(f, "\n  to do: {}", self.advice)
    }
}
