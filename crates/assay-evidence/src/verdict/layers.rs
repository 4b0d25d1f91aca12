//! Which layers a crate needs, and which of those that ran count.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Atomic, Built, Control, Evidence, Exercise, LayerName, LayerStatus, Operation, Outcome, Run,
    RunId, Site,
};

/// Whether a crate's inventory calls for a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "need")]
pub enum Requirement {
    /// It has to run.
    Required {
        /// The rule.
        why: &'static str,
    },
    /// It or another layer has to run.
    Either {
        /// The other layer.
        or: LayerName,
        /// The rule.
        why: &'static str,
    },
    /// The inventory does not call for it: it may be recorded as not applicable.
    NotRequired {
        /// The rule.
        why: &'static str,
    },
}

/// Whether a crate with these sites and atomics needs a layer.
///
/// The answer depends on the inventory alone and never on what is installed, so that taking a tool
/// away can't change it. An engine records a layer as [`LayerStatus::NotApplicable`] only where
/// this says [`Requirement::NotRequired`] or, for the model checkers, where the other one runs.
///
/// ```
/// use assay_evidence::{LayerName, Requirement, requirement};
/// assert!(matches!(requirement(LayerName::Asan, &[], &[]), Requirement::Required { .. }));
/// assert!(matches!(requirement(LayerName::Miri, &[], &[]), Requirement::NotRequired { .. }));
/// ```
#[must_use]
pub fn requirement(layer: LayerName, sites: &[Site], atomics: &[Atomic]) -> Requirement {
    const SHARES: &str = "the crate has atomics or an unsafe Send or Sync impl";
    const SHARES_NOT: &str = "the crate has no atomics and no unsafe Send or Sync impl";
    let shares = !atomics.is_empty() || sites.iter().any(shares_between_threads);
    match layer {
        LayerName::Unit | LayerName::Alloc | LayerName::Asan => Requirement::Required {
            why: "every crate needs it",
        },
        LayerName::Memcheck | LayerName::Miri => {
            if sites.iter().any(|s| s.built == Built::Yes) {
                Requirement::Required {
                    why: "the crate has unsafe sites",
                }
            } else {
                Requirement::NotRequired {
                    why: "no unsafe site is built",
                }
            }
        }
        LayerName::Tsan if shares => Requirement::Required { why: SHARES },
        LayerName::Loom if shares => Requirement::Either {
            or: LayerName::Shuttle,
            why: SHARES,
        },
        LayerName::Shuttle if shares => Requirement::Either {
            or: LayerName::Loom,
            why: SHARES,
        },
        LayerName::Tsan | LayerName::Loom | LayerName::Shuttle => {
            Requirement::NotRequired { why: SHARES_NOT }
        }
    }
}

fn shares_between_threads(site: &Site) -> bool {
    let between = |o: &Operation| matches!(o, Operation::ImplSend | Operation::ImplSync);
    site.built == Built::Yes && site.operations.iter().any(between)
}

/// A layer as the verdict sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct LayerVerdict {
    /// The layer.
    pub layer: LayerName,
    /// Whether the crate needs it.
    pub requirement: Requirement,
    /// Whether what it reported counts.
    pub standing: Standing,
}

impl LayerVerdict {
    /// Whether its passes and its hits count.
    ///
    /// ```
    /// use assay_evidence::{Evidence, LayerName, verdict};
    /// let verdict = verdict(&Evidence::example());
    /// let counting = verdict.layers.iter().filter(|l| l.counts()).map(|l| l.layer);
    /// assert!(counting.eq([LayerName::Unit, LayerName::Alloc, LayerName::Asan]));
    /// ```
    #[must_use]
    pub fn counts(&self) -> bool {
        self.standing == Standing::Counts
    }
}

/// Whether what a layer reported counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "standing")]
pub enum Standing {
    /// It ran, executed something, and caught its planted bug in every run.
    Counts,
    /// It ran, and its passes prove nothing.
    Void {
        /// The run that shows it, where one does.
        run: Option<RunId>,
        /// Why.
        reason: String,
    },
    /// It did not run.
    NotRun {
        /// Why.
        reason: String,
    },
    /// It has nothing to look at in this crate.
    NotApplicable {
        /// The rule.
        reason: String,
    },
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counts => f.write_str("counts"),
            Self::Void { reason, .. } => write!(f, "void: {reason}"),
            Self::NotRun { reason } => write!(f, "not run: {reason}"),
            Self::NotApplicable { reason } => write!(f, "not applicable: {reason}"),
        }
    }
}

/// The standing of every layer, in the order of [`LayerName::ALL`].
pub(super) fn judge(evidence: &Evidence) -> Vec<LayerVerdict> {
    let verdict = |layer| LayerVerdict {
        layer,
        requirement: requirement(layer, &evidence.sites, &evidence.atomics),
        standing: standing(evidence, layer),
    };
    LayerName::ALL.map(verdict).into()
}

fn standing(evidence: &Evidence, layer: LayerName) -> Standing {
    let Some(record) = evidence.layers.iter().find(|l| l.name == layer) else {
        return Standing::NotRun {
            reason: "the evidence has no record of it".into(),
        };
    };
    match &record.status {
        LayerStatus::NotRun { reason } => Standing::NotRun {
            reason: reason.clone(),
        },
        LayerStatus::NotApplicable { reason } => Standing::NotApplicable {
            reason: reason.clone(),
        },
        LayerStatus::Ran => judge_runs(evidence, layer),
    }
}

fn judge_runs(evidence: &Evidence, layer: LayerName) -> Standing {
    let ended: Vec<&Run> = evidence
        .runs
        .iter()
        .filter(|r| r.layer == layer && ended(r))
        .collect();
    let void = |run: Option<&Run>, reason: String| Standing::Void {
        run: run.map(|r| r.id.clone()),
        reason,
    };
    if ended.is_empty() {
        return void(None, "no run of it came to its end".into());
    }
    for run in &ended {
        let controls = || evidence.controls.iter().filter(|c| c.run == run.id);
        if controls().next().is_none() {
            return void(Some(run), "no planted bug vouches for the run".into());
        }
        if let Some(missed) = controls().find(|c| !caught(c)) {
            return void(
                Some(run),
                format!("missed the planted {} bug", missed.class),
            );
        }
    }
    if evidence.subject.exercise == Exercise::Tests && ended.iter().all(|r| executed(r) == 0) {
        return void(None, "executed no test".into());
    }
    Standing::Counts
}

/// Whether a run came to its end, so that its passes and hits can count.
pub(super) fn ended(run: &Run) -> bool {
    matches!(run.outcome, Outcome::Passed | Outcome::Failed)
}

fn caught(control: &Control) -> bool {
    control.caught && control.caught_in > 0
}

/// Tests that a run executed to an end of their own.
pub(super) fn executed(run: &Run) -> u64 {
    u64::from(run.tests.passed) + u64::from(run.tests.failed)
}
