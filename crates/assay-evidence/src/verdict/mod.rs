//! The verdict: a pure function of the evidence.

mod collect;
mod layers;
mod next;
mod reason;
mod sites;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Confidence, Evidence, Finding, Severity};

pub use layers::{LayerVerdict, Requirement, Standing, requirement};
pub use next::Recommendation;
pub(crate) use next::shell_line;
pub use reason::Reason;
pub use sites::{SiteCounts, SiteState, SiteVerdict, Unexercised};

/// What the evidence supports, and everything that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Verdict {
    /// The verdict on the crate.
    pub state: State,
    /// Findings that refute it, in the order of the file.
    pub refuted_by: Vec<String>,
    /// Everything that keeps the crate from SUPPORTED, whether or not it is refuted.
    pub missing: Vec<Reason>,
    /// The layers, in the order of [`crate::LayerName::ALL`], those without a record included.
    pub layers: Vec<LayerVerdict>,
    /// The sites, in the order of the file.
    pub sites: Vec<SiteVerdict>,
    /// How many sites are in which state.
    pub counts: SiteCounts,
    /// What to do next, the most useful first.
    pub next: Vec<Recommendation>,
}

/// The verdict on a crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// A soundness finding stands.
    Refuted,
    /// Nothing refutes the crate, and something that was required is missing.
    Incomplete,
    /// Everything that was required is there.
    Supported {
        /// How far the evidence goes.
        level: Level,
    },
}

impl State {
    /// The word that reports print.
    ///
    /// ```
    /// use assay_evidence::{Evidence, verdict};
    /// assert_eq!(verdict(&Evidence::example()).state.as_str(), "INCOMPLETE");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refuted => "REFUTED",
            Self::Incomplete => "INCOMPLETE",
            Self::Supported {
                level: Level::Exercised,
            } => "SUPPORTED (exercised)",
            Self::Supported {
                level: Level::Controlled,
            } => "SUPPORTED (controlled)",
        }
    }
}

/// How far the evidence for a supported crate goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every site was executed under two layers that were awake.
    Exercised,
    /// Besides, every mutant of every site's obligations was killed.
    Controlled,
}

/// Computes the verdict.
///
/// Pure: equal evidence gives an equal verdict; nothing but the argument is read. It does not rely
/// on [`Evidence::validate`]: a reference that points nowhere proves nothing.
///
/// Takes O(n log n) in the number of records.
///
/// ```
/// use assay_evidence::{Evidence, LayerName, Reason, State, verdict};
/// let verdict = verdict(&Evidence::example());
/// assert_eq!(verdict.state, State::Incomplete);
/// let miri = |r: &&Reason| matches!(r, Reason::LayerNotRun { layer: LayerName::Miri, .. });
/// assert_eq!(verdict.missing.iter().find(miri).unwrap().to_string(), "miri is required and was not run: not asked for");
/// ```
#[must_use]
pub fn verdict(evidence: &Evidence) -> Verdict {
    let layers = layers::judge(evidence);
    let sites = sites::judge(evidence, &layers);
    let refuting = evidence.findings.iter().filter(|f| refutes(evidence, f));
    let refuted_by: Vec<String> = refuting.map(|f| f.id.clone()).collect();
    let missing = collect::missing(evidence, &layers, &sites);
    let counts = SiteCounts::of(&sites);
    let state = if !refuted_by.is_empty() {
        State::Refuted
    } else if !missing.is_empty() {
        State::Incomplete
    } else {
        State::Supported {
            level: level(&counts),
        }
    };
    let next = next::recommend(evidence, &refuted_by, &missing);
    Verdict {
        state,
        refuted_by,
        missing,
        layers,
        sites,
        counts,
        next,
    }
}

/// Whether a finding alone makes the crate REFUTED.
fn refutes(evidence: &Evidence, finding: &Finding) -> bool {
    finding.class.severity() == Severity::Soundness
        && finding.confidence == Confidence::Firm
        && evidence.allowance_of(finding).is_none()
}

fn level(counts: &SiteCounts) -> Level {
    if counts.controlled > 0 && counts.exercised == 0 {
        Level::Controlled
    } else {
        Level::Exercised
    }
}
