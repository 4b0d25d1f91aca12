//! The file itself, and what was audited where.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Atomic, Baseline, Control, Equivalent, Finding, Hit, Layer, Measurement, Mutant, Run, Site,
    SourceFile,
};

/// The version of the schema that this build of the crate reads and writes.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything an audit recorded about one package.
///
/// # Invariants
/// 1. The schema version is [`SCHEMA_VERSION`]; identifiers (`Site::id`, `Run::id`, `Finding::id`,
///    `Layer::name`, `SourceFile::path`, `Mutant::id`, `Answer::layer`, `Baseline::layer`,
///    `Equivalent::mutant`, `Measurement::name`, the pair of a hit) are unique in their list.
/// 2. Every reference (`Hit::site`, `Hit::run`, `Control::run`, `Sighting::run`, ...) names a record of this file.
/// 3. Lists are sorted by the order documented on each field, so that equal evidence is equal text.
/// 4. A finding's severity is that of its class.
/// 5. A finding names at most three sites, each once.
/// 6. `Finding::allowed_by` points to an entry of the same class that lists the finding as matched;
///    every entry states a reason.
/// 7. Lines and columns count from 1, and no span ends before it starts.
/// 8. Counts agree: no hit of 0, nothing seen or caught more often than executed.
/// 9. A mutant that does not build has no answer; an answer's layer has a baseline that passed.
/// 10. Every entry of the list of equivalents states its reason, its reviewer and its date.
///
/// [`Evidence::validate`] checks them, [`Evidence::sort`] brings about the third.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The schema that the file follows: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The program that wrote the file.
    pub tool: ToolVersion,
    /// Whether the audit reached its end.
    pub completion: Completion,
    /// What was audited.
    pub subject: Subject,
    /// The machine and the tools that were found on it, sorted by name.
    pub environment: Environment,
    /// Source files that hold a site or a finding, sorted by path.
    pub files: Vec<SourceFile>,
    /// Unsafe sites, sorted by file and position.
    pub sites: Vec<Site>,
    /// Atomic operations, sorted by file and position.
    pub atomics: Vec<Atomic>,
    /// One record for each layer that the tool knows, in [`crate::LayerName`] order.
    pub layers: Vec<Layer>,
    /// Executions, in the order in which they were made.
    pub runs: Vec<Run>,
    /// Which run executed which site, sorted by site, then run.
    pub hits: Vec<Hit>,
    /// The planted bug of each layer and run, in the order of the runs.
    pub controls: Vec<Control>,
    /// Findings, sorted by severity, class and first site.
    pub findings: Vec<Finding>,
    /// What each layer made of the tests without a mutant, in [`crate::LayerName`] order; empty where
    /// no mutant was made.
    #[serde(default)]
    pub baselines: Vec<Baseline>,
    /// Mutants of unsafe-relevant code, sorted by position and operator.
    pub mutants: Vec<Mutant>,
    /// The reviewed list of equivalent mutants, in its order.
    #[serde(default)]
    pub equivalents: Vec<Equivalent>,
    /// Figures that benchmarks measured, sorted by name.
    #[serde(default)]
    pub measurements: Vec<Measurement>,
    /// Entries of the user's allow-list, in its order.
    pub allowances: Vec<Allowance>,
}

/// A program and its version as it prints it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolVersion {
    /// The program's name, for example `rustc`.
    pub name: String,
    /// Its version text, for example `1.95.0 (59807616e 2026-04-14)`.
    pub version: String,
}

/// Whether the audit reached its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum Completion {
    /// Every planned step was made.
    Complete,
    /// The audit was cut short; what stands in the file was gathered before that.
    Interrupted {
        /// What ended it, for example `Ctrl-C`.
        reason: String,
    },
}

/// The audited package and what drives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The package's name.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// Where the source came from.
    pub origin: Origin,
    /// The package whose tests or programs drove it; differs from `package` when a dependency is audited.
    pub driver: String,
    /// What was executed.
    pub exercise: Exercise,
    /// Features that were switched on by name, sorted; `default` is among them unless it was switched off.
    pub features: Vec<String>,
    /// SHA-256 over the package's files and the lock file, in lower-case hexadecimal.
    pub source_sha256: String,
}

/// Where a package's source came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A member of the audited workspace.
    Workspace,
    /// A path dependency outside the workspace.
    Path,
    /// A registry dependency.
    Registry,
    /// A git dependency.
    Git,
}

/// What drives the audited code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum Exercise {
    /// The tests of the driving package, doctests included.
    Tests,
    /// A binary target.
    Bin {
        /// The target's name.
        name: String,
    },
    /// An example target.
    Example {
        /// The target's name.
        name: String,
    },
    /// A command, run by the shell in the driving package's scratch copy.
    Command {
        /// The command line.
        line: String,
    },
}

/// The machine that ran the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Target triple of the host, for example `x86_64-unknown-linux-gnu`.
    pub host: String,
    /// Logical processors that were available.
    pub processors: u32,
    /// Tools that were found, sorted by name.
    pub tools: Vec<ToolVersion>,
}

/// One entry of the user's allow-list: a finding that is accepted, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// The class that is accepted.
    pub class: crate::BugClass,
    /// A function path or a site id; a finding matches when its site or a frame of its stacks names it.
    pub at: String,
    /// Why it is accepted.
    pub reason: String,
    /// Findings that it matched, sorted. An entry that matches nothing makes the audit fail.
    pub matched: Vec<String>,
}
