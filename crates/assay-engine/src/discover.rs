//! From a manifest and a selection to the package that is audited and the one that drives it.

use std::path::{Path, PathBuf};

use assay_evidence::{Exercise, Origin};
use cargo_metadata::{Metadata, Package, TargetKind};

use crate::command;
use crate::inventory::cfg::CfgSet;
use crate::rustflags;
use crate::{AuditOptions, Cancel, Error, Features, Selection};

/// What is audited, and what with.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The dependency graph, as cargo resolves it for this machine.
    pub(crate) metadata: Metadata,
    /// The audited package.
    pub(crate) subject: Package,
    /// The package whose tests or programs drive it.
    pub(crate) driver: Package,
    /// Where the subject's source came from.
    pub(crate) origin: Origin,
    /// Features of the driver, as asked for.
    pub(crate) features: Features,
    /// Features that are switched on in the subject, sorted.
    pub(crate) enabled_features: Vec<String>,
    /// What is executed.
    pub(crate) exercise: Exercise,
    /// The workspace's folder.
    pub(crate) workspace_root: PathBuf,
    /// The lock file that the graph was resolved with.
    pub(crate) lock: Lock,
    /// The machine's target triple.
    pub(crate) host: String,
    /// Conditions that hold in a build for this machine, features left out.
    pub(crate) cfgs: CfgSet,
    /// Flags that the user's configuration gives to the compiler.
    pub(crate) rustflags: Vec<String>,
    /// Where everything is written.
    pub(crate) out: PathBuf,
}

/// Where the lock file lies that pins the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// In the workspace, complete.
    InPlace(PathBuf),
    /// Resolved anew outside it, because the workspace has none, or one that does not fit.
    Elsewhere(PathBuf),
}

impl Lock {
    /// The file.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::InPlace(path) | Self::Elsewhere(path) => path,
        }
    }

    /// Arguments that make cargo use this lock file and write no other.
    pub(crate) fn cargo_args(&self) -> Vec<String> {
        match self {
            Self::InPlace(_) => vec!["--locked".to_owned()],
            Self::Elsewhere(path) => lockfile_args(path),
        }
    }

    /// Variables that cargo needs for them.
    pub(crate) fn envs(&self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::InPlace(_) => Vec::new(),
            Self::Elsewhere(_) => vec![("RUSTC_BOOTSTRAP", "1")],
        }
    }
}

/// Keeps cargo's lock file out of the user's tree; unstable, so cargo needs `RUSTC_BOOTSTRAP`, and what it starts
/// must not see that.
fn lockfile_args(path: &Path) -> Vec<String> {
    let path = toml_edit::Value::from(path.to_string_lossy().into_owned());
    vec![
        "-Zlockfile-path".to_owned(),
        "--config".to_owned(),
        format!("resolver.lockfile-path={}", path.to_string().trim()),
        "--config".to_owned(),
        "env.RUSTC_BOOTSTRAP.value=\"0\"".to_owned(),
        "--config".to_owned(),
        "env.RUSTC_BOOTSTRAP.force=true".to_owned(),
    ]
}

/// The features of a selection as cargo's arguments.
pub(crate) fn feature_args(features: &Features) -> Vec<String> {
    let mut args = Vec::new();
    if features.all {
        args.push("--all-features".to_owned());
    }
    if features.no_default {
        args.push("--no-default-features".to_owned());
    }
    if !features.named.is_empty() {
        args.push("--features".to_owned());
        args.push(features.named.join(","));
    }
    args
}

impl Plan {
    /// The folder of the subject's manifest.
    pub(crate) fn subject_root(&self) -> &Path {
        folder(&self.subject)
    }

    /// The folder of the driver's manifest.
    pub(crate) fn driver_root(&self) -> &Path {
        folder(&self.driver)
    }

    /// Whether the subject drives itself.
    pub(crate) fn is_self_driven(&self) -> bool {
        self.subject.id == self.driver.id
    }

    /// The conditions of a build of the subject, features included.
    pub(crate) fn subject_cfgs(&self) -> CfgSet {
        let mut set = self.cfgs.clone();
        for feature in &self.enabled_features {
            set.insert_feature(feature);
        }
        set
    }
}

fn folder(package: &Package) -> &Path {
    package
        .manifest_path
        .parent()
        .unwrap_or(&package.manifest_path)
        .as_std_path()
}

/// Finds the packages and checks that there is something to execute.
pub(crate) fn discover(options: &AuditOptions) -> Result<Plan, Error> {
    discover_from(&manifest_path(options.manifest.as_deref())?, options)
}

fn discover_from(manifest: &Path, options: &AuditOptions) -> Result<Plan, Error> {
    let directory = manifest.parent().unwrap_or(manifest).to_path_buf();
    let outline = metadata(&directory, manifest, &["--no-deps".to_owned()], &[])?;
    let root = root_package(&outline, manifest);
    let (host, mut cfgs) = host(&directory, &[])?;
    let rustflags = rustflags::of_user(&directory, &host, &cfgs);
    if !rustflags.is_empty() {
        (_, cfgs) = self::host(&directory, &rustflags)?;
    }
    let driven_from = match (&options.selection, root) {
        (Selection::Package(spec), _) => match find(&outline.packages, spec)? {
            Found::One(member) => member.manifest_path.clone().into_std_path_buf(),
            Found::None => default_driver(&outline, root, spec)?,
        },
        (Selection::Root, Some(root)) => root.manifest_path.clone().into_std_path_buf(),
        (Selection::Root, None) => return Err(virtual_workspace(&outline)),
    };
    let out = options
        .out
        .clone()
        .unwrap_or_else(|| outline.target_directory.join("assay").into_std_path_buf());
    let (metadata, lock) = resolve(&driven_from, &outline, &options.features, &host, &out)?;
    let default_driver = metadata
        .packages
        .iter()
        .find(|package| package.manifest_path == driven_from);
    let Some(default_driver) = default_driver.cloned() else {
        return Err(Error::Metadata {
            message: format!("`{}` is not in its own graph", driven_from.display()),
        });
    };
    let subject = match &options.selection {
        Selection::Root => default_driver.clone(),
        Selection::Package(spec) => match find(&metadata.packages, spec)? {
            Found::One(package) => package.clone(),
            Found::None => return Err(unknown_package(&metadata, spec)),
        },
    };
    let is_member = metadata.workspace_members.contains(&subject.id);
    let drives_itself = match options.exercise {
        Exercise::Tests => true,
        Exercise::Command { .. } => false,
        Exercise::Bin { .. } | Exercise::Example { .. } => {
            has_target(&subject, &options.exercise)
                && !has_target(&default_driver, &options.exercise)
        }
    };
    if subject.source.is_none() && !is_member && drives_itself {
        // A path dependency outside the workspace drives itself, from its own workspace.
        let options = AuditOptions {
            selection: Selection::Root,
            out: Some(out),
            ..options.clone()
        };
        let mut plan = discover_from(subject.manifest_path.as_std_path(), &options)?;
        plan.origin = Origin::Path;
        return Ok(plan);
    }
    let driver = driver(&subject, is_member, default_driver, &options.exercise);
    validate_exercise(&driver, &options.exercise)?;
    let origin = origin(&subject, is_member);
    Ok(Plan {
        enabled_features: enabled_features(&metadata, &subject),
        workspace_root: metadata.workspace_root.clone().into_std_path_buf(),
        exercise: options.exercise.clone(),
        features: options.features.clone(),
        metadata,
        subject,
        driver,
        origin,
        lock,
        host,
        cfgs,
        rustflags,
        out,
    })
}

fn manifest_path(given: Option<&Path>) -> Result<PathBuf, Error> {
    let given = given.unwrap_or(Path::new(""));
    let path = match given.file_name() {
        Some(name) if name == "Cargo.toml" => given.to_path_buf(),
        _ => given.join("Cargo.toml"),
    };
    let not_found = |source| Error::Manifest {
        path: path.clone(),
        source,
    };
    if given.as_os_str().is_empty() {
        let here = std::env::current_dir().map_err(not_found)?;
        if let Some(found) = here
            .ancestors()
            .map(|folder| folder.join("Cargo.toml"))
            .find(|path| path.is_file())
        {
            return Ok(found);
        }
    }
    // A file that is not a manifest is reported as given.
    if given.is_file() && given.file_name().is_some_and(|name| name != "Cargo.toml") {
        let source = std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "the file is not named `Cargo.toml`",
        );
        return Err(Error::Manifest {
            path: given.to_path_buf(),
            source,
        });
    }
    path.canonicalize().map_err(not_found)
}

/// Runs `cargo metadata`.
fn metadata(
    directory: &Path,
    manifest: &Path,
    args: &[String],
    envs: &[(&'static str, &'static str)],
) -> Result<Metadata, Error> {
    let mut command = command::cargo(directory);
    command
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .args(args);
    command.envs(envs.iter().copied());
    let said = command::run(command, &Cancel::default())?;
    let failed = |message: String| Error::Metadata { message };
    if !said.status.success() {
        let message = said.stderr.trim().trim_start_matches("error: ").to_owned();
        return Err(failed(message));
    }
    serde_json::from_slice(&said.stdout)
        .map_err(|error| failed(format!("its metadata cannot be read: {error}")))
}

/// Resolves the graph without writing to the workspace.
fn resolve(
    manifest: &Path,
    outline: &Metadata,
    features: &Features,
    host: &str,
    out: &Path,
) -> Result<(Metadata, Lock), Error> {
    let directory = manifest.parent().unwrap_or(manifest);
    let mut args = feature_args(features);
    args.extend(["--filter-platform".to_owned(), host.to_owned()]);
    let own = outline
        .workspace_root
        .join("Cargo.lock")
        .into_std_path_buf();
    if own.is_file() {
        let mut locked = args.clone();
        locked.push("--locked".to_owned());
        if let Ok(metadata) = metadata(directory, manifest, &locked, &[]) {
            return Ok((metadata, Lock::InPlace(own)));
        }
    }
    let folder = out.join("lock");
    let path = folder.join("Cargo.lock");
    let failed = |source| Error::Io {
        action: "write",
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    if own.is_file() {
        std::fs::copy(&own, &path).map_err(failed)?;
    }
    let lock = Lock::Elsewhere(path);
    args.extend(lock.cargo_args());
    Ok((metadata(directory, manifest, &args, &lock.envs())?, lock))
}

/// The machine's triple, and the conditions that hold for it.
fn host(directory: &Path, flags: &[String]) -> Result<(String, CfgSet), Error> {
    let ask = |args: &[&str]| {
        let mut command = command::rustc(directory);
        command.args(args).args(flags);
        let said = command::run(command, &Cancel::default())?;
        if !said.status.success() {
            return Err(Error::Tool {
                tool: "rustc".to_owned(),
                message: said.stderr.trim().to_owned(),
            });
        }
        Ok(String::from_utf8_lossy(&said.stdout).into_owned())
    };
    let version = ask(&["-vV"])?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default()
        .to_owned();
    let mut cfgs = CfgSet::default();
    for line in ask(&["--print", "cfg"])?.lines() {
        cfgs.insert(line);
    }
    Ok((host, cfgs))
}

fn root_package<'a>(outline: &'a Metadata, manifest: &Path) -> Option<&'a Package> {
    let same = |package: &&Package| package.manifest_path.as_std_path() == manifest;
    let canonical = |package: &&Package| {
        package
            .manifest_path
            .canonicalize()
            .is_ok_and(|path| path == manifest)
    };
    outline
        .packages
        .iter()
        .find(same)
        .or_else(|| outline.packages.iter().find(canonical))
}

/// The member that drives a dependency: the manifest's own package, or the only member.
fn default_driver(
    outline: &Metadata,
    root: Option<&Package>,
    spec: &str,
) -> Result<PathBuf, Error> {
    match (root, outline.packages.as_slice()) {
        (Some(package), _) | (None, [package]) => {
            Ok(package.manifest_path.clone().into_std_path_buf())
        }
        _ => {
            let near = near_names(outline.packages.iter(), spec);
            Err(Error::Selection {
                message: format!(
                    "`{spec}` is no member of this virtual workspace{near}; if it is a dependency, name the member that \
                     drives it with `--manifest-path`.\nmembers: {}",
                    names(&outline.packages)
                ),
            })
        }
    }
}

fn virtual_workspace(outline: &Metadata) -> Error {
    Error::Selection {
        message: format!(
            "`{}` is a virtual workspace; name a member with `-p`.\nmembers: {}",
            outline.workspace_root,
            names(&outline.packages)
        ),
    }
}

fn names(packages: &[Package]) -> String {
    let mut names: Vec<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

enum Found<'a> {
    None,
    One(&'a Package),
}

/// Finds a package by `name` or `name@version`; a version may be cut to its first numbers.
fn find<'a>(packages: &'a [Package], spec: &str) -> Result<Found<'a>, Error> {
    let (name, version) = match spec.split_once('@').or_else(|| spec.split_once(':')) {
        Some((name, version)) => (name, Some(version)),
        None => (spec, None),
    };
    let fits = |package: &Package| {
        let full = package.version.to_string();
        version.is_none_or(|version| full == version || full.starts_with(&format!("{version}.")))
    };
    let found: Vec<&Package> = packages
        .iter()
        .filter(|package| package.name.as_str() == name && fits(package))
        .collect();
    match found.as_slice() {
        [] => Ok(Found::None),
        [one] => Ok(Found::One(one)),
        many => {
            let mut choices: Vec<String> = many
                .iter()
                .map(|package| format!("{}@{}", package.name, package.version))
                .collect();
            choices.sort();
            Err(Error::Selection {
                message: format!(
                    "`{spec}` names more than one package: {}",
                    choices.join(", ")
                ),
            })
        }
    }
}

fn unknown_package(metadata: &Metadata, spec: &str) -> Error {
    let name = spec.split('@').next().unwrap_or(spec);
    let mut versions: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| package.name.as_str() == name)
        .map(|package| package.version.to_string())
        .collect();
    versions.sort();
    let hint = if versions.is_empty() {
        near_names(metadata.packages.iter(), name)
    } else {
        format!(
            "; the graph has `{name}` in version {}",
            versions.join(", ")
        )
    };
    Error::Selection {
        message: format!("no package `{spec}` in the dependency graph{hint}"),
    }
}

/// A hint with the names that differ least.
fn near_names<'a>(packages: impl Iterator<Item = &'a Package>, name: &str) -> String {
    let mut near: Vec<(usize, &str)> = packages
        .map(|package| (distance(name, package.name.as_str()), package.name.as_str()))
        .filter(|(distance, other)| *distance <= 1 + name.len() / 4 || other.contains(name))
        .collect();
    near.sort_unstable();
    near.dedup();
    let near: Vec<String> = near
        .into_iter()
        .take(3)
        .map(|(_, name)| format!("`{name}`"))
        .collect();
    if near.is_empty() {
        String::new()
    } else {
        format!("; near it: {}", near.join(", "))
    }
}

/// Edit distance of two names, `-` and `_` being equal.
fn distance(a: &str, b: &str) -> usize {
    let fold = |c: char| {
        if c == '_' {
            '-'
        } else {
            c.to_ascii_lowercase()
        }
    };
    let b: Vec<char> = b.chars().map(fold).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().map(fold).enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// A local package drives itself unless the named program belongs to the root package.
fn driver(subject: &Package, is_local: bool, root: Package, exercise: &Exercise) -> Package {
    let drives_itself = match exercise {
        Exercise::Bin { .. } | Exercise::Example { .. } => {
            has_target(subject, exercise) || !has_target(&root, exercise)
        }
        _ => true,
    };
    if is_local && drives_itself {
        subject.clone()
    } else {
        root
    }
}

fn has_target(package: &Package, exercise: &Exercise) -> bool {
    let (kind, name) = match exercise {
        Exercise::Bin { name } => (TargetKind::Bin, name),
        Exercise::Example { name } => (TargetKind::Example, name),
        Exercise::Tests | Exercise::Command { .. } => return false,
    };
    package
        .targets
        .iter()
        .any(|target| target.is_kind(kind.clone()) && target.name == *name)
}

fn validate_exercise(driver: &Package, exercise: &Exercise) -> Result<(), Error> {
    let (kind, what, name) = match exercise {
        Exercise::Bin { name } => (TargetKind::Bin, "program", name),
        Exercise::Example { name } => (TargetKind::Example, "example", name),
        Exercise::Tests | Exercise::Command { .. } => return Ok(()),
    };
    if has_target(driver, exercise) {
        return Ok(());
    }
    let there: Vec<&str> = driver
        .targets
        .iter()
        .filter(|target| target.is_kind(kind.clone()))
        .map(|target| target.name.as_str())
        .collect();
    let there = if there.is_empty() {
        "it has none".to_owned()
    } else {
        format!("it has: {}", there.join(", "))
    };
    Err(Error::Selection {
        message: format!("`{}` has no {what} named `{name}`; {there}", driver.name),
    })
}

fn origin(subject: &Package, is_member: bool) -> Origin {
    match &subject.source {
        None if is_member => Origin::Workspace,
        None => Origin::Path,
        Some(source) if source.repr.starts_with("git+") => Origin::Git,
        Some(_) => Origin::Registry,
    }
}

fn enabled_features(metadata: &Metadata, subject: &Package) -> Vec<String> {
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let mut features: Vec<String> = nodes
        .filter(|node| node.id == subject.id)
        .flat_map(|node| &node.features)
        .map(|feature| feature.to_string())
        .collect();
    features.sort();
    features.dedup();
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_differ_little() {
        assert_eq!(distance("smallvec", "smalvec"), 1);
        assert_eq!(distance("crossbeam_utils", "crossbeam-utils"), 0);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn a_folder_without_a_manifest_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = manifest_path(Some(folder.path())).expect_err("no manifest");
        assert!(error.to_string().contains("Cargo.toml"), "{error}");
        let file = folder.path().join("other.toml");
        std::fs::write(&file, "").expect("written");
        assert!(manifest_path(Some(&file)).is_err());
    }
}
