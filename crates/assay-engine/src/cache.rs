//! Records of earlier runs, found again by the content that produced them.
//!
//! A damaged or foreign entry is a miss, never an error: the run is then made again.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;

/// Raised when the meaning of a stored record changes.
const FORMAT: u32 = 1;

/// A folder of records, one file a key.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    format: u32,
    key: String,
    value: T,
}

impl Cache {
    /// The cache in an existing folder.
    pub(crate) fn open(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }

    /// The record under this key, if there is a whole one.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &Fingerprint) -> Option<T> {
        let text = fs::read(self.path(key)).ok()?;
        let entry: Entry<T> = serde_json::from_slice(&text).ok()?;
        (entry.format == FORMAT && entry.key == key.to_string()).then_some(entry.value)
    }

    /// Stores a record. A record that cannot be stored (a full disk) is left out; what stood there stays whole.
    pub(crate) fn put<T: Serialize>(&self, key: &Fingerprint, value: &T) {
        let entry = Entry {
            format: FORMAT,
            key: key.to_string(),
            value,
        };
        let Ok(text) = serde_json::to_vec(&entry) else {
            return;
        };
        let Ok(mut file) = tempfile::NamedTempFile::new_in(&self.folder) else {
            return;
        };
        if file.write_all(&text).is_ok() {
            drop(file.persist(self.path(key)));
        }
    }

    fn path(&self, key: &Fingerprint) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;
    use crate::fingerprint::Fingerprint;

    #[test]
    fn a_record_comes_back_under_its_key_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path());
        let key = Fingerprint::of(["a", "b"]);
        cache.put(&key, &vec![1_u32, 2]);
        assert_eq!(cache.get(&key), Some(vec![1_u32, 2]));
        assert_eq!(cache.get::<Vec<u32>>(&Fingerprint::of(["ab"])), None);
    }

    #[test]
    fn a_damaged_record_is_a_miss() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path());
        let key = Fingerprint::of(["a"]);
        cache.put(&key, &1_u32);
        std::fs::write(cache.path(&key), "{\"format\":1,").unwrap();
        assert_eq!(cache.get::<u32>(&key), None);
        std::fs::write(
            cache.path(&key),
            "{\"format\":1,\"key\":\"other\",\"value\":1}",
        )
        .unwrap();
        assert_eq!(cache.get::<u32>(&key), None);
    }

    #[test]
    fn a_folder_that_is_gone_stores_nothing_and_fails_nothing() {
        let cache = Cache::open(std::path::Path::new("/nonexistent/folder"));
        cache.put(&Fingerprint::of(["a"]), &1_u32);
        assert_eq!(cache.get::<u32>(&Fingerprint::of(["a"])), None);
    }
}
