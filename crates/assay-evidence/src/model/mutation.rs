//! Mutants: small changes to the code that unsafe sites depend on, and what noticed them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CommandLine, LayerName, SiteId, Span};

/// A small change to unsafe-relevant code, and what each layer said of it.
///
/// Whether that is a kill is not stored: [`crate::Evidence::fate`] derives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mutant {
    /// The stable name: a hash of crate, item path, operator, tokens before and after, and ordinal.
    pub id: String,
    /// The operator.
    pub operator: Operator,
    /// The sites whose obligations it can break, sorted.
    pub sites: Vec<SiteId>,
    /// Path of the function or impl that it stands in.
    pub item: String,
    /// Where it was made.
    pub span: Span,
    /// The text that was replaced, in one line.
    pub original: String,
    /// The text that replaced it, in one line; empty where something was taken out.
    pub replacement: String,
    /// The compiler's message, where it does not build.
    pub unviable: Option<String>,
    /// What the layers that were asked said, in the order of the layers, each once.
    pub answers: Vec<Answer>,
}

impl Mutant {
    /// Item and position, as reports name a mutant.
    pub(crate) fn place(&self) -> String {
        format!("{} ({}:{})", self.item, self.span.file, self.span.line)
    }
}

/// A kind of change.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Operator {
    /// An atomic ordering is replaced by a weaker one.
    WeakenOrdering,
    /// A fence is taken out.
    DropFence,
    /// An assertion, or a condition that guards a site or returns early, is taken out.
    DropCheck,
    /// Such a condition is turned round.
    NegateCheck,
    /// `<` becomes `<=`, `<=` becomes `<`; the same of `>`.
    ShiftComparison,
    /// An index, a length or a distance is one too large.
    OffByOne,
    /// A store that publishes comes before the write that it publishes.
    PublishBeforeWrite,
    /// A length is set before what it counts is written.
    LengthBeforeWrite,
    /// A drop changes places with the statement before it.
    DropOrder,
    /// A value that was forgotten is dropped.
    RemoveForget,
    /// A `Send` or `Sync` bound of an `unsafe impl` is taken out.
    RemoveBound,
}

impl Operator {
    /// Every operator, in the order of reports, which is also the order of [`Ord`].
    pub const ALL: [Self; 11] = [
        Self::WeakenOrdering,
        Self::DropFence,
        Self::DropCheck,
        Self::NegateCheck,
        Self::ShiftComparison,
        Self::OffByOne,
        Self::PublishBeforeWrite,
        Self::LengthBeforeWrite,
        Self::DropOrder,
        Self::RemoveForget,
        Self::RemoveBound,
    ];

    /// The name that the command line and the JSON use.
    ///
    /// ```
    /// use assay_evidence::Operator;
    /// assert_eq!(Operator::WeakenOrdering.as_str(), "weaken-ordering");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WeakenOrdering => "weaken-ordering",
            Self::DropFence => "drop-fence",
            Self::DropCheck => "drop-check",
            Self::NegateCheck => "negate-check",
            Self::ShiftComparison => "shift-comparison",
            Self::OffByOne => "off-by-one",
            Self::PublishBeforeWrite => "publish-before-write",
            Self::LengthBeforeWrite => "length-before-write",
            Self::DropOrder => "drop-order",
            Self::RemoveForget => "remove-forget",
            Self::RemoveBound => "remove-bound",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What one layer said of one mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The layer.
    pub layer: LayerName,
    /// Tests that were executed with the mutant, the one that noticed it included.
    pub tests: u32,
    /// Tests of the layer that execute it; more than were executed where one noticed it, or where the time that
    /// one mutant may cost was over.
    pub reaching: u32,
    /// What it said.
    pub said: Said,
}

/// What a layer said of a mutant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum Said {
    /// It noticed it.
    Killed {
        /// The test that was executing, where it is known.
        test: Option<String>,
        /// What it said, in one line.
        by: String,
    },
    /// A test did not end in its time.
    TimedOut {
        /// The test.
        test: String,
        /// The limit, in milliseconds.
        limit_ms: u64,
        /// What the test takes without the mutant, in milliseconds.
        baseline_ms: u64,
    },
    /// Every test that executes it passed.
    Survived,
    /// No test of the layer executes it, so it was not run.
    Unreached,
    /// The layer could not judge it.
    Cut {
        /// Why, for example an operation that the layer does not support.
        reason: String,
    },
}

/// A layer's run of the tests without a mutant: without a pass there, its kills would prove nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The layer.
    pub layer: LayerName,
    /// What became of it.
    pub status: BaselineStatus,
    /// Tests that passed.
    pub tests: u32,
    /// Their time, one after the other, in milliseconds.
    pub run_ms: u64,
    /// The command that builds and runs them by hand; `ASSAY_MUTANT` in front of it selects a mutant
    /// of the mutated copy.
    pub command: Option<CommandLine>,
}

/// What became of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum BaselineStatus {
    /// Every test passed: the layer's answers count.
    Passed,
    /// A test failed without a mutant: the layer was not asked about any.
    Void {
        /// Which, and how.
        reason: String,
    },
    /// No mutant was left that it could have noticed.
    NotNeeded,
    /// It could not run, or was not asked to.
    NotRun {
        /// Why.
        reason: String,
    },
}

/// An entry of the reviewed list of mutants that change nothing a test could see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    /// The mutant's id.
    pub mutant: String,
    /// Why no test can notice it.
    pub reason: String,
    /// Who looked at it.
    pub reviewer: String,
    /// When, as `YYYY-MM-DD`.
    pub date: String,
}
