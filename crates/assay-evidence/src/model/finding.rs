//! Findings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BugClass, CommandLine, RunId, Severity, SiteId, Span};

/// Something that a layer or the inventory reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Stable name: a hash of class, sites and the topmost frames.
    pub id: String,
    /// The class of bug.
    pub class: BugClass,
    /// How much it weighs; equals `class.severity()`.
    pub severity: Severity,
    /// How sure the report is.
    pub confidence: Confidence,
    /// The sites it is attributed to, the most likely first; at most three. Empty: unattributed.
    pub sites: Vec<SiteId>,
    /// One line, for example `heap-buffer-overflow: read of 1 byte`.
    pub title: String,
    /// Where the report points in the audited source.
    pub span: Option<Span>,
    /// The stacks of the report, in its order.
    pub stacks: Vec<Stack>,
    /// Runs that reported it, in the order of the runs.
    pub sightings: Vec<Sighting>,
    /// The command that shows it again.
    pub reproduce: Option<CommandLine>,
    /// The index of the allow-list entry that accepts it.
    pub allowed_by: Option<u32>,
}

/// How sure a report is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum Confidence {
    /// The layer's report stands as it is.
    Firm,
    /// The layer's report can have a cause outside the audited code.
    Inconclusive {
        /// Why.
        reason: String,
    },
}

/// One stack of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// What it shows, for example `read`, `previous write`, `allocated here`.
    pub label: String,
    /// Frames, innermost first.
    pub frames: Vec<Frame>,
}

/// One frame of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// The function as the report names it.
    pub function: String,
    /// The file: relative to the package's root where it lies there, as reported elsewhere.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
}

/// A run that reported a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// The run.
    pub run: RunId,
    /// The test that was executing, where it is known.
    pub test: Option<String>,
    /// In how many executions it showed.
    pub seen: u32,
    /// Executions that were made.
    pub executions: u32,
}
