//! SHA-256 over parts and folders, so that unchanged content is recognised.

use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

/// A SHA-256, shown in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fingerprint(String);

impl Fingerprint {
    /// Over a list of parts; `["ab"]` and `["a", "b"]` differ.
    pub(crate) fn of<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            feed(&mut hash, part.as_ref());
        }
        Self::finish(hash)
    }

    /// Over the files of a folder, their paths and their bytes, in path order. Version control and build
    /// output (`.git`, `target`) are left out, and so is what `skip` names.
    pub(crate) fn of_folder(folder: &Path, skip: &dyn Fn(&Path) -> bool) -> io::Result<Self> {
        let mut hash = Sha256::new();
        let files = WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry));
        for entry in files {
            let entry = entry?;
            if entry.file_type().is_file() && !skip(entry.path()) {
                let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
                feed(&mut hash, relative.to_string_lossy().as_bytes());
                feed(&mut hash, &fs::read(entry.path())?);
            }
        }
        Ok(Self::finish(hash))
    }

    fn finish(hash: Sha256) -> Self {
        Self(hex(&hash.finalize()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn feed(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

fn is_left_out(entry: &walkdir::DirEntry) -> bool {
    entry.file_type().is_dir() && (entry.file_name() == ".git" || entry.file_name() == "target")
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn the_borders_between_parts_count() {
        assert_ne!(Fingerprint::of(["ab"]), Fingerprint::of(["a", "b"]));
        assert_eq!(Fingerprint::of(["a", "b"]), Fingerprint::of(["a", "b"]));
    }

    #[test]
    fn a_folder_is_its_paths_and_bytes_without_build_output() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::write(path.join("a.rs"), "a").unwrap();
        let first = Fingerprint::of_folder(path, &|_| false).unwrap();
        std::fs::create_dir(path.join("target")).unwrap();
        std::fs::write(path.join("target/x"), "x").unwrap();
        assert_eq!(Fingerprint::of_folder(path, &|_| false).unwrap(), first);
        std::fs::rename(path.join("a.rs"), path.join("b.rs")).unwrap();
        assert_ne!(Fingerprint::of_folder(path, &|_| false).unwrap(), first);
    }
}
