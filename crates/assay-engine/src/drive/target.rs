//! Things that can be executed: a test binary, a doctest run, a program.

use std::path::{Path, PathBuf};

use super::{Rig, Tree};
use crate::parse::cargo::{Build, Executable, Kind};

/// Something that a run executes.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The name in front of its tests' names.
    pub(crate) label: String,
    pub(crate) kind: TargetKind,
    /// The command that the harness's arguments are appended to.
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) cwd: PathBuf,
    /// Whether libtest is in it. Without, it is one test, or lists its tests itself.
    pub(crate) harness: bool,
    /// The arguments by which cargo picks it, for a command by hand.
    pub(crate) pick: Vec<String>,
}

/// What kind of target it is, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TargetKind {
    Unit,
    Test,
    Program,
    /// A command line, which can start anything.
    Command,
    Doc,
}

/// A binary that runs by itself, with the variables that `cargo test` would set.
pub(super) fn native(
    rig: &Rig<'_>,
    build: &Build,
    executable: &Executable,
    harness: bool,
) -> Target {
    let mut env = package_env(rig);
    let folder = rig.bench.tools.library_folder.clone();
    let mut folders: Vec<PathBuf> = build.library_paths.clone();
    folders.extend(executable.path.parent().map(Path::to_path_buf));
    folders.push(folder);
    if let Ok(joined) = std::env::join_paths(folders) {
        env.push((
            "LD_LIBRARY_PATH".to_owned(),
            joined.to_string_lossy().into_owned(),
        ));
    }
    let own = |(package, _): &&(String, PathBuf)| *package == executable.package;
    if let Some((_, out_dir)) = build.out_dirs.iter().find(own) {
        env.push(("OUT_DIR".to_owned(), out_dir.to_string_lossy().into_owned()));
    }
    Target {
        argv: vec![executable.path.to_string_lossy().into_owned()],
        env,
        cwd: rig.tree.driver_dir.clone(),
        ..named(executable, harness)
    }
}

/// A target that cargo starts under the interpreter.
pub(super) fn interpreted(rig: &Rig<'_>, executable: &Executable, harness: bool) -> Target {
    let target = named(executable, harness);
    let verb: &[&str] = if executable.test {
        &["miri", "test"]
    } else {
        &["miri", "run"]
    };
    let mut argv = rig.cargo(verb);
    argv.extend(target.pick.iter().cloned());
    argv.push("--".to_owned());
    Target {
        argv,
        env: rig.build_env(),
        cwd: rig.tree.driver_dir.clone(),
        ..target
    }
}

/// The doctests, which rustdoc builds and runs.
pub(super) fn doctest_target(rig: &Rig<'_>) -> Target {
    let mut argv = rig.cargo(&["test", "--doc"]);
    argv.push("--".to_owned());
    Target {
        label: "doc".to_owned(),
        kind: TargetKind::Doc,
        argv,
        env: rig.build_env(),
        cwd: rig.tree.driver_dir.clone(),
        harness: true,
        pick: vec!["--doc".to_owned()],
    }
}

/// A command of the user's. Whatever cargo it calls builds as the mode does.
pub(super) fn program(rig: &Rig<'_>, line: &str) -> Target {
    let mut env = rig.build_env();
    env.extend(rig.command_env());
    let folder = rig.target_dir().to_string_lossy().into_owned();
    env.push(("CARGO_TARGET_DIR".to_owned(), folder));
    Target {
        label: "command".to_owned(),
        kind: TargetKind::Command,
        argv: ["sh", "-c", line].map(str::to_owned).to_vec(),
        env,
        cwd: rig.tree.driver_dir.clone(),
        harness: false,
        pick: Vec::new(),
    }
}

fn named(executable: &Executable, harness: bool) -> Target {
    let name = executable.name.clone();
    let (label, kind, pick) = match executable.kind {
        Kind::Lib => ("lib".to_owned(), TargetKind::Unit, vec!["--lib".to_owned()]),
        Kind::Bin => (
            name.clone(),
            TargetKind::Unit,
            vec!["--bin".to_owned(), name],
        ),
        Kind::Test => (
            name.clone(),
            TargetKind::Test,
            vec!["--test".to_owned(), name],
        ),
        Kind::Example => (
            name.clone(),
            TargetKind::Unit,
            vec!["--example".to_owned(), name],
        ),
        Kind::Bench => (
            name.clone(),
            TargetKind::Test,
            vec!["--bench".to_owned(), name],
        ),
    };
    let kind = if executable.test {
        kind
    } else {
        TargetKind::Program
    };
    Target {
        label,
        kind,
        argv: Vec::new(),
        env: Vec::new(),
        cwd: PathBuf::new(),
        harness,
        pick,
    }
}

fn package_env(rig: &Rig<'_>) -> Vec<(String, String)> {
    let driver = rig.bench.driver;
    let version = &driver.version;
    let path = |path: &Path| path.to_string_lossy().into_owned();
    [
        ("CARGO_MANIFEST_DIR", path(&rig.tree.driver_dir)),
        ("CARGO_MANIFEST_PATH", path(&rig.tree.driver_manifest)),
        ("CARGO_PKG_NAME", driver.name.to_string()),
        ("CARGO_PKG_VERSION", version.to_string()),
        ("CARGO_PKG_VERSION_MAJOR", version.major.to_string()),
        ("CARGO_PKG_VERSION_MINOR", version.minor.to_string()),
        ("CARGO_PKG_VERSION_PATCH", version.patch.to_string()),
        ("CARGO", "cargo".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Names of the targets that a manifest declares without the test harness.
pub(crate) fn harnessless(manifest: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(manifest).unwrap_or_default();
    let Ok(document) = text.parse::<toml_edit::DocumentMut>() else {
        return Vec::new();
    };
    let package = document
        .get("package")
        .and_then(|package| package.get("name"));
    let default = package.and_then(|name| name.as_str()).unwrap_or_default();
    let mut names = Vec::new();
    for key in ["lib", "bin", "test", "example", "bench"] {
        let Some(item) = document.get(key) else {
            continue;
        };
        let tables: Vec<&dyn toml_edit::TableLike> = match item.as_array_of_tables() {
            Some(tables) => tables
                .iter()
                .map(|table| table as &dyn toml_edit::TableLike)
                .collect(),
            None => item.as_table_like().into_iter().collect(),
        };
        for table in tables {
            if table.get("harness").and_then(toml_edit::Item::as_bool) == Some(false) {
                let name = table.get("name").and_then(toml_edit::Item::as_str);
                names.push(name.map_or_else(|| default.replace('-', "_"), str::to_owned));
            }
        }
    }
    names
}

/// Whether a target's source has one of the words. A library's or a folder's modules count with it.
pub(crate) fn sources_mention(
    tree: &Tree,
    target: &cargo_metadata::Target,
    driver: &Path,
    words: &[&str],
) -> bool {
    let Ok(relative) = target.src_path.as_std_path().strip_prefix(driver) else {
        return false;
    };
    let root = tree.driver_dir.join(relative);
    let mentions = |path: &Path| {
        std::fs::read_to_string(path).is_ok_and(|text| words.iter().any(|word| text.contains(word)))
    };
    let is_crate_root = ["lib.rs", "main.rs", "mod.rs"]
        .iter()
        .any(|name| root.ends_with(name));
    match root.parent().filter(|_| is_crate_root) {
        Some(folder) => walkdir::WalkDir::new(folder)
            .into_iter()
            .flatten()
            .any(|entry| {
                entry.path().extension().is_some_and(|e| e == "rs") && mentions(entry.path())
            }),
        None => mentions(&root),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_without_a_harness_are_read_from_the_manifest() {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = folder.path().join("Cargo.toml");
        let text = "[package]\nname = \"a-b\"\n[lib]\nharness = false\n[[test]]\nname = \"own\"\nharness = false\n[[test]]\nname = \"usual\"\n";
        std::fs::write(&manifest, text).expect("a manifest");
        assert_eq!(harnessless(&manifest), ["a_b", "own"]);
    }
}
