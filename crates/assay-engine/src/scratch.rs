//! A copy of the workspace that cargo builds alone, with the audited package in it.
//!
//! ```text
//! <into>/tree/...             the workspace, and path dependencies outside it, in their places to one another
//! <into>/deps/<name-version>  the audited package, where it comes from a registry or from git
//! <into>/.cargo/config.toml   which then puts it in the place of the original
//! ```

use std::path::{Path, PathBuf};

use assay_evidence::Origin;
use cargo_metadata::Metadata;

use crate::command;
use crate::content;
use crate::discover::{Plan, feature_args};
use crate::inventory::relative;
use crate::manifest;
use crate::mirror::{Entry, Mirror};
use crate::rustflags;
use crate::{Cancel, Error};

/// A copy, and how to build it.
#[derive(Clone, Debug)]
pub(crate) struct Scratch {
    /// The folder that holds all of it.
    pub(crate) root: PathBuf,
    /// The driver's folder: commands run here.
    pub(crate) driver_dir: PathBuf,
    /// The driver's manifest.
    pub(crate) driver_manifest: PathBuf,
    /// The driver as cargo's `--package` takes it.
    pub(crate) driver_spec: String,
    /// The subject's folder.
    pub(crate) subject_dir: PathBuf,
    /// The copy of the workspace's folder.
    pub(crate) workspace_dir: PathBuf,
    /// Folders of local packages that the driver does not depend on.
    pub(crate) idle: Vec<PathBuf>,
    /// Arguments that every cargo command on it needs, features included.
    pub(crate) cargo_args: Vec<String>,
    /// Flags that every compiler on it needs: the user's, and lints capped, so that `deny` does not meet the probes.
    pub(crate) rustflags: Vec<String>,
    /// Variables that every cargo command on it needs.
    pub(crate) envs: Vec<(String, String)>,
    /// Below this, each layer has a target folder.
    pub(crate) target_root: PathBuf,
    /// From paths as tools report them to the subject's files.
    pub(crate) path_map: PathMap,
}

/// Recognises files of the audited package in what tools report.
#[derive(Clone, Debug)]
pub(crate) struct PathMap {
    /// Folders that are the subject's, in every spelling.
    subjects: Vec<PathBuf>,
    /// Folders that relative paths may start from.
    bases: Vec<PathBuf>,
}

impl PathMap {
    fn new(subject: &Path, bases: &[&Path]) -> Self {
        let mut subjects = vec![subject.to_path_buf()];
        subjects.extend(subject.canonicalize().ok().filter(|real| real != subject));
        Self {
            subjects,
            bases: bases.iter().map(|base| base.to_path_buf()).collect(),
        }
    }

    /// The file relative to the package's root, with `/`; none if it belongs to something else.
    pub(crate) fn subject_file(&self, reported: &str) -> Option<String> {
        let path = Path::new(reported);
        if path.is_absolute() {
            return self.below(path);
        }
        self.bases
            .iter()
            .map(|base| base.join(path))
            .filter(|path| path.is_file())
            .find_map(|path| self.below(&path))
    }

    fn below(&self, path: &Path) -> Option<String> {
        self.subjects
            .iter()
            .map(|root| relative(root, path))
            .find(|file| !file.starts_with("..") && !file.is_empty())
    }
}

/// Copies what the plan needs into `into`; files that are there with the same content keep their times.
pub(crate) fn copy(plan: &Plan, into: &Path) -> Result<Scratch, Error> {
    let layout = Layout::new(plan, into);
    let mut mirror = Mirror::default();
    layout.collect(plan, &mut mirror)?;
    if let Some(text) = replacement(plan, &layout, into) {
        mirror.insert(".cargo/config.toml".into(), Entry::Bytes(text.into_bytes()));
    }
    mirror.apply(into)?;
    let cargo_args = cargo_args(plan, into);
    let scratch = Scratch {
        root: into.to_path_buf(),
        driver_manifest: layout.driver.join("Cargo.toml"),
        driver_spec: format!("{}@{}", plan.driver.name, plan.driver.version),
        rustflags: plan
            .rustflags
            .iter()
            .cloned()
            .chain(["--cap-lints=warn".to_owned()])
            .collect(),
        envs: Vec::new(),
        target_root: plan.out.join("build"),
        path_map: PathMap::new(
            &layout.subject,
            &[&layout.workspace, &layout.subject, &layout.driver],
        ),
        idle: layout.idle(plan),
        driver_dir: layout.driver,
        subject_dir: layout.subject,
        workspace_dir: layout.workspace,
        cargo_args,
    };
    if !is_local(plan) {
        check_replaced(plan, &scratch)?;
    }
    Ok(scratch)
}

impl Scratch {
    /// The same copy below another folder.
    pub(crate) fn moved_to(&self, into: &Path) -> Self {
        let moved = |path: &Path| {
            path.strip_prefix(&self.root)
                .map_or(path.to_path_buf(), |below| into.join(below))
        };
        let (subject, workspace, driver) = (
            moved(&self.subject_dir),
            moved(&self.workspace_dir),
            moved(&self.driver_dir),
        );
        let old = self.root.to_string_lossy();
        let new = into.to_string_lossy();
        Self {
            root: into.to_path_buf(),
            driver_manifest: moved(&self.driver_manifest),
            idle: self.idle.iter().map(|folder| moved(folder)).collect(),
            cargo_args: self
                .cargo_args
                .iter()
                .map(|arg| arg.replace(old.as_ref(), &new))
                .collect(),
            path_map: PathMap::new(&subject, &[&workspace, &subject, &driver]),
            driver_dir: driver,
            subject_dir: subject,
            workspace_dir: workspace,
            ..self.clone()
        }
    }

    /// A cargo command on the copy, its features and variables set and its target folder below `target_root`.
    pub(crate) fn cargo(&self, verb: &str, target: &str) -> std::process::Command {
        let mut command = command::cargo(&self.driver_dir);
        command
            .arg(verb)
            .arg("--manifest-path")
            .arg(&self.driver_manifest)
            .args(&self.cargo_args);
        command.env("CARGO_TARGET_DIR", self.target_root.join(target));
        command.env(rustflags::VARIABLE, rustflags::encode(&self.rustflags));
        command.envs(self.envs.iter().map(|(name, value)| (name, value)));
        command
    }
}

fn is_local(plan: &Plan) -> bool {
    matches!(plan.origin, Origin::Workspace | Origin::Path)
}

/// Where everything goes.
struct Layout {
    /// The folder whose copy is `<into>/tree`.
    base: PathBuf,
    tree: PathBuf,
    workspace: PathBuf,
    driver: PathBuf,
    subject: PathBuf,
    /// What is copied to `<into>/deps`: source and destination.
    dependency: Option<(PathBuf, PathBuf)>,
}

impl Layout {
    fn new(plan: &Plan, into: &Path) -> Self {
        let tree = into.join("tree");
        let base = path_packages(&plan.metadata)
            .fold(plan.workspace_root.clone(), |base, folder| {
                common_ancestor(&base, folder)
            });
        let placed = |path: &Path| {
            path.strip_prefix(&base)
                .map_or(tree.clone(), |below| tree.join(below))
        };
        let dependency = (!is_local(plan)).then(|| {
            let name = format!("{}-{}", plan.subject.name, plan.subject.version);
            (checkout_root(plan), into.join("deps").join(name))
        });
        let subject = match &dependency {
            None => placed(plan.subject_root()),
            Some((source, destination)) => plan
                .subject_root()
                .strip_prefix(source)
                .map_or(destination.clone(), |below| destination.join(below)),
        };
        Self {
            workspace: placed(&plan.workspace_root),
            driver: placed(plan.driver_root()),
            subject,
            dependency,
            base,
            tree,
        }
    }

    fn collect(&self, plan: &Plan, mirror: &mut Mirror) -> Result<(), Error> {
        let skip = |path: &Path| is_left_out(plan, path);
        let mut folders = vec![plan.workspace_root.as_path()];
        folders.extend(
            path_packages(&plan.metadata)
                .filter(|folder| !folder.starts_with(&plan.workspace_root)),
        );
        for folder in folders {
            mirror.insert_tree(folder, &self.tree_path(folder), &skip)?;
        }
        for folder in path_packages(&plan.metadata) {
            self.edit_manifest(plan, mirror, &folder.join("Cargo.toml"))?;
            self.add_outer_workspace(mirror, folder);
        }
        self.edit_manifest(plan, mirror, &plan.workspace_root.join("Cargo.toml"))?;
        let lock = self.tree_path(&plan.workspace_root).join("Cargo.lock");
        mirror.insert(lock, Entry::Copy(plan.lock.path().to_path_buf()));
        if let Some((source, destination)) = &self.dependency {
            let prefix = destination
                .strip_prefix(self.tree.parent().unwrap_or(&self.tree))
                .unwrap_or(destination);
            mirror.insert_tree(source, prefix, &|path| {
                path.file_name().is_some_and(|name| name == ".git")
            })?;
            if plan.origin == Origin::Registry {
                let mut manifest = manifest::read(&source.join("Cargo.toml"))?;
                manifest::seal(&mut manifest);
                mirror.insert(
                    prefix.join("Cargo.toml"),
                    Entry::Bytes(manifest.to_string().into_bytes()),
                );
            }
        }
        Ok(())
    }

    /// Where the packages lie that the driver does not depend on. One whose folder holds the workspace's own
    /// files or another package is none of them.
    fn idle(&self, plan: &Plan) -> Vec<PathBuf> {
        let holds_more = |folder: &Path| {
            let mut packages = path_packages(&plan.metadata);
            plan.workspace_root.starts_with(folder)
                || packages.any(|other| other != folder && other.starts_with(folder))
        };
        content::idle_packages(&plan.metadata, &plan.driver)
            .into_iter()
            .filter(|folder| !holds_more(folder))
            .filter_map(|folder| folder.strip_prefix(&self.base).ok())
            .map(|below| self.tree.join(below))
            .collect()
    }

    /// The place of a folder of the tree, relative to the scratch copy's root.
    fn tree_path(&self, folder: &Path) -> PathBuf {
        Path::new("tree").join(folder.strip_prefix(&self.base).unwrap_or(Path::new("")))
    }

    fn edit_manifest(&self, plan: &Plan, mirror: &mut Mirror, path: &Path) -> Result<(), Error> {
        let mut manifest = manifest::read(path)?;
        let before = manifest.to_string();
        let packages: Vec<&Path> = path_packages(&plan.metadata).collect();
        manifest::move_absolute_paths(&mut manifest, &|old| {
            let real = old.canonicalize().unwrap_or_else(|_| old.to_path_buf());
            let known = packages
                .iter()
                .any(|package| *package == real || *package == old);
            known.then(|| {
                self.tree
                    .join(real.strip_prefix(&self.base).unwrap_or(&real))
            })
        });
        if path.parent() == Some(plan.workspace_root.as_path()) {
            manifest::seal(&mut manifest);
        }
        let after = manifest.to_string();
        if after != before {
            let folder = path.parent().unwrap_or(path);
            mirror.insert(
                self.tree_path(folder).join("Cargo.toml"),
                Entry::Bytes(after.into_bytes()),
            );
        }
        Ok(())
    }

    /// A package outside the workspace may inherit from a workspace of its own: its manifest comes along.
    fn add_outer_workspace(&self, mirror: &mut Mirror, package: &Path) {
        for folder in package
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(&self.base))
        {
            let path = folder.join("Cargo.toml");
            let place = self.tree_path(folder).join("Cargo.toml");
            if mirror.contains(&place) {
                return;
            }
            if manifest::read(&path).is_ok_and(|manifest| manifest::is_workspace(&manifest)) {
                mirror.insert(place, Entry::Copy(path));
                return;
            }
        }
    }
}

fn path_packages(metadata: &Metadata) -> impl Iterator<Item = &Path> {
    let local = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none());
    local
        .filter_map(|package| package.manifest_path.parent())
        .map(|folder| folder.as_std_path())
}

fn common_ancestor(a: &Path, b: &Path) -> PathBuf {
    let shared = a
        .components()
        .zip(b.components())
        .take_while(|(a, b)| a == b);
    shared.map(|(part, _)| part).collect()
}

/// For git, the whole checkout, because the package may inherit from its workspace.
fn checkout_root(plan: &Plan) -> PathBuf {
    let package = plan.subject_root();
    if plan.origin != Origin::Git {
        return package.to_path_buf();
    }
    let is_checkout =
        |folder: &&Path| folder.join(".cargo-ok").is_file() || folder.join(".git").exists();
    package
        .ancestors()
        .find(is_checkout)
        .unwrap_or(package)
        .to_path_buf()
}

/// Build output, version control, this program's own files, and toolchain files: the copy is built with the toolchain
/// of the audit.
fn is_left_out(plan: &Plan, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_toolchain = name == "rust-toolchain" || name == "rust-toolchain.toml";
    let is_build_output = || path.join("CACHEDIR.TAG").is_file() && path.is_dir();
    name == ".git"
        || is_toolchain
        || is_own_file(path)
        || path == plan.metadata.target_directory.as_std_path()
        || path == plan.out
        || is_build_output()
}

/// Whether a file is one of this program's own, beside a manifest: what it says changes no build.
pub(crate) fn is_own_file(path: &Path) -> bool {
    const OWN: [&str; 3] = ["assay.toml", "assay-mutants.toml", "assay-gate.toml"];
    let name = path.file_name().unwrap_or_default();
    OWN.iter().any(|own| name == *own)
}

fn cargo_args(plan: &Plan, into: &Path) -> Vec<String> {
    let mut args = Vec::new();
    // Configuration above the user's workspace applies to the copy too, wherever that lies.
    let visible = rustflags::config_files(into);
    for file in rustflags::config_files(&plan.workspace_root) {
        if !file.starts_with(&plan.workspace_root) && !visible.contains(&file) {
            args.extend(["--config".to_owned(), file.to_string_lossy().into_owned()]);
        }
    }
    args.extend(feature_args(&plan.features));
    args
}

/// The configuration above both folders of the copy that puts the copied dependency in the place of the original, also
/// for a cargo that a command of the user's calls.
fn replacement(plan: &Plan, layout: &Layout, into: &Path) -> Option<String> {
    let source = plan.subject.source.as_ref()?;
    layout.dependency.as_ref()?;
    let registry = if source.is_crates_io() {
        "crates-io".to_owned()
    } else {
        quoted(&source_url(&source.repr))
    };
    let below = layout.subject.strip_prefix(into).unwrap_or(&layout.subject);
    let path = quoted(&below.to_string_lossy());
    let name = &plan.subject.name;
    Some(format!(
        "[patch.{registry}]\n{name} = {{ path = {path} }}\n"
    ))
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string().trim().to_owned()
}

/// The address of a source as `[patch]` takes it.
fn source_url(repr: &str) -> String {
    let url = repr
        .strip_prefix("registry+")
        .or_else(|| repr.strip_prefix("git+"))
        .unwrap_or(repr);
    url.split(['?', '#']).next().unwrap_or(url).to_owned()
}

/// A patch that cargo does not use leaves the original in the graph: then nothing would be audited.
fn check_replaced(plan: &Plan, scratch: &Scratch) -> Result<(), Error> {
    let mut command = scratch.cargo("metadata", "metadata");
    command.args(["--format-version", "1", "--filter-platform", &plan.host]);
    let said = command::run(command, &Cancel::default())?;
    let failed = |message: String| Error::Metadata { message };
    if !said.status.success() {
        return Err(failed(said.stderr.trim().to_owned()));
    }
    let metadata: Metadata = serde_json::from_slice(&said.stdout)
        .map_err(|error| failed(format!("its metadata cannot be read: {error}")))?;
    let replaced = metadata.packages.iter().any(|package| {
        package.name == plan.subject.name
            && package.version == plan.subject.version
            && package.source.is_none()
            && scratch
                .path_map
                .below(package.manifest_path.as_std_path())
                .is_some()
    });
    if replaced {
        return Ok(());
    }
    let said = said.stderr.trim();
    Err(failed(format!(
        "the copy of `{}` did not replace the original in the graph. {said}",
        plan.subject.name
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_ancestor_of_a_package_and_its_neighbour_is_their_folder() {
        let ancestor = common_ancestor(Path::new("/a/b/c"), Path::new("/a/b/d/e"));
        assert_eq!(ancestor, Path::new("/a/b"));
        assert_eq!(
            common_ancestor(Path::new("/a/b"), Path::new("/a/b/c")),
            Path::new("/a/b")
        );
    }

    #[test]
    fn addresses_of_sources_lose_what_patch_does_not_take() {
        assert_eq!(
            source_url("git+https://host/repo?branch=x#abc"),
            "https://host/repo"
        );
        assert_eq!(
            source_url("registry+https://host/index"),
            "https://host/index"
        );
        assert_eq!(
            source_url("sparse+https://host/index/"),
            "sparse+https://host/index/"
        );
    }

    #[test]
    fn reported_paths_become_paths_in_the_package() {
        let folder = tempfile::tempdir().expect("a folder");
        let subject = folder.path().join("tree/member");
        std::fs::create_dir_all(subject.join("src")).expect("created");
        std::fs::write(subject.join("src/lib.rs"), "").expect("written");
        let map = PathMap::new(&subject, &[&folder.path().join("tree"), &subject]);
        let absolute = subject.join("src/lib.rs");
        assert_eq!(
            map.subject_file(&absolute.to_string_lossy()).as_deref(),
            Some("src/lib.rs")
        );
        assert_eq!(
            map.subject_file("member/src/lib.rs").as_deref(),
            Some("src/lib.rs")
        );
        assert_eq!(
            map.subject_file("./src/lib.rs").as_deref(),
            Some("src/lib.rs")
        );
        assert_eq!(map.subject_file("/rustc/abc/library/core/src/ptr.rs"), None);
        assert_eq!(map.subject_file("src/other.rs"), None);
    }
}
