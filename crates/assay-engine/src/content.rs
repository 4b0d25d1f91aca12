//! What a run of the driver can read, so that a change elsewhere in the workspace repeats nothing.
//!
//! Packages of the workspace that the driver does not depend on are idle. Their sources are left out of the
//! key, unless a source of the others names a path that leaves its package: then everything counts.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, Package};
use walkdir::WalkDir;

use crate::fingerprint::Fingerprint;

/// Folders of local packages that `driver` does not depend on, under any feature, platform or `cfg`.
pub(crate) fn idle_packages<'a>(metadata: &'a Metadata, driver: &Package) -> Vec<&'a Path> {
    let reached = reached(metadata, driver);
    let idle = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none() && !reached.contains(package.name.as_str()));
    idle.filter_map(|package| package.manifest_path.parent())
        .map(|folder| folder.as_std_path())
        .collect()
}

/// Names of the packages that can be in the driver's build. By name, because a local package may stand in for another.
fn reached<'a>(metadata: &'a Metadata, driver: &'a Package) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![driver.name.as_str()];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            let named = metadata
                .packages
                .iter()
                .filter(|package| package.name.as_str() == name);
            let dependencies = named.flat_map(|package| &package.dependencies);
            open.extend(dependencies.map(|dependency| dependency.name.as_str()));
        }
    }
    reached
}

/// The content of a copy without the sources of its idle packages. Manifests count everywhere, as cargo reads them all.
pub(crate) fn fingerprint(root: &Path, idle: &[PathBuf]) -> io::Result<Fingerprint> {
    let unread = |path: &Path| !path.ends_with("Cargo.toml") && is_idle(path, idle);
    if leaves_its_package(root, idle)? {
        return Fingerprint::of_folder(root, &|_| false);
    }
    Fingerprint::of_folder(root, &unread)
}

fn is_idle(path: &Path, idle: &[PathBuf]) -> bool {
    idle.iter().any(|folder| path.starts_with(folder))
}

/// Whether a source that is not idle names a folder above its own package.
fn leaves_its_package(root: &Path, idle: &[PathBuf]) -> io::Result<bool> {
    for entry in WalkDir::new(root) {
        let entry = entry?;
        let path = entry.path();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if entry.file_type().is_file() && is_source && !is_idle(path, idle) {
            let text = fs::read(path)?;
            if mentions_above(&String::from_utf8_lossy(&text), levels(root, path)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// How many folders a file stands below its package.
fn levels(root: &Path, file: &Path) -> usize {
    let folders = file.ancestors().skip(1);
    folders
        .take_while(|folder| folder.starts_with(root) && !folder.join("Cargo.toml").is_file())
        .count()
}

/// Whether a text names a path above the package that its file stands `levels` folders below.
///
/// A path that a macro includes starts from the file; any other starts from the package's root.
fn mentions_above(text: &str, levels: usize) -> bool {
    const INCLUDES: [&str; 4] = ["include_str!", "include_bytes!", "include!", "#[path ="];
    const CLIMBS: [&str; 3] = [".parent()", ".ancestors()", "\"..\""];
    let pops = text.contains("PathBuf") && text.contains(".pop()");
    if pops || CLIMBS.iter().any(|climb| text.contains(climb)) {
        return true;
    }
    text.match_indices("../").any(|(at, _)| {
        let Some(before) = text[..at].strip_suffix('"') else {
            return text[..at].ends_with('/') && !text[..at].ends_with("../");
        };
        let opener = before.trim_end().trim_end_matches('(');
        let included = INCLUDES.iter().any(|word| opener.ends_with(word));
        let ups = text[at..]
            .split('/')
            .take_while(|part| *part == "..")
            .count();
        ups > if included { levels } else { 0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["driver", "idle"] {
            let package = folder.path().join(name);
            fs::create_dir_all(package.join("src")).unwrap();
            fs::write(package.join("Cargo.toml"), name).unwrap();
            fs::write(package.join("src/lib.rs"), "//! Nothing.").unwrap();
        }
        folder
    }

    #[test]
    fn an_idle_package_may_change_and_the_others_may_not() {
        let folder = workspace();
        let root = folder.path();
        let idle = [root.join("idle")];
        let first = fingerprint(root, &idle).unwrap();
        fs::write(root.join("idle/src/lib.rs"), "//! Something.").unwrap();
        assert_eq!(fingerprint(root, &idle).unwrap(), first);
        fs::write(root.join("idle/Cargo.toml"), "other").unwrap();
        assert_ne!(fingerprint(root, &idle).unwrap(), first);
        fs::write(root.join("idle/Cargo.toml"), "idle").unwrap();
        fs::write(root.join("driver/src/lib.rs"), "//! Something.").unwrap();
        assert_ne!(fingerprint(root, &idle).unwrap(), first);
    }

    #[test]
    fn a_package_that_reads_its_neighbours_depends_on_all_of_them() {
        let folder = workspace();
        let root = folder.path();
        let idle = [root.join("idle")];
        let reads = "fn f() { std::fs::read(\"../idle/src/lib.rs\"); }";
        fs::write(root.join("driver/src/lib.rs"), reads).unwrap();
        let first = fingerprint(root, &idle).unwrap();
        fs::write(root.join("idle/src/lib.rs"), "//! Something.").unwrap();
        assert_ne!(fingerprint(root, &idle).unwrap(), first);
    }

    #[test]
    fn a_path_above_the_package_is_told_from_one_within() {
        assert!(!mentions_above(
            "#[doc = include_str!(\"../README.md\")]",
            1
        ));
        assert!(mentions_above("include_str!(\"../../README.md\")", 1));
        assert!(mentions_above("open(\"../README.md\")", 1));
        assert!(mentions_above("concat!(env!(\"DIR\"), \"/../x\")", 1));
        assert!(mentions_above("here.parent().unwrap()", 1));
        assert!(!mentions_above("for i in 0../* all */10 {}", 1));
    }
}
