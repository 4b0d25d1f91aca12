//! Where an audit writes, and that only one audit writes there at a time.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::discover::Plan;

/// The folders of one audit, below `target/assay` of the audited workspace or the folder that was asked for.
#[derive(Debug)]
pub(crate) struct Folders {
    /// Reports of this package.
    pub(crate) report: PathBuf,
    /// Logs of the runs, in the report's folder.
    pub(crate) logs: PathBuf,
    /// The copies of the sources.
    pub(crate) scratch: PathBuf,
    /// Build output of the inventory's `cargo check`.
    pub(crate) build: PathBuf,
    /// Records of earlier runs by content.
    pub(crate) cache: PathBuf,
    /// Held as long as the folders are in use.
    _claim: File,
}

impl Folders {
    /// Makes the folders and waits until no other audit uses them.
    pub(crate) fn claim(plan: &Plan) -> Result<Self, Error> {
        let root = &plan.out;
        let report = root.join(plan.subject.name.as_str());
        let made = Self {
            logs: report.join("logs"),
            scratch: root.join("scratch"),
            build: root.join("build"),
            cache: root.join("cache"),
            _claim: lock(root)?,
            report,
        };
        for folder in [&made.logs, &made.scratch, &made.cache] {
            create(folder)?;
        }
        Ok(made)
    }
}

fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|source| Error::Io {
        action: "create",
        path: folder.to_path_buf(),
        source,
    })
}

fn lock(root: &Path) -> Result<File, Error> {
    create(root)?;
    let path = root.join("audit.lock");
    let failed = |source| Error::Io {
        action: "lock",
        path: path.clone(),
        source,
    };
    let file = File::create(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}
