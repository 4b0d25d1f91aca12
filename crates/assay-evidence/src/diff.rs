//! What changed between two audits of one package.

use std::collections::BTreeMap;
use std::fmt;

use crate::{
    Evidence, Fate, Finding, LayerName, Mutant, Severity, Site, SiteId, SiteState, State, verdict,
};

/// One difference between two audits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The verdict differs.
    Verdict {
        /// The older one.
        old: State,
        /// The newer one.
        new: State,
    },
    /// A finding that the older audit did not have.
    NewFinding {
        /// Its id.
        id: String,
        /// Its weight.
        severity: Severity,
        /// Class and title.
        title: String,
    },
    /// A finding that the newer audit does not have.
    GoneFinding {
        /// Its id.
        id: String,
        /// Class and title.
        title: String,
    },
    /// An unsafe site that the older audit did not have.
    NewSite {
        /// Item and position.
        at: String,
        /// Its state.
        state: &'static str,
    },
    /// An unsafe site that the newer audit does not have.
    GoneSite {
        /// Item and position in the older source.
        at: String,
    },
    /// A site whose code changed: it has to be looked at again.
    ChangedSite {
        /// Item and position.
        at: String,
        /// Its state.
        state: &'static str,
    },
    /// A layer that counted and does not any more.
    LostLayer {
        /// The layer.
        layer: LayerName,
        /// Why.
        why: String,
    },
    /// A site that layers executed and do not any more.
    LostHits {
        /// Item and position.
        at: String,
        /// The layers.
        layers: Vec<LayerName>,
    },
    /// A site whose state is worse.
    LostState {
        /// Item and position.
        at: String,
        /// The older state.
        old: &'static str,
        /// The newer state.
        new: &'static str,
    },
    /// A site that stated its reason and does not any more.
    LostReason {
        /// Item and position.
        at: String,
    },
    /// A mutant that was killed, and that no test notices any more.
    LostKill {
        /// The mutant.
        mutant: String,
        /// Its operator, item and position.
        at: String,
        /// What became of it.
        fate: &'static str,
    },
}

impl Change {
    /// Whether it is for the worse, or has to be looked at before one can tell.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        match self {
            Self::Verdict { old, new } => rank(*new) < rank(*old),
            Self::GoneFinding { .. } | Self::GoneSite { .. } => false,
            _ => true,
        }
    }
}

/// All differences, the heaviest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The differences.
    pub changes: Vec<Change>,
}

impl Difference {
    /// The differences for the worse.
    pub fn worse(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.is_worse())
    }

    /// Whether a soundness finding is new.
    #[must_use]
    pub fn refutes(&self) -> bool {
        let is_soundness = |change: &Change| matches!(change, Change::NewFinding { severity, .. } if *severity == Severity::Soundness);
        self.changes.iter().any(is_soundness)
    }
}

/// Compares two audits of one package.
///
/// Sites, mutants and findings are matched by their stable names, so that moved lines are no difference.
///
/// ```
/// use assay_evidence::{Evidence, diff};
/// let old = Evidence::example();
/// assert!(diff(&old, &old).changes.is_empty());
/// let mut new = old.clone();
/// new.hits.retain(|hit| hit.run.0 != "asan/debug");
/// let difference = diff(&old, &new);
/// assert_eq!(
///     difference.changes[0].to_string(),
///     "no longer executed by asan: ring::Slot<T>::read (src/slot.rs:4)"
/// );
/// ```
#[must_use]
pub fn diff(old: &Evidence, new: &Evidence) -> Difference {
    let (was, is) = (Audit::of(old), Audit::of(new));
    let mut changes = Vec::new();
    if was.verdict.state != is.verdict.state {
        changes.push(Change::Verdict {
            old: was.verdict.state,
            new: is.verdict.state,
        });
    }
    findings(old, new, &mut changes);
    layers(&was, &is, &mut changes);
    sites(&was, &is, &mut changes);
    mutants(old, new, &mut changes);
    Difference { changes }
}

/// Evidence with its verdict, its sites by name.
struct Audit<'a> {
    verdict: crate::Verdict,
    sites: BTreeMap<&'a SiteId, (usize, &'a Site)>,
}

impl<'a> Audit<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let sites = evidence.sites.iter().enumerate();
        Self {
            verdict: verdict(evidence),
            sites: sites
                .map(|(index, site)| (&site.id, (index, site)))
                .collect(),
        }
    }

    fn state(&self, index: usize) -> &SiteState {
        &self.verdict.sites[index].state
    }

    /// The layers whose hits of a site count.
    fn hits(&self, index: usize) -> Vec<LayerName> {
        let counts = |layer: &LayerName| {
            let mut layers = self.verdict.layers.iter();
            layers.any(|l| l.layer == *layer && l.counts())
        };
        let hits = self.verdict.sites[index].hits.keys();
        hits.copied().filter(counts).collect()
    }
}

fn findings(old: &Evidence, new: &Evidence, changes: &mut Vec<Change>) {
    let (was, is) = (standing(old), standing(new));
    let known = |list: &[&Finding], f: &Finding| list.iter().any(|other| other.id == f.id);
    let title = |f: &Finding| format!("{}: {}", f.class, f.title);
    changes.extend(
        is.iter()
            .filter(|f| !known(&was, f))
            .map(|f| Change::NewFinding {
                id: f.id.clone(),
                severity: f.severity,
                title: title(f),
            }),
    );
    changes.extend(
        was.iter()
            .filter(|f| !known(&is, f))
            .map(|f| Change::GoneFinding {
                id: f.id.clone(),
                title: title(f),
            }),
    );
}

/// The findings that no allowance accepts.
fn standing(evidence: &Evidence) -> Vec<&Finding> {
    let findings = evidence.findings.iter();
    findings
        .filter(|f| evidence.allowance_of(f).is_none())
        .collect()
}

fn layers(was: &Audit<'_>, is: &Audit<'_>, changes: &mut Vec<Change>) {
    for (old, new) in was.verdict.layers.iter().zip(&is.verdict.layers) {
        if old.counts() && !new.counts() {
            changes.push(Change::LostLayer {
                layer: new.layer,
                why: new.standing.to_string(),
            });
        }
    }
}

fn sites(was: &Audit<'_>, is: &Audit<'_>, changes: &mut Vec<Change>) {
    let mut gone: Vec<&Site> = was
        .sites
        .iter()
        .filter(|(id, _)| !is.sites.contains_key(*id))
        .map(|(_, (_, site))| *site)
        .collect();
    for (id, (index, site)) in &is.sites {
        if was.sites.contains_key(*id) {
            continue;
        }
        let (at, state) = (site.place(), is.state(*index).as_str());
        // One site that went and one that came in the same item are one that changed.
        let is_partner = |other: &&Site| (&other.item, other.kind) == (&site.item, site.kind);
        if let Some(partner) = gone.iter().position(is_partner) {
            gone.remove(partner);
            changes.push(Change::ChangedSite { at, state });
        } else {
            changes.push(Change::NewSite { at, state });
        }
    }
    changes.extend(
        gone.into_iter()
            .map(|site| Change::GoneSite { at: site.place() }),
    );
    for (id, (index, site)) in &is.sites {
        if let Some((before, _)) = was.sites.get(*id) {
            lost(was, *before, is, *index, site, changes);
        }
    }
}

/// What a site had and has no more.
fn lost(
    was: &Audit<'_>,
    before: usize,
    is: &Audit<'_>,
    after: usize,
    site: &Site,
    changes: &mut Vec<Change>,
) {
    let hits = is.hits(after);
    let mut layers = was.hits(before);
    layers.retain(|layer| !hits.contains(layer));
    let at = || site.place();
    if !layers.is_empty() {
        changes.push(Change::LostHits { at: at(), layers });
    }
    let (old, new) = (was.state(before), is.state(after));
    if site_rank(new) < site_rank(old) {
        changes.push(Change::LostState {
            at: at(),
            old: old.as_str(),
            new: new.as_str(),
        });
    }
    if was.verdict.sites[before].documented && !is.verdict.sites[after].documented {
        changes.push(Change::LostReason { at: at() });
    }
}

fn mutants(old: &Evidence, new: &Evidence, changes: &mut Vec<Change>) {
    let was_killed = |mutant: &&Mutant| {
        let mut before = old.mutants.iter();
        let before = before.find(|other| other.id == mutant.id);
        before.is_some_and(|before| matches!(old.fate(before), Fate::Killed(_)))
    };
    for mutant in new.mutants.iter().filter(was_killed) {
        let fate = new.fate(mutant);
        if fate.is_open() {
            changes.push(Change::LostKill {
                mutant: mutant.id.clone(),
                at: format!("{} in {}", mutant.operator, mutant.place()),
                fate: fate.as_str(),
            });
        }
    }
}

fn rank(state: State) -> u8 {
    match state {
        State::Refuted => 0,
        State::Incomplete => 1,
        State::Supported { level } => 2 + u8::from(level == crate::Level::Controlled),
    }
}

/// How much is known for a site; what cannot execute has no rank to lose.
fn site_rank(state: &SiteState) -> Option<u8> {
    match state {
        SiteState::Refuted { .. } => Some(0),
        SiteState::Unexercised { .. } => Some(1),
        SiteState::Exercised => Some(2),
        SiteState::Controlled { .. } => Some(3),
        SiteState::NotBuilt { .. } | SiteState::Declaration => None,
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict { old, new } => {
                write!(
                    f,
                    "the verdict was {} and is {}",
                    old.as_str(),
                    new.as_str()
                )
            }
            Self::NewFinding { id, title, .. } => write!(f, "new finding {id}: {title}"),
            Self::GoneFinding { id, title } => write!(f, "no longer found {id}: {title}"),
            Self::NewSite { at, state } => write!(f, "new unsafe site, {state}: {at}"),
            Self::GoneSite { at } => write!(f, "unsafe site gone: {at}"),
            Self::ChangedSite { at, state } => write!(f, "changed unsafe site, {state}: {at}"),
            Self::LostLayer { layer, why } => write!(f, "{layer} no longer counts: {why}"),
            Self::LostHits { at, layers } => {
                let names: Vec<&str> = layers.iter().map(|l| l.as_str()).collect();
                write!(f, "no longer executed by {}: {at}", names.join(", "))
            }
            Self::LostState { at, old, new } => write!(f, "was {old} and is {new}: {at}"),
            Self::LostReason { at } => write!(f, "states no reason any more: {at}"),
            Self::LostKill { mutant, at, fate } => {
                write!(f, "mutant {mutant} was killed, now {fate}: {at}")
            }
        }
    }
}
