//! What keeps a crate from SUPPORTED.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::Unexercised;
use crate::{BugClass, LayerName, LayerStatus, RunId, SiteId};

/// One thing that is missing or in the way.
///
/// [`Display`](fmt::Display) says what, in one line; [`Reason::next_step`] says what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[non_exhaustive]
pub enum Reason {
    /// The audit was cut short.
    Interrupted {
        /// What ended it.
        reason: String,
    },
    /// A layer was not run.
    LayerNotRun {
        /// The layer.
        layer: LayerName,
        /// Whether the inventory calls for it. Where it doesn't, the layer blocks all the same:
        /// what it would have reported is not known.
        required: bool,
        /// Why it was not run.
        reason: String,
    },
    /// A layer that the inventory calls for is recorded as not applicable.
    LayerNotApplicable {
        /// The layer.
        layer: LayerName,
        /// The layer that would do as well, and is not applicable either.
        or: Option<LayerName>,
        /// The rule as recorded.
        reason: String,
    },
    /// A layer ran, and its passes prove nothing.
    LayerVoid {
        /// The layer.
        layer: LayerName,
        /// The run that shows it, where one does.
        run: Option<RunId>,
        /// Why.
        reason: String,
    },
    /// No run of any layer executed a test.
    NoTests,
    /// A run's build failed.
    DidNotBuild {
        /// The run.
        run: RunId,
        /// The compiler's first error.
        error: String,
    },
    /// A run was ended by its limit.
    LimitReached {
        /// The run.
        run: RunId,
        /// Which limit.
        limit: String,
    },
    /// A run was interrupted.
    RunInterrupted {
        /// The run.
        run: RunId,
    },
    /// A run failed, and neither a test nor a finding says why.
    FailedUnexplained {
        /// The run.
        run: RunId,
    },
    /// A test of the crate fails, and no finding of the same run and test says why.
    TestFails {
        /// The test; none where the run counted a failure without naming it.
        test: Option<String>,
        /// The runs in which it does.
        runs: Vec<RunId>,
    },
    /// A test of the crate does not end in its time.
    TestHangs {
        /// The test; none where the run counted it without naming it.
        test: Option<String>,
        /// The runs in which it does not.
        runs: Vec<RunId>,
    },
    /// A finding can have a cause outside the audited code.
    Inconclusive {
        /// The finding.
        finding: String,
        /// Its class.
        class: BugClass,
        /// Why it is not firm.
        reason: String,
    },
    /// A finding that is no soundness bug stands: a leak, a deadlock, a hang, a failing test.
    Stands {
        /// The finding.
        finding: String,
        /// Its class.
        class: BugClass,
        /// Its title.
        title: String,
    },
    /// A site is unexercised.
    SiteUnexercised {
        /// The site.
        site: SiteId,
        /// Its item and position.
        at: String,
        /// In which way.
        why: Unexercised,
    },
    /// A site states no reason.
    SiteUndocumented {
        /// The site.
        site: SiteId,
        /// Its item and position.
        at: String,
    },
    /// An entry of the list of equivalent mutants names none.
    EquivalentUnmatched {
        /// What it names.
        mutant: String,
    },
    /// A mutant that is listed as equivalent was noticed.
    EquivalentKilled {
        /// The mutant.
        mutant: String,
        /// Its operator, item and position.
        at: String,
        /// The layer that noticed it.
        layer: LayerName,
        /// That layer, its test, and what it said.
        told: String,
    },
    /// An entry of the allow-list matches nothing.
    AllowanceUnmatched {
        /// Its position in the list, from 0.
        index: u32,
        /// What it names.
        at: String,
    },
}

impl Reason {
    /// Whether the reviewed list of equivalent mutants says something false.
    ///
    /// ```
    /// use assay_evidence::Reason;
    /// let reason = Reason::EquivalentUnmatched { mutant: "1f0c".into() };
    /// assert!(reason.is_of_equivalents());
    /// ```
    #[must_use]
    pub const fn is_of_equivalents(&self) -> bool {
        matches!(
            self,
            Self::EquivalentKilled { .. } | Self::EquivalentUnmatched { .. }
        )
    }

    /// What to do about it, in one line.
    ///
    /// ```
    /// use assay_evidence::{LayerName, Reason};
    /// let reason = Reason::LayerNotRun {
    ///     layer: LayerName::Memcheck,
    ///     required: true,
    ///     reason: "valgrind not found".into(),
    /// };
    /// assert_eq!(reason.next_step(), "install valgrind, for example with `apt-get install valgrind`, and audit again");
    /// ```
    #[must_use]
    pub fn next_step(&self) -> String {
        match self {
            Self::Interrupted { .. } | Self::RunInterrupted { .. } => {
                "run the audit again; what was finished comes from the cache".into()
            }
            Self::LayerNotRun { reason, .. } if LayerStatus::wants_other_exercise(reason) => {
                "audit again with an exercise that it can run, for example `--exercise tests`"
                    .into()
            }
            Self::LayerNotRun { layer, .. } => obtain(*layer).into(),
            Self::LayerNotApplicable {
                layer: LayerName::Loom | LayerName::Shuttle,
                ..
            } => obtain(LayerName::Loom).into(),
            Self::LayerNotApplicable { layer, .. } => {
                format!("run the {layer} layer: the crate's inventory calls for it")
            }
            Self::LayerVoid { layer, .. } => {
                format!("read the control's log in the report and mend the {layer} layer's tool")
            }
            Self::NoTests => {
                "write tests that call the crate's API, or name a program with `--exercise`".into()
            }
            Self::DidNotBuild { run, .. } => {
                format!("build it by hand with the command of run {run} and mend the error")
            }
            Self::LimitReached { .. } => "raise `--timeout`, or make the test smaller".into(),
            Self::FailedUnexplained { run } => format!("read the log of run {run}"),
            Self::TestFails { .. } => "mend the test or the code".into(),
            Self::TestHangs { .. } => {
                "raise `--timeout` if the test is merely slow; else mend it".into()
            }
            Self::Inconclusive { finding, .. } | Self::Stands { finding, .. } => {
                format!("look into it: `cargo assay explain {finding}`")
            }
            Self::SiteUnexercised { why, .. } => match why {
                Unexercised::NotCounted { .. } => {
                    "move the site to where a counter can stand, or review it by hand".into()
                }
                Unexercised::NeverExecuted => "write a test that reaches it".into(),
                _ => "let its tests run under a further layer".into(),
            },
            Self::SiteUndocumented { .. } => "state why it is sound in a SAFETY comment".into(),
            Self::EquivalentUnmatched { .. } | Self::EquivalentKilled { .. } => {
                "remove the entry from the list of equivalent mutants".into()
            }
            Self::AllowanceUnmatched { .. } => "remove the entry from the allow-list".into(),
        }
    }
}

fn obtain(layer: LayerName) -> &'static str {
    match layer {
        LayerName::Unit | LayerName::Alloc | LayerName::Asan => {
            "audit again with this layer; it needs only the stable toolchain"
        }
        LayerName::Tsan => {
            "audit again with this layer; `rustup component add --toolchain nightly rust-src` gives it an instrumented std"
        }
        LayerName::Memcheck => {
            "install valgrind, for example with `apt-get install valgrind`, and audit again"
        }
        LayerName::Miri => {
            "`rustup component add --toolchain nightly miri rust-src`, and audit again"
        }
        LayerName::Loom | LayerName::Shuttle => {
            "write a loom or shuttle model of the shared state, and audit again"
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted { reason } => write!(f, "the audit was cut short: {reason}"),
            Self::LayerNotRun {
                layer,
                required: true,
                reason,
            } => {
                write!(f, "{layer} is required and was not run: {reason}")
            }
            Self::LayerNotRun {
                layer,
                required: false,
                reason,
            } => {
                write!(f, "{layer} was not run: {reason}")
            }
            Self::LayerNotApplicable {
                layer,
                or: None,
                reason,
            } => {
                write!(
                    f,
                    "{layer} is required and was recorded as not applicable: {reason}"
                )
            }
            Self::LayerNotApplicable {
                layer,
                or: Some(or),
                reason,
            } => write!(
                f,
                "{layer} or {or} is required, and both were recorded as not applicable: {reason}"
            ),
            Self::LayerVoid {
                layer,
                run: Some(run),
                reason,
            } => {
                write!(f, "{layer} is void: {run} {reason}")
            }
            Self::LayerVoid {
                layer,
                run: None,
                reason,
            } => write!(f, "{layer} is void: {reason}"),
            Self::NoTests => f.write_str("no test was executed"),
            Self::DidNotBuild { run, error } => write!(f, "{run} did not build: {error}"),
            Self::LimitReached { run, limit } => write!(f, "{run} reached its limit: {limit}"),
            Self::RunInterrupted { run } => write!(f, "{run} was interrupted"),
            Self::FailedUnexplained { run } => {
                write!(f, "{run} failed, and no test or finding says why")
            }
            Self::TestFails { test, runs } => write!(f, "{} fails in {}", name(test), all(runs)),
            Self::TestHangs { test, runs } => {
                write!(f, "{} did not end in its time in {}", name(test), all(runs))
            }
            Self::Inconclusive {
                finding,
                class,
                reason,
            } => {
                write!(f, "{class} finding {finding} is inconclusive: {reason}")
            }
            Self::Stands {
                finding,
                class,
                title,
            } => write!(f, "{class} {finding}: {title}"),
            Self::SiteUnexercised { at, why, .. } => write!(f, "{at} is unexercised: {why}"),
            Self::SiteUndocumented { at, .. } => write!(f, "{at} states no reason"),
            Self::EquivalentUnmatched { mutant } => {
                write!(
                    f,
                    "{mutant} is listed as an equivalent mutant, and there is none of that name"
                )
            }
            Self::EquivalentKilled {
                mutant, at, told, ..
            } => {
                write!(
                    f,
                    "{mutant} is listed as an equivalent mutant, and was noticed: {at}; {told}"
                )
            }
            Self::AllowanceUnmatched { index, at } => {
                write!(f, "allow-list entry {index} (`{at}`) matches nothing")
            }
        }
    }
}

fn name(test: &Option<String>) -> &str {
    test.as_deref().unwrap_or("a test")
}

fn all(runs: &[RunId]) -> String {
    runs.iter()
        .map(|r| r.0.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}
