//! The probe's source, carried in this program and unpacked where a build needs it.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::fingerprint::Fingerprint;
use crate::mirror::{Entry, Mirror};

include!(concat!(env!("OUT_DIR"), "/probe_files.rs"));

/// Manifests of their own: nothing is inherited from a workspace, and lints of the audited build do not apply.
const MANIFESTS: [(&str, &str); 2] = [
    (
        "assay-probe/Cargo.toml",
        r#"[package]
name = "assay-probe"
version = "0.1.0-embedded"
edition = "2024"
publish = false

[features]
default = ["const-hit"]
const-hit = []

[dependencies]
block-guard = { path = "../block-guard" }

[lints.rust]
unexpected_cfgs = "allow"

[workspace]
"#,
    ),
    (
        "block-guard/Cargo.toml",
        r#"[package]
name = "block-guard"
version = "0.1.0-embedded"
edition = "2024"
publish = false

[lints.rust]
unexpected_cfgs = "allow"

[workspace]
"#,
    ),
];

/// The crate's name as `RUSTC_BOOTSTRAP` takes it: its counter is a `const fn`, which stable compilers allow by name.
pub(crate) const CRATE: &str = "assay_probe";

/// Unpacks the probe below `cache`, in a folder named by its content, and returns its package's folder.
pub(crate) fn unpack(cache: &Path) -> Result<PathBuf, Error> {
    let mut mirror = Mirror::default();
    for (name, text) in FILES.iter().chain(&MANIFESTS) {
        mirror.insert(PathBuf::from(name), Entry::Bytes(text.as_bytes().to_vec()));
    }
    let parts = FILES
        .iter()
        .chain(&MANIFESTS)
        .flat_map(|(name, text)| [name, text]);
    let mut name = Fingerprint::of(parts).to_string();
    name.truncate(16);
    let folder = cache.join(name);
    mirror.apply(&folder)?;
    Ok(folder.join("assay-probe"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_unpacks_to_one_folder_by_content() {
        let cache = tempfile::tempdir().expect("a folder");
        let first = unpack(cache.path()).expect("unpacked");
        let written = first
            .join("src/lib.rs")
            .metadata()
            .and_then(|meta| meta.modified())
            .expect("there");
        assert_eq!(unpack(cache.path()).expect("unpacked"), first);
        let again = first
            .join("src/lib.rs")
            .metadata()
            .and_then(|meta| meta.modified())
            .expect("there");
        assert_eq!(written, again, "an unpacked file is not written again");
        assert!(first.join("../block-guard/src/lib.rs").is_file());
    }
}
