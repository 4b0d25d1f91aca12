//! Figures that benchmarks measured, for gates.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::CommandLine;

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// What was measured, for example `ring/8-bytes/single`; unique in its file. A rival's figure is
    /// a measurement of its own, for example `rtrb/8-bytes/single`: gates ask for ratios of two names.
    pub name: String,
    /// The unit, for example `ns`, `instructions`, `bytes`, `items/s`.
    pub unit: String,
    /// The value.
    pub value: Figure,
    /// Which direction is the better one.
    pub better: Better,
    /// The command that measures it again.
    pub command: CommandLine,
}

/// Figures of one package as a benchmark writes them to a file of its own; a gate takes them beside the evidence.
///
/// ```
/// use assay_evidence::{Better, CommandLine, Figure, Measurement, Measurements};
/// let push = Measurement {
///     name: "ring/push".into(),
///     unit: "instructions".into(),
///     value: Figure::new(42.0).unwrap(),
///     better: Better::Lower,
///     command: CommandLine { env: vec![], argv: vec!["cargo".into(), "bench".into()] },
/// };
/// let text = Measurements::new("spsc-ring", vec![push]).to_json();
/// assert_eq!(Measurements::from_json(&text)?.measurements[0].value.get(), 42.0);
/// # Ok::<(), assay_evidence::LoadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Measurements {
    /// The schema that the file follows: [`crate::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The package that the figures are about.
    pub package: String,
    /// The figures, sorted by name.
    pub measurements: Vec<Measurement>,
}

/// Which direction of a figure is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// Times, instructions, bytes.
    Lower,
    /// Throughput.
    Higher,
}

/// A finite number. Equal figures are written in the same way.
///
/// ```
/// use assay_evidence::Figure;
/// assert!(Figure::new(1.5).unwrap() < Figure::new(2.0).unwrap());
/// assert_eq!(Figure::new(-0.0), Figure::new(0.0));
/// assert_eq!(Figure::new(f64::NAN), None);
/// ```
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Figure(f64);

impl Figure {
    /// The number, if it is finite.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        // Adding zero makes -0.0 one with 0.0.
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for Figure {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Figure {}

impl PartialOrd for Figure {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Figure {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Self::new(value).ok_or_else(|| serde::de::Error::custom("a figure is a finite number"))
    }
}
