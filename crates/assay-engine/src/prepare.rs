//! Everything before the layers, in one call: for tests of the static half alone.

use std::path::PathBuf;
use std::process::Command;

use assay_evidence::{Site, SiteId};

use crate::discover::discover;
use crate::instrument::{Instrumented, instrument};
use crate::inventory::inventory;
use crate::scratch::{Scratch, copy};
use crate::{AuditOptions, Cancel, Error};

/// Both copies of a package, ready to be built.
#[derive(Clone, Debug)]
pub struct Prepared {
    original: Scratch,
    instrumented: Instrumented,
    /// Sites of the package.
    pub sites: Vec<Site>,
    /// Messages of the compiler's lint.
    pub lint_messages: usize,
}

impl Prepared {
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

/// Discovers, inventories, copies and instruments.
///
/// # Errors
/// The package cannot be found, or it does not build.
pub fn prepare(options: &AuditOptions, cancel: &Cancel) -> Result<Prepared, Error> {
    let plan = discover(options)?;
    let inventory = inventory(&plan, &plan.out.join("build"), cancel)?;
    let scratch = plan.out.join("scratch");
    let original = copy(&plan, &scratch.join("original"))?;
    let instrumented = instrument(
        &plan,
        &original,
        &inventory,
        &scratch.join("instrumented"),
        cancel,
    )?;
    Ok(Prepared {
        original,
        instrumented,
        sites: inventory.sites,
        lint_messages: inventory.lint_messages,
    })
}
