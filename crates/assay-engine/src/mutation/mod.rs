//! Can the tests fail? Small faults in the code that unsafe sites depend on, and which layer notices them.
//!
//! ```text
//! functions that sites depend on -> candidates -> one copy with all of them -> one build a layer
//!                                                        |
//!             a build of its own for what cannot stand beside the original
//! ```
//!
//! Each layer runs the tests without a mutant first. Then each mutant is switched on, and the tests that execute
//! it run, the quickest first, until one notices it.

mod candidate;
mod copy;
pub(crate) mod equivalents;
mod functions;
#[cfg(test)]
mod functions_tests;
mod kept;
mod operators;
mod run;
mod schema;
#[cfg(test)]
mod schema_tests;
mod session;
mod text;

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use assay_evidence::{Evidence, Mutant};

use crate::audit::{self, tree};
use crate::cache::Cache;
use crate::discover::{Plan, discover, feature_args};
use crate::folders::Folders;
use crate::instrument::Columns;
use crate::inventory::{Inventory, Sources, inventory_with_sources};
use crate::layers::{LayerRecords, Workbench};
use crate::prepare::phase;
use crate::tools::Tools;
use crate::{AuditOptions, Cancel, Error, Event, Events, content, scratch};

use candidate::Candidate;
use copy::Stock;
pub(crate) use kept::Kept;
use run::Asking;

/// What the caller asks of mutation.
#[derive(Clone, Debug)]
pub struct MutateOptions {
    /// The package, what drives it, the layers and their limits.
    pub audit: AuditOptions,
    /// Whether every layer is asked about every mutant; otherwise the first that notices one is the last.
    pub all_layers: bool,
    /// The list of equivalents; none: `assay-mutants.toml` beside the manifest, where it exists.
    pub equivalents: Option<PathBuf>,
    /// Mutants that are asked about at the same time; none: one for each processor.
    pub jobs: Option<NonZero<usize>>,
    /// What the tests of one mutant may take under one layer, by what they take without it; the quickest are asked.
    pub budget: Duration,
}

/// What mutation leaves.
#[derive(Debug)]
pub struct Mutated {
    /// The evidence of the package's audit, where there is one of the same source, with the mutants.
    pub evidence: Evidence,
    /// The folder for its reports.
    pub folder: PathBuf,
}

/// Makes the mutants of a package and asks the layers about them.
///
/// A request to [`Cancel`] ends it early; the next call with the same options goes on where it ended.
///
/// # Errors
/// The manifest, the selection or the list of equivalents is wrong, the package does not build as it is, or a file
/// of the tool itself cannot be written.
pub fn mutate(
    options: &MutateOptions,
    cancel: &Cancel,
    events: &mut dyn Events,
) -> Result<Mutated, Error> {
    phase(events, "reading the manifest");
    let plan = discover(&options.audit)?;
    let manifest = plan.subject.manifest_path.as_std_path();
    let listed = equivalents::load(options.equivalents.as_deref(), manifest)?;
    let folders = Folders::claim(&plan)?;
    phase(events, "looking for tools");
    let tools = Tools::find(&plan.workspace_root)?;
    phase(events, "looking for mutants");
    let Found {
        inventory,
        sources,
        candidates,
        functions,
    } = find(&plan, &folders, cancel)?;
    events.event(Event::MutantsMade {
        mutants: candidates.len(),
        functions,
    });
    phase(events, "copying the sources and writing the mutants");
    let original = scratch::copy(&plan, &folders.scratch.join("original"))?;
    let stock = Stock::new(&plan, &original, &inventory, &sources, &candidates, cancel)?;
    let copies = stock.copies(&folders.scratch)?;

    let (together, alone) = (tree(&copies.together), tree(&copies.alone));
    let original = tree(&original);
    let cache = options.audit.use_cache.then(|| Cache::open(&folders.cache));
    let map = |reported: &str| copies.together.path_map.subject_file(reported);
    // No report is attributed here, so that columns need not be those of the source.
    let columns = Columns::default();
    let bench = |instrumented| Workbench {
        metadata: &plan.metadata,
        driver: &plan.driver,
        exercise: &plan.exercise,
        feature_args: feature_args(&plan.features),
        user_flags: &plan.rustflags,
        original: &original,
        instrumented,
        counters: &[],
        sites: &inventory.sites,
        atomics: &inventory.atomics,
        map: &map,
        columns: &columns,
        tools: &tools,
        limits: options.audit.limits,
        cancel,
        cache: cache.as_ref(),
        logs: &folders.logs,
        selected: options.audit.layers.as_deref(),
    };
    let content = cache
        .as_ref()
        .and_then(|_| content::fingerprint(&together.root, &together.idle).ok());
    let (together, alone) = (bench(&together), bench(&alone));
    let mut asking = Asking {
        together: &together,
        alone: &alone,
        stock: &stock,
        copies: &copies,
        all_layers: options.all_layers,
        jobs: jobs(options.jobs),
        budget: options.budget,
        content,
        reach: None,
    };
    let mutants: Vec<Mutant> = candidates.iter().map(|c| c.mutant.clone()).collect();
    let mut said = asking.run(&mutants, events);
    let mutants = (0..).zip(mutants).map(|(number, mutant)| Mutant {
        unviable: copies.unviable.get(&number).cloned(),
        answers: said.answers.remove(&number).unwrap_or_default(),
        ..mutant
    });
    let kept = Kept {
        subject: audit::subject(&plan)?,
        mutants: mutants.collect(),
        baselines: said.baselines,
    };
    kept.write(&folders.report)?;
    let files = inventory.files.clone();
    let mut evidence = match kept::audited(&folders.report, &kept.subject) {
        Some(evidence) => evidence,
        None => {
            let subject = kept.subject.clone();
            audit::assemble(subject, &tools, inventory, LayerRecords::unaudited())
        }
    };
    kept.put_into(&mut evidence, listed, &files);
    Ok(Mutated {
        evidence,
        folder: folders.report,
    })
}

/// The mutants of a package, without asking anything about them.
///
/// # Errors
/// The manifest or the selection is wrong, or the package does not build as it is.
pub fn list_mutants(options: &AuditOptions, cancel: &Cancel) -> Result<Vec<Mutant>, Error> {
    let plan = discover(options)?;
    let folders = Folders::claim(&plan)?;
    let found = find(&plan, &folders, cancel)?;
    Ok(found.candidates.into_iter().map(|c| c.mutant).collect())
}

/// What a package has to change.
struct Found {
    inventory: Inventory,
    sources: Sources,
    candidates: Vec<Candidate>,
    /// Functions in which the candidates stand.
    functions: usize,
}

fn find(plan: &Plan, folders: &Folders, cancel: &Cancel) -> Result<Found, Error> {
    let (inventory, sources) = inventory_with_sources(plan, &folders.build, cancel)?;
    let regions = functions::regions(&sources, &inventory.sites);
    let package = plan.subject.name.as_str();
    let candidates = operators::candidates(package, &sources, &inventory.sites, &regions);
    let functions = regions.len();
    Ok(Found {
        inventory,
        sources,
        candidates,
        functions,
    })
}

fn jobs(asked: Option<NonZero<usize>>) -> usize {
    let jobs = asked.or_else(|| std::thread::available_parallelism().ok());
    jobs.map_or(1, NonZero::get)
}
