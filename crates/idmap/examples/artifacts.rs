//! Keys of several fields that borrow: releases by name and version, and by where their bytes are.

#![expect(
    clippy::print_stdout,
    reason = "an example prints, and knows what it has put in"
)]

use idmap::{First, IdMap, Indexed};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Indexed)]
#[index(Release = (name, version), ord, unique)]
#[index(Source = (repository, path), hash, unique)]
struct Artifact {
    name: String,
    /// Major, minor, patch.
    version: [u16; 3],
    repository: String,
    path: PathBuf,
}

fn artifact(name: &str, version: [u16; 3], repository: &str) -> Artifact {
    let [major, minor, patch] = version;
    let path = format!("{name}-{major}.{minor}.{patch}.tar").into();
    Artifact {
        name: name.into(),
        version,
        repository: repository.into(),
        path,
    }
}

fn main() {
    let mut artifacts = IdMap::<Artifact>::default();
    for (name, version) in [
        ("host", [1, 2, 0]),
        ("boot", [0, 9, 1]),
        ("host", [1, 10, 0]),
        ("net", [3, 0, 0]),
    ] {
        artifacts
            .insert_unique(artifact(name, version, "main"))
            .expect("each release is new");
    }

    // Neither search makes a `String` or a `PathBuf`.
    let found = artifacts
        .by(artifact::Release)
        .get(&("host", &[1, 10, 0]))
        .expect("it is there");
    println!("host 1.10.0 is in {}", found.path.display());
    assert_eq!(found.path, Path::new("host-1.10.0.tar"));
    let found = artifacts
        .by(artifact::Source)
        .get(&("main", Path::new("boot-0.9.1.tar")))
        .expect("it is there");
    println!("boot-0.9.1.tar has {} {:?}", found.name, found.version);
    assert_eq!(found.version, [0, 9, 1]);

    // The newest release of a name is the last that begins with it: 1.10 is behind 1.2.
    let newest = artifacts
        .by(artifact::Release)
        .starting_with("host")
        .next_back()
        .expect("there are two");
    println!("newest host: {:?}", newest.version);
    assert_eq!(newest.version, [1, 10, 0]);

    // Names from `boot` to before `net`.
    let names: Vec<_> = artifacts
        .by(artifact::Release)
        .range(First("boot")..First("net"))
        .map(|found| &*found.name)
        .collect();
    println!("from boot to net: {names:?}");
    assert_eq!(names, ["boot", "host", "host"]);

    let clash = artifacts
        .insert_unique(artifact("net", [3, 0, 0], "other"))
        .expect_err("released already");
    println!(
        "{} {:?} is in {} already",
        clash.new_item().name,
        clash.new_item().version,
        clash.duplicates()[0].repository
    );
    assert_eq!(clash.duplicates()[0].repository, "main");
}
