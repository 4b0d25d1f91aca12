//! Executions: what was run, what it executed, and whether the layer was awake.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BugClass, LayerName, SiteId};

/// A run's name in its file, for example `asan/debug`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One execution of the exercise under one mode of one layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The run's name: layer, `/`, mode.
    pub id: RunId,
    /// The layer it belongs to.
    pub layer: LayerName,
    /// The mode, for example `debug`, `release`, `tree borrows`.
    pub mode: String,
    /// The command that repeats it by hand.
    pub command: CommandLine,
    /// How it ended.
    pub outcome: Outcome,
    /// What became of the tests.
    pub tests: TestCounts,
    /// Tests that did not simply pass, sorted by name.
    pub cases: Vec<TestCase>,
    /// The seed of a probabilistic run.
    pub seed: Option<u64>,
    /// How often the exercise was executed.
    pub repeats: u32,
    /// Build time in milliseconds.
    pub build_ms: u64,
    /// Execution time in milliseconds, over all repeats.
    pub run_ms: u64,
    /// SHA-256 of the run's log, in lower-case hexadecimal.
    pub log_sha256: String,
    /// Where the log lies, relative to the report's folder.
    pub log: String,
    /// Whether the record was taken from an earlier audit of the same content.
    pub cached: bool,
}

/// A command as it was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandLine {
    /// Variables that were set for it, sorted by name.
    pub env: Vec<(String, String)>,
    /// The program and its arguments.
    pub argv: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum Outcome {
    /// Every test that ran passed and the layer reported nothing.
    Passed,
    /// A test failed, or the layer reported something: the findings say what.
    Failed,
    /// The exercise did not build under this mode.
    DidNotBuild {
        /// The compiler's first error.
        error: String,
    },
    /// The run was ended by its limit of time or memory.
    LimitReached {
        /// Which limit.
        limit: String,
    },
    /// The run was interrupted.
    Interrupted,
}

/// Numbers of tests by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCounts {
    /// Passed.
    pub passed: u32,
    /// Failed.
    pub failed: u32,
    /// Left out by the `ignore` attribute.
    pub ignored: u32,
    /// Left out by a filter of this run.
    pub filtered: u32,
    /// Ended by the layer's own limits (an operation that Miri does not support): no pass and no finding.
    pub cut: u32,
    /// Ended by the time limit.
    pub timed_out: u32,
}

/// A test that did not simply pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCase {
    /// Test target and test name, for example `it::wraps_around`.
    pub name: String,
    /// What became of it.
    pub status: TestStatus,
    /// The reason where one is known, for example Miri's `unsupported operation` message.
    pub detail: Option<String>,
}

/// What became of a test.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TestStatus {
    /// It failed.
    Failed,
    /// It carries the `ignore` attribute.
    Ignored,
    /// The layer could not execute it to its end.
    Cut,
    /// It did not end in its time.
    TimedOut,
    /// It passes in the original and fails in the instrumented copy: a fault of the probe, never a finding.
    ProbeFailure,
}

/// A site that a run executed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hit {
    /// The site.
    pub site: SiteId,
    /// The run.
    pub run: RunId,
    /// How often; saturates. Under Miri it is the number of processes that executed the site.
    pub count: u64,
}

/// A planted bug that a run had to catch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The run it vouches for.
    pub run: RunId,
    /// The class of the planted bug.
    pub class: BugClass,
    /// Whether the layer caught it. If not, the layer's pass is void.
    pub caught: bool,
    /// Executions that caught it.
    pub caught_in: u32,
    /// Executions that were made.
    pub executions: u32,
    /// What the layer said, or why nothing was caught.
    pub detail: String,
}
