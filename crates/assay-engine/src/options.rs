//! What the caller asks of an audit.

use std::path::PathBuf;
use std::time::Duration;

use assay_evidence::{Exercise, LayerName};

/// An audit as the user asked for it.
#[derive(Clone, Debug)]
pub struct AuditOptions {
    /// The manifest, or none for the current folder's.
    pub manifest: Option<PathBuf>,
    /// The package to audit.
    pub selection: Selection,
    /// Features of the driving package.
    pub features: Features,
    /// What drives the audited code.
    pub exercise: Exercise,
    /// Layers to run; none: all.
    pub layers: Option<Vec<LayerName>>,
    /// Limits of time and memory.
    pub limits: Limits,
    /// Where reports, logs, scratch copies and caches go; none: `target/assay` of the workspace.
    pub out: Option<PathBuf>,
    /// The allow-list, if there is one; none: `assay.toml` beside the manifest, where it exists.
    pub allow: Option<PathBuf>,
    /// Whether results of unchanged content may be taken from the cache.
    pub use_cache: bool,
}

/// Which package is audited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// The manifest's own package.
    #[default]
    Root,
    /// A package of the dependency graph, by name or `name@version`.
    Package(String),
}

/// Which features the driving package is built with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// All of them.
    pub all: bool,
    /// Leave out `default`.
    pub no_default: bool,
    /// These by name.
    pub named: Vec<String>,
}

/// Bounds on what a run may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time for one test process of a layer. Slow layers multiply it by their documented factor.
    pub test: Duration,
    /// Time for one run of a layer, all its tests together, its build not counted.
    pub run: Duration,
    /// Memory for one test process, in bytes.
    pub memory_bytes: u64,
    /// How often a probabilistic layer repeats the exercise.
    pub repeats: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            test: Duration::from_secs(60),
            run: Duration::from_secs(600),
            memory_bytes: 8 << 30,
            repeats: 20,
        }
    }
}
