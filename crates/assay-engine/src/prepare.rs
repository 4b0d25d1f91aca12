//! What an audit does before its first layer: the inventory, the copies, the counters.

use std::path::{Path, PathBuf};
use std::process::Command;

use assay_evidence::{Probe, Site, SiteId};

use crate::discover::{Plan, discover};
use crate::instrument::{Instrumented, instrument};
use crate::inventory::{Inventory, inventory};
use crate::scratch::{Scratch, copy};
use crate::{AuditOptions, Cancel, Error, Event, Events};

/// A package's sites, and both copies of it, ready to be built.
#[derive(Debug)]
pub struct Prepared {
    pub(crate) inventory: Inventory,
    pub(crate) original: Scratch,
    pub(crate) instrumented: Instrumented,
}

impl Prepared {
    /// Sites of the package.
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.inventory.sites
    }

    /// A cargo command on the copy without probes.
    #[must_use]
    pub fn original(&self, verb: &str) -> Command {
        self.original.cargo(verb, "original")
    }

    /// A cargo command on the copy with probes.
    #[must_use]
    pub fn instrumented(&self, verb: &str) -> Command {
        self.instrumented.scratch.cargo(verb, "instrumented")
    }

    /// The audited package in the copy with probes.
    #[must_use]
    pub fn subject_dir(&self) -> PathBuf {
        self.instrumented.scratch.subject_dir.clone()
    }

    /// The site of each counter.
    #[must_use]
    pub fn counters(&self) -> &[SiteId] {
        &self.instrumented.counters
    }

    /// Sites without a counter, and why.
    #[must_use]
    pub fn uncounted(&self) -> &[(SiteId, String)] {
        &self.instrumented.uncounted
    }

    /// Probes in the copy, and builds that it took to find out which.
    #[must_use]
    pub fn probes(&self) -> (usize, usize) {
        (self.instrumented.probes, self.instrumented.rounds)
    }
}

/// Discovers a package and prepares it: for tests of what layers start from.
///
/// # Errors
/// The package cannot be found, or it does not build.
pub fn prepare(options: &AuditOptions, cancel: &Cancel) -> Result<Prepared, Error> {
    let plan = discover(options)?;
    let (build, scratch) = (plan.out.join("build"), plan.out.join("scratch"));
    copies(&plan, &build, &scratch, cancel, &mut |_: Event| {})
}

/// Inventories a plan's subject, the compiler working below `build`, and makes both copies below `scratch`.
pub(crate) fn copies(
    plan: &Plan,
    build: &Path,
    scratch: &Path,
    cancel: &Cancel,
    events: &mut dyn Events,
) -> Result<Prepared, Error> {
    phase(events, "counting unsafe sites");
    let mut inventory = inventory(plan, build, cancel)?;
    phase(events, "copying the sources and placing counters");
    let original = copy(plan, &scratch.join("original"))?;
    let into = scratch.join("instrumented");
    let instrumented = instrument(plan, &original, &inventory, &into, cancel)?;
    mark_uncounted(&mut inventory, &instrumented.uncounted);
    events.event(counted(&inventory, &instrumented));
    Ok(Prepared {
        inventory,
        original,
        instrumented,
    })
}

/// Says what the audit is at.
pub(crate) fn phase(events: &mut dyn Events, doing: &str) {
    events.event(Event::Phase {
        doing: doing.to_owned(),
    });
}

fn mark_uncounted(inventory: &mut Inventory, uncounted: &[(SiteId, String)]) {
    for (id, reason) in uncounted {
        let sites = inventory.sites.iter_mut().filter(|site| site.id == *id);
        for site in sites {
            site.probe = Probe::Uncounted {
                reason: reason.clone(),
            };
        }
    }
}

fn counted(inventory: &Inventory, instrumented: &Instrumented) -> Event {
    let mut probed = instrumented.counters.clone();
    probed.sort();
    probed.dedup();
    Event::Inventoried {
        sites: inventory.sites.len(),
        probed: probed.len(),
        lines: inventory.lines,
    }
}
