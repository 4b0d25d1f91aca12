//! The package that the tests are built in.

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use std::process::Command;

/// What the tests ask of iddqd, beside its default features.
const FEATURES: [&str; 4] = ["daft", "proptest", "schemars08", "serde"];

/// The crate under test.
pub struct Subject {
    pub name: &'static str,
    /// Its place in a manifest: a version or a folder.
    place: String,
    /// Those of the features that it has.
    features: Vec<&'static str>,
}

impl Subject {
    pub fn iddqd() -> Self {
        Self {
            name: "iddqd",
            place: r#"version = "=0.5.0""#.to_owned(),
            features: FEATURES.into(),
        }
    }

    /// idmap in this workspace's neighbour, or in another folder.
    pub fn idmap(folder: Option<String>) -> Result<Self> {
        let folder = folder.map_or(compare_folder().join("../crates/idmap"), Utf8PathBuf::from);
        let folder = folder
            .canonicalize_utf8()
            .with_context(|| format!("failed to find {folder}"))?;
        let metadata = MetadataCommand::new()
            .manifest_path(folder.join("Cargo.toml"))
            .no_deps()
            .exec()?;
        let own = metadata.packages.iter().find(|it| it.name == "idmap");
        let own = own.with_context(|| format!("{folder} is not idmap's"))?;
        let has = |feature: &&str| own.features.contains_key(*feature);
        Ok(Self {
            name: "idmap",
            place: format!(r#"package = "idmap", path = {:?}"#, folder.as_str()),
            features: FEATURES.into_iter().filter(has).collect(),
        })
    }

    /// The features that it lacks.
    pub fn lacks(&self) -> impl Iterator<Item = &'static str> {
        FEATURES
            .into_iter()
            .filter(|it| !self.features.contains(it))
    }

    /// What stands in a manifest after `iddqd = `.
    fn dependency(&self, features: &[&str]) -> String {
        let features: Vec<_> = features
            .iter()
            .filter(|it| self.features.contains(it))
            .collect();
        format!("{{ {}, features = {features:?} }}", self.place)
    }
}

/// The tests' package, on disk.
pub struct Package {
    folder: Utf8PathBuf,
    target: Utf8PathBuf,
}

impl Package {
    /// Copies the tests and examples of the published crate and writes the manifests.
    pub fn lay_out(subject: &Subject) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(compare_folder().join("Cargo.toml"))
            .other_options(["--locked".to_owned()])
            .exec()?;
        let published = metadata.packages.iter().find(|it| it.name == "iddqd");
        let published = published.context("the lock file has no iddqd")?;
        let source = published
            .manifest_path
            .parent()
            .context("a manifest is in a folder")?;
        let target = metadata.target_directory.join("iddqd-tests");
        let folder = target.join(subject.name);
        for part in ["tests", "examples"] {
            let copy = folder.join(part);
            if copy.exists() {
                fs::remove_dir_all(&copy)?;
            }
            copy_folder(&source.join(part), &copy)?;
        }
        write_stand_in(&folder.join("test-utils"), subject)?;
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("src/lib.rs"), "")?;
        fs::write(folder.join("Cargo.toml"), manifest(subject))?;
        // The versions of this workspace; cargo leaves out what this package does not need.
        fs::copy(
            compare_folder().join("Cargo.lock"),
            folder.join("Cargo.lock"),
        )?;
        Ok(Self { folder, target })
    }

    /// Its folder.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// `cargo VERB` in the package.
    pub fn cargo(&self, verb: &str) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.arg(verb).current_dir(&self.folder);
        command.arg("--target-dir").arg(self.target.join("target"));
        command
    }

    /// The names of its examples.
    pub fn examples(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in self.folder.join("examples").read_dir_utf8()? {
            let entry = entry?;
            let name = entry.file_name().strip_suffix(".rs");
            names.extend(name.map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }
}

fn compare_folder() -> &'static Utf8Path {
    let own = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("a member is in the workspace's folder")
}

/// The features of iddqd have the same names here, as the tests ask for them.
fn manifest(subject: &Subject) -> String {
    let dependency = subject.dependency(&FEATURES);
    let features = ["allocator-api2", "default-hasher", "std"];
    let features = [&features, subject.features.as_slice()].concat();
    format!(
        r#"[package]
name = "iddqd-tests"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[features]
default = {features:?}
allocator-api2 = []
daft = []
default-hasher = []
proptest = []
schemars08 = []
serde = []
std = []

[dependencies]
iddqd = {dependency}
iddqd-test-utils = {{ path = "test-utils" }}
allocator-api2 = "0.2"
daft = "0.1.5"
equivalent = "1"
expectorate = "1.2"
foldhash = "0.2"
hegel = {{ package = "hegeltest", version = "=0.23.1" }}
proptest = {{ version = "1", default-features = false, features = ["std"] }}
schemars = "0.8"
serde = {{ version = "1", features = ["derive"] }}
serde_json = "1"
test-strategy = "0.4"

[profile.dev]
debug = "line-tables-only"
"#
    )
}

/// The stand-in for `iddqd-test-utils`, built with the crate under test.
fn write_stand_in(folder: &Utf8Path, subject: &Subject) -> Result<()> {
    let own = compare_folder().join("iddqd-test-utils");
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    copy_folder(&own.join("src"), &folder.join("src"))?;
    let manifest = fs::read_to_string(own.join("Cargo.toml"))?;
    let line = |line: &str| {
        if line.starts_with("iddqd = ") {
            return format!("iddqd = {}\n", subject.dependency(&["serde"]));
        }
        match line.strip_suffix(".workspace = true") {
            Some("edition") => "edition = \"2024\"\n".to_owned(),
            Some("version") => "version = \"0.0.0\"\n".to_owned(),
            Some(_) => String::new(),
            None => format!("{line}\n"),
        }
    };
    fs::write(
        folder.join("Cargo.toml"),
        manifest.lines().map(line).collect::<String>(),
    )?;
    Ok(())
}

fn copy_folder(from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in from
        .read_dir_utf8()
        .with_context(|| format!("failed to read {from}"))?
    {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), &copy)?;
        }
    }
    Ok(())
}
