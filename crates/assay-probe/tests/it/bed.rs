//! A scratch folder as the engine makes it: the probe's sources with a manifest of their own, and
//! the small programs that link them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

const BARE: &str = r#"
[package]
name = "bare"
edition = "2021"
[lib]
path = "bare.rs"
[dependencies]
assay-probe = { path = "../probe" }
"#;

const OLD: &str = r#"
[package]
name = "old"
edition = "2015"
[lib]
path = "old.rs"
[dependencies]
assay-probe = { path = "../probe" }
"#;

const PROBE: &str = r#"
[package]
name = "assay-probe"
version = "0.0.0"
edition = "2024"
[features]
default = ["const-hit"]
const-hit = []
[dependencies]
block-guard = { path = "../guard" }
[lints.rust]
unexpected_cfgs = { level = "warn", check-cfg = ["cfg(assay_alloc)"] }
"#;

const GUARD: &str = r#"
[package]
name = "block-guard"
version = "0.0.0"
edition = "2024"
"#;

const PROGRAMS: &str = r#"
[package]
name = "programs"
edition = "2024"
[dependencies]
assay-probe = { path = "../probe" }
bare = { path = "../bare" }
old = { path = "../old" }
[[bin]]
name = "survive"
path = "survive.rs"
[[bin]]
name = "linked"
path = "linked.rs"
[[bin]]
name = "allocate"
path = "allocate.rs"
[[bin]]
name = "cost"
path = "cost.rs"
[[bin]]
name = "mutants"
path = "mutants.rs"
[profile.lto]
inherits = "release"
lto = "fat"
codegen-units = 1
[workspace]
"#;

/// One way to build the programs: a target folder of its own and what cargo is told.
pub(crate) struct Flavour {
    pub(crate) name: &'static str,
    pub(crate) toolchain: Option<&'static str>,
    pub(crate) flags: &'static str,
    pub(crate) arguments: &'static [&'static str],
}

/// As the engine builds the unit layer on a stable toolchain.
pub(crate) const DEBUG: Flavour = Flavour {
    name: "debug",
    toolchain: None,
    flags: "",
    arguments: &[],
};

impl Flavour {
    /// Builds `bin` and returns the program's path, or what cargo said.
    pub(crate) fn build(&self, bin: &str) -> Result<PathBuf, String> {
        let output = self.cargo("build").args(["--bin", bin]).output();
        let output = output.expect("cargo starts");
        if !output.status.success() {
            return Err(text(&output.stderr));
        }
        let profile = match self.arguments.iter().position(|&word| word == "--profile") {
            Some(at) => self.arguments[at + 1],
            None => "debug",
        };
        let triple = match self.arguments.iter().position(|&word| word == "--target") {
            Some(at) => self.arguments[at + 1],
            None => "",
        };
        Ok(self.target().join(triple).join(profile).join(bin))
    }

    /// The same, for a flavour that needs nothing but the toolchain of this test.
    pub(crate) fn program(&self, bin: &str) -> PathBuf {
        self.build(bin)
            .unwrap_or_else(|message| panic!("{message}"))
    }

    /// `cargo VERB` in the programs' folder, with the environment of this flavour alone.
    pub(crate) fn cargo(&self, verb: &str) -> Command {
        let mut command = match self.toolchain {
            Some(toolchain) => {
                let mut command = Command::new("rustup");
                command.args(["run", toolchain, "cargo"]);
                command
            }
            None => Command::new(env!("CARGO")),
        };
        for name in [
            "CARGO",
            "RUSTC",
            "RUSTDOC",
            "RUSTC_WRAPPER",
            "RUSTUP_TOOLCHAIN",
        ] {
            command.env_remove(name);
        }
        if self.toolchain.is_none() {
            // The engine names the one crate that may use unstable features; unstable flags need more.
            let unstable = self.flags.contains("-Z");
            command.env(
                "RUSTC_BOOTSTRAP",
                if unstable { "1" } else { "assay_probe" },
            );
        }
        command
            .current_dir(bed().join("programs"))
            .env("CARGO_TARGET_DIR", self.target())
            .env("RUSTFLAGS", self.flags)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("ASSAY_HITS")
            .arg(verb)
            .env("CARGO_NET_OFFLINE", "true")
            .args(self.arguments);
        command
    }

    fn target(&self) -> PathBuf {
        bed().join("target").join(self.name)
    }
}

/// The scratch folder, written once a run; files that did not change keep their time.
pub(crate) fn bed() -> PathBuf {
    static WRITTEN: Mutex<bool> = Mutex::new(false);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bed");
    let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    if !*written {
        write_bed(&root);
        *written = true;
    }
    root
}

fn write_bed(root: &Path) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy_sources(&here.join("src"), &root.join("probe/src"));
    copy_sources(&here.join("../block-guard/src"), &root.join("guard/src"));
    copy_sources(&here.join("tests/programs"), &root.join("programs"));
    for (package, manifest) in [
        ("probe", PROBE),
        ("guard", GUARD),
        ("bare", BARE),
        ("old", OLD),
        ("programs", PROGRAMS),
    ] {
        put(&root.join(package).join("Cargo.toml"), manifest);
    }
    for library in ["bare", "old"] {
        let source = here.join(format!("tests/programs/{library}.rs"));
        let source = fs::read_to_string(source).expect("a source of this crate");
        put(&root.join(library).join(format!("{library}.rs")), &source);
    }
}

fn copy_sources(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder of this crate") {
        let path = entry.expect("a readable folder").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy_sources(&path, &target);
        } else {
            put(&target, &fs::read_to_string(&path).expect("a source"));
        }
    }
}

fn put(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a writable folder");
    fs::write(path, text).expect("a writable folder");
}

/// Says that a test could not do its work; past the harness's capture, so that it is seen.
pub(crate) fn not_run(test: &str, reason: &str) {
    use std::io::Write;
    let line = format!("not run: {test}: {reason}\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("a standard error stream");
}

/// A hits file, removed at the end of its test.
pub(crate) struct Hits(tempfile::NamedTempFile);

impl Hits {
    pub(crate) fn new(counters: u32) -> Self {
        let mut bytes = vec![0; 64 + 8 * counters as usize];
        bytes[..8].copy_from_slice(b"ASSAYHIT");
        bytes[8..12].copy_from_slice(&1_u32.to_ne_bytes());
        bytes[12..16].copy_from_slice(&counters.to_ne_bytes());
        Self::of(&bytes)
    }

    /// A file with any content.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let file = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR"));
        let file = file.expect("a writable folder");
        fs::write(file.path(), bytes).expect("a writable folder");
        Self(file)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Counters that are not zero, with their numbers.
    pub(crate) fn counts(&self) -> Vec<(usize, u64)> {
        let bytes = fs::read(self.path()).expect("the file stays");
        let counters = bytes[64..].chunks_exact(8);
        counters
            .map(|counter| u64::from_ne_bytes(counter.try_into().expect("eight bytes")))
            .enumerate()
            .filter(|&(_, count)| count != 0)
            .collect()
    }
}

/// Runs `program`, counting into `hits`.
pub(crate) fn run(program: &Path, arguments: &[&str], hits: &Hits) -> Output {
    Command::new(program)
        .args(arguments)
        .env("ASSAY_HITS", hits.path())
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("the program starts")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
