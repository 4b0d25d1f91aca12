//! Writes packages for the tests, and reads trees back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use assay_engine::{AuditOptions, Features, Limits, Selection};
use assay_evidence::Exercise;

/// A folder with a package in it; removed with the value.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// A package `fixture` whose library is `text`.
    pub(crate) fn library(text: &str) -> Self {
        let folder = Self::empty();
        folder.write("Cargo.toml", &manifest("fixture", ""));
        folder.write("src/lib.rs", text);
        folder
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes one file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, text).expect("written");
    }

    /// Options for an audit of it that writes below `out`.
    pub(crate) fn options(&self, out: &Path) -> AuditOptions {
        options(self.path(), out)
    }
}

/// Options for an audit of the package in `folder`.
pub(crate) fn options(folder: &Path, out: &Path) -> AuditOptions {
    AuditOptions {
        manifest: Some(folder.to_path_buf()),
        selection: Selection::Root,
        features: Features::default(),
        exercise: Exercise::Tests,
        layers: None,
        limits: Limits::default(),
        out: Some(out.to_path_buf()),
        allow: None,
        use_cache: false,
    }
}

/// A manifest of edition 2024.
pub(crate) fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}\n")
}

/// Every file below a folder: its content and when it was last written.
pub(crate) fn tree(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable") {
            let entry = entry.expect("readable");
            let path = entry.path();
            if entry.file_type().expect("known").is_dir() {
                open.push(path);
            } else {
                let meta = path.symlink_metadata().expect("readable");
                let content = std::fs::read(&path).unwrap_or_default();
                files.insert(path, (content, meta.modified().expect("known")));
            }
        }
    }
    files
}
