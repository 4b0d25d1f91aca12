//! The file in which the probe counts.
//!
//! The driver creates it, full of zeros, and names it to the processes; they map it shared and add to
//! it. The format is the probe's: a header of 64 bytes, then one counter of 8 bytes a number.

use std::io;
use std::path::{Path, PathBuf};

/// The variable that names the file to a process.
pub(crate) const VARIABLE: &str = "ASSAY_HITS";

/// The variable that names the preloaded library without which a process does not count.
pub(crate) const UNDER: &str = "ASSAY_HITS_UNDER";

const MAGIC: &[u8; 8] = b"ASSAYHIT";
const VERSION: u32 = 1;
const HEADER: usize = 64;

/// A file of counters.
#[derive(Debug)]
pub(crate) struct HitsFile {
    path: PathBuf,
    counters: usize,
}

impl HitsFile {
    /// Creates the file, or empties it.
    pub(crate) fn create(path: PathBuf, counters: usize) -> io::Result<Self> {
        let mut bytes = vec![0; HEADER + 8 * counters];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_ne_bytes());
        let number = u32::try_from(counters).map_err(io::Error::other)?;
        bytes[12..16].copy_from_slice(&number.to_ne_bytes());
        std::fs::write(&path, bytes)?;
        Ok(Self { path, counters })
    }

    /// Sets every counter to zero, for processes that start from now on.
    pub(crate) fn reset(&self) -> io::Result<()> {
        Self::create(self.path.clone(), self.counters).map(drop)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The counters as they stand now. What was damaged is not counted.
    pub(crate) fn read(&self) -> Vec<u64> {
        let bytes = std::fs::read(&self.path).unwrap_or_default();
        if bytes.len() != HEADER + 8 * self.counters || &bytes[..8] != MAGIC {
            return vec![0; self.counters];
        }
        bytes[HEADER..]
            .chunks_exact(8)
            .map(|chunk| u64::from_ne_bytes(chunk.try_into().unwrap_or_default()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_written_by_another_hand_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = HitsFile::create(folder.path().join("hits"), 3).expect("a file");
        assert_eq!(file.read(), [0, 0, 0]);
        let mut bytes = std::fs::read(file.path()).expect("bytes");
        assert_eq!(bytes.len(), 64 + 24);
        assert_eq!(&bytes[..16], b"ASSAYHIT\x01\0\0\0\x03\0\0\0");
        bytes[72..80].copy_from_slice(&7_u64.to_ne_bytes());
        std::fs::write(file.path(), &bytes).expect("a write");
        assert_eq!(file.read(), [0, 7, 0]);
    }

    #[test]
    fn a_damaged_file_counts_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = HitsFile::create(folder.path().join("hits"), 2).expect("a file");
        std::fs::write(file.path(), b"short").expect("a write");
        assert_eq!(file.read(), [0, 0]);
    }
}
