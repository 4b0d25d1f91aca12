//! Layers of validation and the bug classes that each can see.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A layer of validation. Layers with different names are different detectors; modes of one layer
/// (debug and release, Stacked and Tree Borrows) are one detector.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LayerName {
    /// The crate's own tests, with the standard library's precondition checks.
    Unit,
    /// The probe's checking allocator.
    Alloc,
    /// AddressSanitizer with LeakSanitizer.
    Asan,
    /// ThreadSanitizer.
    Tsan,
    /// Valgrind's memcheck.
    Memcheck,
    /// The Miri interpreter.
    Miri,
    /// The loom model checker.
    Loom,
    /// The shuttle scheduler.
    Shuttle,
}

impl LayerName {
    /// Every layer, in the order of reports, which is also the order of [`Ord`].
    pub const ALL: [Self; 8] = [
        Self::Unit,
        Self::Alloc,
        Self::Asan,
        Self::Tsan,
        Self::Memcheck,
        Self::Miri,
        Self::Loom,
        Self::Shuttle,
    ];

    /// The name that the command line and the JSON use.
    ///
    /// ```
    /// use assay_evidence::LayerName;
    /// let names = LayerName::ALL.map(LayerName::as_str);
    /// assert_eq!(names, ["unit", "alloc", "asan", "tsan", "memcheck", "miri", "loom", "shuttle"]);
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Alloc => "alloc",
            Self::Asan => "asan",
            Self::Tsan => "tsan",
            Self::Memcheck => "memcheck",
            Self::Miri => "miri",
            Self::Loom => "loom",
            Self::Shuttle => "shuttle",
        }
    }
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A layer as this audit found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The layer.
    pub name: LayerName,
    /// What became of it.
    pub status: LayerStatus,
    /// The tool behind it and its version, where one was found.
    pub tool: Option<String>,
    /// Facts about how it ran that change what it can see, for example `standard library not instrumented`.
    pub notes: Vec<String>,
}

/// What became of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum LayerStatus {
    /// It ran; its runs say how.
    Ran,
    /// It could not run, or was not asked to. Never a pass.
    NotRun {
        /// Why, and what would make it run.
        reason: String,
    },
    /// It has nothing to look at in this crate, by a rule of the tool and not by the user's choice.
    NotApplicable {
        /// The rule.
        reason: String,
    },
}

impl LayerStatus {
    /// Whether another exercise is what a layer that was not run is waiting for.
    ///
    /// ```
    /// use assay_evidence::LayerStatus;
    /// assert!(LayerStatus::wants_other_exercise(LayerStatus::NO_MODELS));
    /// assert!(!LayerStatus::wants_other_exercise(LayerStatus::LEFT_OUT));
    /// ```
    #[must_use]
    pub fn wants_other_exercise(reason: &str) -> bool {
        [Self::NOT_INTERPRETED, Self::NO_MODELS].contains(&reason)
    }
    /// The reason of a layer that the user's `--layers` leaves out.
    pub const LEFT_OUT: &str = "left out by --layers";
    /// The reason of a layer that an interruption left no time for.
    pub const INTERRUPTED: &str = "the audit was interrupted";
    /// The reason of an interpreter where a command line is the exercise.
    pub const NOT_INTERPRETED: &str =
        "a command is not interpreted; tests, bin:NAME and example:NAME are";
    /// The reason of a model checker where the tests are not the exercise.
    pub const NO_MODELS: &str = "models are tests, and the tests are not the exercise";
}

/// A class of bug.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BugClass {
    /// An access outside its allocation, on heap, stack or in a global.
    OutOfBounds,
    /// An access to memory that was freed or whose scope ended.
    UseAfterFree,
    /// A second free, or the free of something that is no allocation.
    InvalidFree,
    /// A free or realloc with another layout than the allocation's.
    WrongLayout,
    /// A read of memory that was never written.
    UninitialisedRead,
    /// Two threads access one place, one of them writes, nothing orders them.
    DataRace,
    /// A reference was used against the aliasing model.
    Aliasing,
    /// An access that is less aligned than its type.
    Misaligned,
    /// A value that its type does not allow.
    InvalidValue,
    /// A precondition of the standard library that was checked and not met.
    Precondition,
    /// The process was ended by a memory fault that no layer explained.
    MemoryFault,
    /// Undefined behaviour of another kind.
    OtherUndefined,
    /// Memory that was not freed and cannot be reached.
    Leak,
    /// Threads that wait for each other.
    Deadlock,
    /// A test that did not end in its time.
    Hang,
    /// A test of the crate that fails without a soundness report.
    TestFailure,
    /// An unsafe site without a stated reason.
    MissingSafety,
}

impl BugClass {
    /// The name that the JSON uses.
    ///
    /// ```
    /// use assay_evidence::BugClass;
    /// assert_eq!(BugClass::OutOfBounds.as_str(), "out-of-bounds");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfBounds => "out-of-bounds",
            Self::UseAfterFree => "use-after-free",
            Self::InvalidFree => "invalid-free",
            Self::WrongLayout => "wrong-layout",
            Self::UninitialisedRead => "uninitialised-read",
            Self::DataRace => "data-race",
            Self::Aliasing => "aliasing",
            Self::Misaligned => "misaligned",
            Self::InvalidValue => "invalid-value",
            Self::Precondition => "precondition",
            Self::MemoryFault => "memory-fault",
            Self::OtherUndefined => "other-undefined",
            Self::Leak => "leak",
            Self::Deadlock => "deadlock",
            Self::Hang => "hang",
            Self::TestFailure => "test-failure",
            Self::MissingSafety => "missing-safety",
        }
    }

    /// How much a finding of this class weighs.
    ///
    /// ```
    /// use assay_evidence::{BugClass, Severity};
    /// assert_eq!(BugClass::DataRace.severity(), Severity::Soundness);
    /// assert_eq!(BugClass::Hang.severity(), Severity::Liveness);
    /// ```
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Leak => Severity::Leak,
            Self::Deadlock | Self::Hang => Severity::Liveness,
            Self::TestFailure => Severity::Test,
            Self::MissingSafety => Severity::Hygiene,
            _ => Severity::Soundness,
        }
    }
}

impl fmt::Display for BugClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How much a finding weighs, the heaviest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Undefined behaviour: refutes the site or the crate.
    Soundness,
    /// A leak: the crate is incomplete unless it is allowed.
    Leak,
    /// A deadlock or a hang: the crate is incomplete.
    Liveness,
    /// A failing test: the crate is incomplete.
    Test,
    /// A missing argument: the site is undocumented.
    Hygiene,
}
