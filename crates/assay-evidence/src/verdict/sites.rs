//! The state of every site.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::layers::{LayerVerdict, ended};
use super::refutes;
use crate::validate::runs_by_id;
use crate::{
    BugClass, Built, Evidence, LayerName, LayerStatus, Mutant, Probe, Site, SiteId, SiteKind,
};

/// A site as the verdict sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SiteVerdict {
    /// The site.
    pub site: SiteId,
    /// Its state.
    pub state: SiteState,
    /// Whether its reason is stated, accepted by the allow-list, or not called for.
    pub documented: bool,
    /// How often each layer executed it, whether or not the layer counts; layers that did not are left out.
    pub hits: BTreeMap<LayerName, u64>,
}

/// The state of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum SiteState {
    /// A soundness finding that stands names it.
    Refuted {
        /// The findings.
        findings: Vec<String>,
    },
    /// This build does not compile it.
    NotBuilt {
        /// The condition that removes it.
        condition: String,
    },
    /// Nothing executes there.
    Declaration,
    /// No two layers that count executed it, or none of them can judge it.
    Unexercised {
        /// Which of these.
        why: Unexercised,
    },
    /// Two layers that count executed it, and one of them sees a bug that it could have.
    Exercised,
    /// Exercised, and every mutant of its obligations was killed.
    Controlled {
        /// How many.
        killed: u32,
    },
}

impl SiteState {
    /// One word for it, as reports and filters use it.
    ///
    /// ```
    /// use assay_evidence::SiteState;
    /// assert_eq!(SiteState::Declaration.as_str(), "declaration");
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Refuted { .. } => "refuted",
            Self::NotBuilt { .. } => "not-built",
            Self::Declaration => "declaration",
            Self::Unexercised { .. } => "unexercised",
            Self::Exercised => "exercised",
            Self::Controlled { .. } => "controlled",
        }
    }
}

/// Why a site is unexercised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "why")]
pub enum Unexercised {
    /// No counter could be placed, so that nobody knows.
    NotCounted {
        /// Why not.
        reason: String,
    },
    /// No run executed it.
    NeverExecuted,
    /// Only layers whose passes are void executed it.
    OnlyVoid {
        /// These.
        layers: Vec<LayerName>,
    },
    /// One layer that counts executed it.
    OneLayer {
        /// This one.
        layer: LayerName,
    },
    /// Layers that count executed it, and none sees a bug that its operations can produce.
    NoJudge {
        /// These.
        layers: Vec<LayerName>,
    },
}

impl fmt::Display for Unexercised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCounted { reason } => write!(f, "not counted: {reason}"),
            Self::NeverExecuted => f.write_str("never executed"),
            Self::OnlyVoid { layers } => {
                write!(
                    f,
                    "executed only by layers whose passes are void: {}",
                    list(layers)
                )
            }
            Self::OneLayer { layer } => write!(f, "executed under one layer only: {layer}"),
            Self::NoJudge { layers } => {
                write!(
                    f,
                    "executed under {}, which can't see its kind of bug",
                    list(layers)
                )
            }
        }
    }
}

fn list(layers: &[LayerName]) -> String {
    layers
        .iter()
        .map(|l| l.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// How many sites are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SiteCounts {
    /// All sites.
    pub total: u32,
    /// Named by a soundness finding that stands.
    pub refuted: u32,
    /// Not compiled here.
    pub not_built: u32,
    /// Nothing executes there.
    pub declarations: u32,
    /// Not executed by two layers that count.
    pub unexercised: u32,
    /// Executed by two layers that count, and no further.
    pub exercised: u32,
    /// Exercised, with every mutant killed.
    pub controlled: u32,
    /// Built, and without the statement that its kind calls for.
    pub undocumented: u32,
}

impl SiteCounts {
    pub(super) fn of(sites: &[SiteVerdict]) -> Self {
        let mut counts = Self::default();
        for site in sites {
            let state = match site.state {
                SiteState::Refuted { .. } => &mut counts.refuted,
                SiteState::NotBuilt { .. } => &mut counts.not_built,
                SiteState::Declaration => &mut counts.declarations,
                SiteState::Unexercised { .. } => &mut counts.unexercised,
                SiteState::Exercised => &mut counts.exercised,
                SiteState::Controlled { .. } => &mut counts.controlled,
            };
            *state += 1;
            counts.total += 1;
            counts.undocumented += u32::from(!site.documented);
        }
        counts
    }
}

/// The states of all sites, in the order of the file.
pub(super) fn judge(evidence: &Evidence, layers: &[LayerVerdict]) -> Vec<SiteVerdict> {
    let facts = Facts::of(evidence, layers);
    evidence
        .sites
        .iter()
        .map(|site| facts.judge(site))
        .collect()
}

/// What is known about the sites, indexed by site.
struct Facts<'a> {
    evidence: &'a Evidence,
    counting: Vec<LayerName>,
    hits: HashMap<&'a SiteId, BTreeMap<LayerName, u64>>,
    refuting: HashMap<&'a SiteId, Vec<String>>,
    mutants: HashMap<&'a SiteId, Vec<&'a Mutant>>,
    accepted_undocumented: HashSet<&'a SiteId>,
}

impl<'a> Facts<'a> {
    fn of(evidence: &'a Evidence, layers: &[LayerVerdict]) -> Self {
        let mut facts = Self {
            evidence,
            counting: layers
                .iter()
                .filter(|l| l.counts())
                .map(|l| l.layer)
                .collect(),
            hits: hits(evidence),
            refuting: HashMap::new(),
            mutants: HashMap::new(),
            accepted_undocumented: HashSet::new(),
        };
        for finding in &evidence.findings {
            if refutes(evidence, finding) {
                for site in &finding.sites {
                    facts
                        .refuting
                        .entry(site)
                        .or_default()
                        .push(finding.id.clone());
                }
            }
            let accepted = evidence.allowance_of(finding).is_some();
            if accepted && finding.class == BugClass::MissingSafety {
                facts.accepted_undocumented.extend(&finding.sites);
            }
        }
        for mutant in &evidence.mutants {
            for site in &mutant.sites {
                facts.mutants.entry(site).or_default().push(mutant);
            }
        }
        facts
    }

    fn judge(&self, site: &Site) -> SiteVerdict {
        let hits = self.hits.get(&site.id).cloned().unwrap_or_default();
        SiteVerdict {
            site: site.id.clone(),
            state: self.state(site, &hits),
            documented: is_documented(site) || self.accepted_undocumented.contains(&site.id),
            hits,
        }
    }

    fn state(&self, site: &Site, hits: &BTreeMap<LayerName, u64>) -> SiteState {
        if let Some(findings) = self.refuting.get(&site.id) {
            return SiteState::Refuted {
                findings: findings.clone(),
            };
        }
        if let Built::No { condition } = &site.built {
            return SiteState::NotBuilt {
                condition: condition.clone(),
            };
        }
        match &site.probe {
            Probe::Declaration => return SiteState::Declaration,
            Probe::Uncounted { reason } => {
                let why = Unexercised::NotCounted {
                    reason: reason.clone(),
                };
                return SiteState::Unexercised { why };
            }
            Probe::Counted => {}
        }
        match self.unexercised(site, hits) {
            Some(why) => SiteState::Unexercised { why },
            None => match self.killed(site) {
                0 => SiteState::Exercised,
                killed => SiteState::Controlled { killed },
            },
        }
    }

    fn unexercised(&self, site: &Site, hits: &BTreeMap<LayerName, u64>) -> Option<Unexercised> {
        let all: Vec<LayerName> = hits.keys().copied().collect();
        let counting: Vec<LayerName> = all
            .iter()
            .copied()
            .filter(|l| self.counting.contains(l))
            .collect();
        match counting[..] {
            [] if all.is_empty() => Some(Unexercised::NeverExecuted),
            [] => Some(Unexercised::OnlyVoid { layers: all }),
            [layer] => Some(Unexercised::OneLayer { layer }),
            _ if counting.iter().any(|l| l.can_judge(site)) => None,
            _ => Some(Unexercised::NoJudge { layers: counting }),
        }
    }

    /// How many mutants of the site were killed; 0 unless all were that build and are not listed as
    /// equivalent, each by a layer that counts.
    ///
    /// What a layer that does not count noticed is passed over, and not held against the list of
    /// equivalents here: without that layer nothing of it would be known, and no site may gain by that.
    fn killed(&self, site: &Site) -> u32 {
        let mut killed = 0;
        for mutant in self.mutants.get(&site.id).into_iter().flatten() {
            let counts = |layer| self.counting.contains(&layer);
            if mutant.unviable.is_some() {
                continue;
            }
            if mutant.kills().any(|kill| counts(kill.layer)) {
                killed += 1;
            } else if self.evidence.equivalent(mutant).is_none() {
                return 0;
            }
        }
        killed
    }
}

/// Hits of runs that came to their end, by site and layer.
fn hits(evidence: &Evidence) -> HashMap<&SiteId, BTreeMap<LayerName, u64>> {
    let ran: HashSet<LayerName> = evidence
        .layers
        .iter()
        .filter(|l| l.status == LayerStatus::Ran)
        .map(|l| l.name)
        .collect();
    let runs = runs_by_id(evidence);
    let mut hits: HashMap<&SiteId, BTreeMap<LayerName, u64>> = HashMap::new();
    for hit in evidence.hits.iter().filter(|h| h.count > 0) {
        let Some(run) = runs.get(hit.run.0.as_str()) else {
            continue;
        };
        if ended(run) && ran.contains(&run.layer) {
            let count = hits
                .entry(&hit.site)
                .or_default()
                .entry(run.layer)
                .or_default();
            *count = count.saturating_add(hit.count);
        }
    }
    hits
}

/// Whether a site states its reason, or needs none: one that is not built here, or the declaration
/// of a `static mut`, whose uses are sites of their own.
fn is_documented(site: &Site) -> bool {
    let stated = site
        .safety
        .as_deref()
        .is_some_and(|text| !text.trim().is_empty());
    stated || site.kind == SiteKind::StaticMut || site.built != Built::Yes
}
