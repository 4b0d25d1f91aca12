//! The whole audit, from a manifest to evidence.

use std::collections::BTreeSet;
use std::path::PathBuf;

use assay_evidence::{
    Built, Completion, Evidence, Layer, LayerName, LayerStatus, SCHEMA_VERSION, Site, SiteId,
    SourceFile, Subject, ToolVersion,
};

use crate::cache::Cache;
use crate::discover::{Plan, discover, feature_args};
use crate::drive::Tree;
use crate::fingerprint::Fingerprint;
use crate::folders::Folders;
use crate::inventory::Inventory;
use crate::layers::{LayerRecords, Need, Workbench, all, run_layers};
use crate::mutation::{Kept, equivalents};
use crate::prepare::{Prepared, copies, phase};
use crate::scratch::{Scratch, is_own_file};
use crate::tools::Tools;
use crate::{AuditOptions, Cancel, Error, Events, allow};

/// What an audit leaves.
#[derive(Debug)]
pub struct Audit {
    /// The evidence, in canonical order.
    pub evidence: Evidence,
    /// The folder for its reports; its logs lie there already.
    pub folder: PathBuf,
}

/// Audits one package.
///
/// A request to [`Cancel`] ends the layers early; the evidence gathered until then is returned, marked
/// as interrupted.
///
/// # Errors
/// The manifest, the selection or the allow-list is wrong, the package does not build as it is, or a file
/// of the audit itself cannot be written. What the audited code does wrong is evidence, not an error.
pub fn audit(
    options: &AuditOptions,
    cancel: &Cancel,
    events: &mut dyn Events,
) -> Result<Audit, Error> {
    phase(events, "reading the manifest");
    let plan = discover(options)?;
    let allowances = allow::load(
        options.allow.as_deref(),
        plan.subject.manifest_path.as_std_path(),
    )?;
    let folders = Folders::claim(&plan)?;
    phase(events, "looking for tools");
    let tools = Tools::find(&plan.workspace_root)?;
    let Prepared {
        mut inventory,
        original,
        instrumented,
    } = copies(&plan, &folders.build, &folders.scratch, cancel, events)?;

    let cache = options.use_cache.then(|| Cache::open(&folders.cache));
    let map = |reported: &str| instrumented.scratch.path_map.subject_file(reported);
    let records = run_layers(
        &Workbench {
            metadata: &plan.metadata,
            driver: &plan.driver,
            exercise: &plan.exercise,
            feature_args: feature_args(&plan.features),
            user_flags: &plan.rustflags,
            original: &tree(&original),
            instrumented: &tree(&instrumented.scratch),
            counters: &instrumented.counters,
            sites: &inventory.sites,
            atomics: &inventory.atomics,
            map: &map,
            columns: &instrumented.columns,
            tools: &tools,
            limits: options.limits,
            cancel,
            cache: cache.as_ref(),
            logs: &folders.logs,
            selected: options.layers.as_deref(),
        },
        events,
    );
    mark_executed(&mut inventory, &records);
    let subject = subject(&plan)?;
    let kept = Kept::read(&folders.report, &subject).map(|kept| (kept, inventory.files.clone()));
    let mut evidence = assemble(subject, &tools, inventory, records);
    if let Some((kept, files)) = kept {
        let manifest = plan.subject.manifest_path.as_std_path();
        kept.put_into(&mut evidence, equivalents::load(None, manifest)?, &files);
    }
    evidence.allowances = allowances;
    allow::apply(&mut evidence);
    evidence.sort();
    Ok(Audit {
        evidence,
        folder: folders.report,
    })
}

/// The layers as this machine has them, without a subject: what could run, and why something could not.
///
/// # Errors
/// `rustc` or `cargo` is missing.
pub fn layers() -> Result<Vec<Layer>, Error> {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let tools = Tools::find(&here)?;
    Ok(all()
        .into_iter()
        .map(|layer| entry(layer.name(), layer.need(&tools)))
        .collect())
}

/// A copy as the layers see it.
pub(crate) fn tree(scratch: &Scratch) -> Tree {
    Tree {
        root: scratch.root.clone(),
        driver_dir: scratch.driver_dir.clone(),
        driver_manifest: scratch.driver_manifest.clone(),
        idle: scratch.idle.clone(),
        cargo_args: scratch.cargo_args.clone(),
        env: scratch.envs.clone(),
        target_root: scratch.target_root.clone(),
    }
}

/// A layer of which only the tool is known.
fn entry(name: LayerName, need: Need) -> Layer {
    let (status, tool, notes) = match need {
        Need::Ready { tool, notes } => (LayerStatus::Ran, Some(tool), notes),
        Need::NotRun(reason) => (LayerStatus::NotRun { reason }, None, Vec::new()),
    };
    Layer {
        name,
        status,
        tool,
        notes,
    }
}

/// What was executed is built: a macro that the library exports is expanded by its tests alone.
fn mark_executed(inventory: &mut Inventory, records: &LayerRecords) {
    let hit: BTreeSet<&SiteId> = records.hits.iter().map(|hit| &hit.site).collect();
    for site in inventory
        .sites
        .iter_mut()
        .filter(|site| hit.contains(&site.id))
    {
        site.built = Built::Yes;
    }
}

/// The evidence that the records make.
pub(crate) fn assemble(
    subject: Subject,
    tools: &Tools,
    inventory: Inventory,
    records: LayerRecords,
) -> Evidence {
    let completion = if records.interrupted {
        Completion::Interrupted {
            reason: "Ctrl-C".to_owned(),
        }
    } else {
        Completion::Complete
    };
    let files = shown_files(inventory.files, &inventory.sites, &records);
    Evidence {
        schema_version: SCHEMA_VERSION,
        tool: ToolVersion {
            name: "cargo-assay".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        completion,
        subject,
        environment: tools.environment(),
        files,
        sites: inventory.sites,
        atomics: inventory.atomics,
        layers: records.layers,
        runs: records.runs,
        hits: records.hits,
        controls: records.controls,
        findings: records.findings,
        baselines: Vec::new(),
        mutants: Vec::new(),
        equivalents: Vec::new(),
        measurements: Vec::new(),
        allowances: Vec::new(),
    }
}

/// The files that a site or a finding stands in.
fn shown_files(files: Vec<SourceFile>, sites: &[Site], records: &LayerRecords) -> Vec<SourceFile> {
    let spans = sites.iter().map(|site| &site.span);
    let found = records.findings.iter().filter_map(|f| f.span.as_ref());
    let named: BTreeSet<&str> = spans.chain(found).map(|span| span.file.as_str()).collect();
    let shown = |file: &SourceFile| named.contains(file.path.as_str());
    files.into_iter().filter(shown).collect()
}

/// What was audited, and what drove it.
pub(crate) fn subject(plan: &Plan) -> Result<Subject, Error> {
    Ok(Subject {
        package: plan.subject.name.to_string(),
        version: plan.subject.version.to_string(),
        origin: plan.origin,
        driver: plan.driver.name.to_string(),
        exercise: plan.exercise.clone(),
        features: plan.enabled_features.clone(),
        source_sha256: source_fingerprint(plan)?,
    })
}

fn source_fingerprint(plan: &Plan) -> Result<String, Error> {
    let failed = |path: PathBuf| {
        move |source| Error::Io {
            action: "read",
            path,
            source,
        }
    };
    let root = plan.subject_root();
    let lock = plan.lock.path();
    let package = Fingerprint::of_folder(root, &is_own_file).map_err(failed(root.to_path_buf()))?;
    let lock = std::fs::read(lock).map_err(failed(lock.to_path_buf()))?;
    let parts = [package.to_string().into_bytes(), lock];
    Ok(Fingerprint::of(parts).to_string())
}
