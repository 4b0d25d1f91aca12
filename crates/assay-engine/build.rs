//! Lists the sources of the probe and of what it links, so that the engine embeds every file of them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let crates = here.parent().expect("a crate lies in a folder");
    let mut list = String::from("const FILES: &[(&str, &str)] = &[\n");
    for package in ["assay-probe", "block-guard"] {
        let folder = crates.join(package).join("src");
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        collect(&folder, &mut files);
        files.sort();
        for file in files {
            let below = file.strip_prefix(crates).expect("it lies below");
            let name = below.to_string_lossy().replace('\\', "/");
            let path = file.to_string_lossy().into_owned();
            writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("memory");
        }
    }
    list.push_str("];\n");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    std::fs::write(out.join("probe_files.rs"), list).expect("the output folder is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("the probe's sources lie beside the engine");
    for entry in entries {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
