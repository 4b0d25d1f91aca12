//! The inventory on its own: what `cargo assay inventory` shows.

use assay_evidence::{Atomic, Site, SourceFile};

use crate::discover::{Plan, discover};
use crate::inventory::{self, Inventory};
use crate::{AuditOptions, Cancel, Error};

pub use crate::inventory::Timing;

/// What stands in a package, without an execution.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The package's name.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// Sites in the order of files and positions.
    pub sites: Vec<Site>,
    /// Atomic operations in the same order.
    pub atomics: Vec<Atomic>,
    /// Every file that was read.
    pub files: Vec<SourceFile>,
    /// Lines that were read.
    pub lines: usize,
    /// Messages of the compiler's `unsafe_code` lint about the package, each about one of the sites.
    pub lint_messages: usize,
    /// What could not be read, one sentence each.
    pub notes: Vec<String>,
}

impl Survey {
    fn new(plan: &Plan, inventory: Inventory) -> Self {
        Self {
            package: plan.subject.name.to_string(),
            version: plan.subject.version.to_string(),
            sites: inventory.sites,
            atomics: inventory.atomics,
            files: inventory.files,
            lines: inventory.lines,
            lint_messages: inventory.lint_messages,
            notes: inventory.notes,
        }
    }
}

/// Inventories a package with the compiler's help.
///
/// # Errors
/// The package cannot be found, cargo refuses the workspace, or the package does not build.
pub fn survey(options: &AuditOptions, cancel: &Cancel) -> Result<Survey, Error> {
    let plan = discover(options)?;
    let inventory = inventory::inventory(&plan, &plan.out.join("build"), cancel)?;
    Ok(Survey::new(&plan, inventory))
}

/// Inventories a package from its source alone: fast, but blind to what macros of other packages expand to and to
/// what is compiled out.
///
/// # Errors
/// The package cannot be found, or cargo refuses the workspace.
pub fn survey_source(options: &AuditOptions) -> Result<Survey, Error> {
    let plan = discover(options)?;
    let inventory = inventory::inventory_of_source(&plan);
    Ok(Survey::new(&plan, inventory))
}

/// Measures how fast the source is scanned, once for each number of threads.
///
/// # Errors
/// The package cannot be found, or cargo refuses the workspace.
pub fn measure_scan(options: &AuditOptions, threads: &[usize]) -> Result<Vec<Timing>, Error> {
    let plan = discover(options)?;
    Ok(threads
        .iter()
        .map(|threads| inventory::measure(&plan, *threads))
        .collect())
}
