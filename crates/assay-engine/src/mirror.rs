//! Makes a folder hold exactly a set of files, and writes only those that differ.
//!
//! Cargo decides by modification time what to build again, so a file that already has its content is not touched.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::Error;

/// Files above this size are data: compared by size and time, not read.
const LARGE: u64 = 4 << 20;

/// What a file shall hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A copy of this file.
    Copy(PathBuf),
    /// These bytes.
    Bytes(Vec<u8>),
    /// A symbolic link to this path.
    Link(PathBuf),
}

/// A set of files by their paths in the folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mirror(BTreeMap<PathBuf, Entry>);

impl Mirror {
    /// Adds or replaces a file.
    pub(crate) fn insert(&mut self, path: PathBuf, entry: Entry) {
        self.0.insert(path, entry);
    }

    /// Whether the set has a file of this path.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }

    /// Adds every file below `source` under `prefix`, without the folders that `skip` refuses.
    pub(crate) fn insert_tree(
        &mut self,
        source: &Path,
        prefix: &Path,
        skip: &dyn Fn(&Path) -> bool,
    ) -> Result<(), Error> {
        let walk = walkdir::WalkDir::new(source)
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !skip(entry.path()));
        for entry in walk {
            let entry = entry.map_err(|error| Error::Io {
                action: "read",
                path: error.path().unwrap_or(source).to_path_buf(),
                source: error.into(),
            })?;
            let below = entry.path().strip_prefix(source).unwrap_or(entry.path());
            if entry.file_type().is_symlink() {
                self.insert_link(source, prefix, entry.path(), below);
            } else if entry.file_type().is_file() {
                self.insert(prefix.join(below), Entry::Copy(entry.path().to_path_buf()));
            }
        }
        Ok(())
    }

    /// A link inside the tree stays one; a link out of it becomes the file, or names the folder in full.
    fn insert_link(&mut self, root: &Path, prefix: &Path, path: &Path, below: &Path) {
        let Ok(target) = fs::read_link(path) else {
            return;
        };
        let Ok(real) = path.canonicalize() else {
            // It leads nowhere in the original too.
            self.insert(prefix.join(below), Entry::Link(target));
            return;
        };
        let stays =
            target.is_relative() && root.canonicalize().is_ok_and(|root| real.starts_with(root));
        let entry = if stays {
            Entry::Link(target)
        } else if real.is_file() {
            Entry::Copy(real)
        } else {
            Entry::Link(real)
        };
        self.insert(prefix.join(below), entry);
    }

    /// Makes `folder` hold the set and nothing else.
    pub(crate) fn apply(&self, folder: &Path) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        self.remove_others(folder)?;
        for (path, entry) in &self.0 {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(failed("create", parent))?;
            }
            match entry {
                Entry::Copy(source) => copy(source, &path)?,
                Entry::Bytes(bytes) => write(bytes, &path)?,
                Entry::Link(target) => link(target, &path)?,
            }
        }
        Ok(())
    }

    fn remove_others(&self, folder: &Path) -> Result<(), Error> {
        let walk = walkdir::WalkDir::new(folder)
            .min_depth(1)
            .contents_first(true);
        for entry in walk.into_iter().flatten() {
            let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            if entry.file_type().is_dir() {
                // Fails for a folder that still holds something, which is right.
                drop(fs::remove_dir(entry.path()));
            } else if !self.contains(below) {
                remove(entry.path())?;
            }
        }
        Ok(())
    }
}

fn failed<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> Error + 'a {
    move |source| Error::Io {
        action,
        path: path.to_path_buf(),
        source,
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(failed("remove", path)(error))
        }
        _ => Ok(()),
    }
}

fn copy(source: &Path, path: &Path) -> Result<(), Error> {
    let from = source.metadata().map_err(failed("read", source))?;
    let large = from.len() > LARGE;
    if let Ok(to) = path.symlink_metadata()
        && to.is_file()
        && to.len() == from.len()
    {
        let same_time = from
            .modified()
            .ok()
            .is_some_and(|time| to.modified().ok() == Some(time));
        if large && same_time || !large && same_content(source, path) {
            return Ok(());
        }
    }
    make_way(path)?;
    fs::copy(source, path).map_err(failed("write", path))?;
    if large && let Ok(time) = from.modified() {
        let file = File::options()
            .append(true)
            .open(path)
            .map_err(failed("write", path))?;
        file.set_modified(time).map_err(failed("write", path))?;
    }
    Ok(())
}

fn same_content(a: &Path, b: &Path) -> bool {
    let read = |path: &Path| {
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map(|_| bytes)
    };
    matches!((read(a), read(b)), (Ok(a), Ok(b)) if a == b)
}

fn write(bytes: &[u8], path: &Path) -> Result<(), Error> {
    let is_file = path.symlink_metadata().is_ok_and(|meta| meta.is_file());
    if is_file && fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    make_way(path)?;
    fs::write(path, bytes).map_err(failed("write", path))
}

fn link(target: &Path, path: &Path) -> Result<(), Error> {
    if fs::read_link(path).is_ok_and(|there| there == target) {
        return Ok(());
    }
    make_way(path)?;
    symlink(target, path).map_err(failed("write", path))
}

/// Removes what stands where a file shall be: it may be a link, a folder, or write-protected.
fn make_way(path: &Path) -> Result<(), Error> {
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path).map_err(failed("remove", path)),
        Ok(_) => remove(path),
    }
}

#[cfg(unix)]
fn symlink(target: &Path, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(windows)]
fn symlink(target: &Path, path: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(target, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modified(path: &Path) -> std::time::SystemTime {
        path.metadata()
            .and_then(|meta| meta.modified())
            .expect("there")
    }

    #[test]
    fn only_what_differs_is_written_and_what_is_not_listed_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("a")).expect("created");
        fs::write(from.join("a/same"), "same").expect("written");
        fs::write(from.join("a/changes"), "before").expect("written");
        let mirrored = || {
            let mut mirror = Mirror::default();
            mirror
                .insert_tree(&from, Path::new(""), &|_| false)
                .expect("read");
            mirror.apply(&to).expect("applied");
        };
        mirrored();
        let same = modified(&to.join("a/same"));
        fs::write(from.join("a/changes"), "after!").expect("written");
        fs::write(to.join("stray"), "").expect("written");
        mirrored();
        assert_eq!(modified(&to.join("a/same")), same);
        assert_eq!(fs::read(to.join("a/changes")).expect("there"), b"after!");
        assert!(!to.join("stray").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_keep_working() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("data")).expect("created");
        fs::create_dir_all(folder.path().join("outside")).expect("created");
        fs::write(from.join("data/file"), "inside").expect("written");
        fs::write(folder.path().join("outside/file"), "outside").expect("written");
        symlink("data", from.join("inner")).expect("linked");
        symlink("../outside/file", from.join("outer_file")).expect("linked");
        symlink("../outside", from.join("outer_folder")).expect("linked");
        symlink("nowhere", from.join("broken")).expect("linked");
        let mut mirror = Mirror::default();
        mirror
            .insert_tree(&from, Path::new(""), &|_| false)
            .expect("read");
        mirror.apply(&to).expect("applied");
        let read = |path: &str| fs::read_to_string(to.join(path)).expect("there");
        assert_eq!(
            (read("inner/file").as_str(), read("outer_file").as_str()),
            ("inside", "outside")
        );
        assert_eq!(read("outer_folder/file"), "outside");
        assert!(
            !to.join("outer_file")
                .symlink_metadata()
                .expect("there")
                .is_symlink()
        );
        assert!(
            to.join("broken")
                .symlink_metadata()
                .expect("there")
                .is_symlink()
        );
    }
}
