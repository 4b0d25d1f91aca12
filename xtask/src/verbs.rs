//! One verb for each layer of validation, over the crates of the house that have unsafe code.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::ci::{self, Step};
use crate::shell::{self, cargo};
use crate::targets;
use crate::tools::Tool;

/// Arguments of `cargo xtask layer`.
#[derive(Args, Debug)]
pub struct LayerArguments {
    /// The layer
    layer: Layer,
    /// Only this crate
    #[arg(short, long)]
    package: Option<String>,
    /// The full bounds, which take hours, instead of those of CI
    #[arg(long)]
    full: bool,
}

/// A layer that this workspace runs on itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layer {
    /// Miri, Stacked Borrows and Tree Borrows
    Miri,
    /// loom models
    Loom,
    /// Threads at random beside a map of what is live: ten minutes, or an hour
    Fuzz,
    /// shuttle schedules
    Shuttle,
    /// AddressSanitizer and LeakSanitizer
    Asan,
    /// ThreadSanitizer with an instrumented standard library
    Tsan,
    /// Valgrind
    Memcheck,
    /// Every fixture of testdata/ under every layer
    Fixtures,
    /// `cargo assay audit`
    Audit,
    /// `cargo assay mutate`, then `cargo assay gate` over what the audit before it found too
    Mutants,
    /// Other systems: a type check for each, and one whose processor is emulated
    Targets,
}

/// A crate with unsafe code, or that keeps its promises whatever the user's code does, and what it brings.
struct Subject {
    name: &'static str,
    loom: bool,
    shuttle: bool,
    fuzz: bool,
    /// Whether its examples tell sizes that it does not have under Miri, where every access is interpreted.
    sized_examples: bool,
    models: Models,
}

/// The models of aliasing under which Miri runs a crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Models {
    Both,
    /// Stacked Borrows, and Tree Borrows only where time does not count.
    StackedFirst,
}

const SUBJECTS: &[Subject] = &[
    Subject {
        name: "spsc-ring",
        loom: true,
        shuttle: true,
        fuzz: false,
        sized_examples: false,
        models: Models::Both,
    },
    Subject {
        name: "phase-alloc",
        loom: true,
        shuttle: false,
        fuzz: true,
        sized_examples: true,
        models: Models::StackedFirst,
    },
    Subject {
        name: "block-guard",
        loom: false,
        shuttle: false,
        fuzz: false,
        sized_examples: false,
        models: Models::Both,
    },
    Subject {
        name: "adversary",
        loom: false,
        shuttle: false,
        fuzz: false,
        sized_examples: false,
        models: Models::StackedFirst,
    },
    Subject {
        name: "idmap",
        loom: false,
        shuttle: false,
        fuzz: false,
        sized_examples: false,
        models: Models::StackedFirst,
    },
    Subject {
        name: "velox",
        loom: true,
        shuttle: true,
        fuzz: false,
        sized_examples: false,
        models: Models::StackedFirst,
    },
    Subject {
        name: "memscope",
        loom: true,
        shuttle: false,
        fuzz: false,
        sized_examples: false,
        models: Models::Both,
    },
    Subject {
        name: "evloop",
        loom: true,
        shuttle: false,
        fuzz: false,
        sized_examples: false,
        models: Models::StackedFirst,
    },
    Subject {
        name: "assay-probe",
        loom: false,
        shuttle: false,
        fuzz: false,
        sized_examples: false,
        models: Models::Both,
    },
];

/// Runs one layer; the result says whether every step passed.
///
/// # Errors
/// A program cannot be started.
pub fn run(root: &Path, arguments: &LayerArguments) -> Result<bool> {
    let steps = steps(root, arguments.layer, arguments.full);
    let wanted = |step: &Step| match &arguments.package {
        Some(package) => step.name.ends_with(package.as_str()),
        None => true,
    };
    let steps: Vec<_> = steps.into_iter().filter(wanted).collect();
    anyhow::ensure!(
        !steps.is_empty(),
        "no step of this layer is about `{}`",
        arguments.package.as_deref().unwrap_or_default()
    );
    ci::run_steps(steps)
}

/// The steps of one layer, one for each crate it applies to.
#[must_use]
pub fn steps(root: &Path, layer: Layer, full: bool) -> Vec<Step> {
    let over = |wanted: fn(&Subject) -> bool, make: &dyn Fn(&Subject) -> Vec<Step>| {
        let subjects = SUBJECTS.iter().filter(|subject| wanted(subject));
        subjects.flat_map(make).collect()
    };
    let all = |_: &Subject| true;
    match layer {
        Layer::Miri => over(all, &|s| miri(root, s, full)),
        Layer::Loom => over(|s| s.loom, &|s| vec![model(root, "loom", s.name, full)]),
        Layer::Shuttle => over(|s| s.shuttle, &|s| {
            vec![model(root, "shuttle", s.name, full)]
        }),
        Layer::Fuzz => over(|s| s.fuzz, &|s| vec![fuzz(root, s.name, full)]),
        Layer::Asan => over(all, &|s| vec![asan(root, s.name)]),
        Layer::Tsan => over(all, &|s| vec![tsan(root, s.name)]),
        Layer::Memcheck => over(all, &|s| vec![memcheck(root, s.name)]),
        Layer::Fixtures => vec![fixtures(root)],
        Layer::Audit => over(all, &|s| vec![audit(root, s.name)]),
        // The other crates have no gate yet.
        Layer::Mutants => ["mutate", "gate"]
            .map(|verb| assay(root, verb, "spsc-ring"))
            .into(),
        Layer::Targets => {
            let mut steps: Vec<Step> = targets::checks(root).collect();
            steps.push(targets::emulated(root));
            steps
        }
    }
}

/// Regenerates the schema that is checked in.
///
/// # Errors
/// Cargo cannot be started.
pub fn schema(root: &Path) -> Result<bool> {
    let mut command = cargo(
        root,
        None,
        &[
            "run",
            "--quiet",
            "-p",
            "assay-evidence",
            "--example",
            "schema",
        ],
    );
    let output = command.output()?;
    if output.status.success() {
        std::fs::write(root.join("docs/schema/evidence.schema.json"), output.stdout)?;
    }
    Ok(output.status.success())
}

/// The target folder of a flavour of builds.
pub(crate) fn target_folder(root: &Path, flavour: &str) -> String {
    root.join("target").join(flavour).display().to_string()
}

fn miri(root: &Path, subject: &Subject, full: bool) -> Vec<Step> {
    let package = subject.name;
    let models = [
        ("stacked borrows", ""),
        ("tree borrows", "-Zmiri-tree-borrows"),
    ];
    let seeds = if full { "-Zmiri-many-seeds=0..64" } else { "" };
    let make = |(label, flag): (&str, &str)| {
        let target = target_folder(root, "miri");
        let mut command = cargo(
            root,
            Some("nightly"),
            &["miri", "test", "-p", package, "--target-dir", &target],
        );
        if package == "velox" {
            // Its program can't be started under Miri, and what it needs takes minutes to check.
            command.arg("--no-default-features");
        }
        // Examples are many and small, and what they call the tests call too: where time counts they are left out.
        if package == "evloop" {
            // Of the backends it knows the simulation alone: of epoll nothing but edges.
            let simulated = [
                "slots::",
                "queue::",
                "simulation::",
                "timers::",
                "drops::",
                "model::",
            ];
            command
                .args(["--lib", "--test", "it", "--"])
                .args(simulated);
        } else if package == "memscope" && !full {
            // Of its other tests Miri takes 20 minutes.
            command.args(["--lib", "--test", "arena"]);
        } else if subject.sized_examples || !full {
            command.args(["--lib", "--tests"]);
        }
        let flags = format!("-Zmiri-disable-isolation {flag} {seeds}");
        command.env("MIRIFLAGS", flags.trim());
        Step::new(format!("miri, {label}: {package}"), command)
            .needs(&[Tool::Miri, Tool::RustSrc])
            .limit(minutes(if full { 120 } else { 30 }))
    };
    let models = match subject.models {
        Models::StackedFirst if !full => &models[..1],
        Models::StackedFirst | Models::Both => &models[..],
    };
    models.iter().copied().map(make).collect()
}

fn model(root: &Path, checker: &str, package: &str, full: bool) -> Step {
    let target = target_folder(root, checker);
    let mut command = cargo(
        root,
        None,
        &["test", "--release", "-p", package, "--target-dir", &target],
    );
    if matches!(package, "memscope" | "evloop") {
        // Their models are of what they do not show.
        command.arg("--lib");
    } else {
        command.args(["--test", checker]);
    }
    command.env("RUSTFLAGS", format!("--cfg {checker}"));
    if checker == "loom" {
        if package == "velox" {
            // Its program needs what loom has no place for.
            command.arg("--no-default-features");
        }
        command.env("LOOM_MAX_PREEMPTIONS", if full { "5" } else { "2" });
    }
    Step::new(format!("{checker}: {package}"), command).limit(minutes(if full { 240 } else { 10 }))
}

fn fuzz(root: &Path, package: &str, full: bool) -> Step {
    let arguments = [
        "test",
        "--release",
        "-p",
        package,
        "--test",
        "it",
        "--",
        "--nocapture",
        "fuzz::",
    ];
    let mut command = cargo(root, None, &arguments);
    // The test runs once as it is, and once for each of its five configurations.
    let minutes_each = if full { 10 } else { 2 };
    let seconds = 60 * minutes_each;
    command.env("PHASE_ALLOC_FUZZ_SECONDS", seconds.to_string());
    Step::new(format!("fuzz: {package}"), command).limit(minutes(6 * minutes_each + 10))
}

fn asan(root: &Path, package: &str) -> Step {
    let target = target_folder(root, "asan");
    let host = host_triple();
    let mut command = cargo(
        root,
        None,
        &[
            "test",
            "-p",
            package,
            "--tests",
            "--target",
            &host,
            "--target-dir",
            &target,
        ],
    );
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zsanitizer=address");
    Step::new(format!("asan and lsan: {package}"), command)
}

fn tsan(root: &Path, package: &str) -> Step {
    let target = target_folder(root, "tsan");
    let host = host_triple();
    let mut command = cargo(
        root,
        Some("nightly"),
        &[
            "test",
            "-Zbuild-std",
            "-p",
            package,
            "--tests",
            "--target",
            &host,
            "--target-dir",
            &target,
        ],
    );
    command.env(
        "RUSTFLAGS",
        "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer",
    );
    Step::new(format!("tsan: {package}"), command).needs(&[Tool::RustSrc])
}

fn memcheck(root: &Path, package: &str) -> Step {
    let target = target_folder(root, "memcheck");
    let mut command = cargo(
        root,
        None,
        &["test", "-p", package, "--tests", "--target-dir", &target],
    );
    let runner = "valgrind --quiet --error-exitcode=99 --leak-check=full \
                  --errors-for-leak-kinds=definite --show-leak-kinds=definite";
    let variable = host_triple().to_uppercase().replace('-', "_");
    command.env(format!("CARGO_TARGET_{variable}_RUNNER"), runner);
    Step::new(format!("memcheck: {package}"), command).needs(&[Tool::Valgrind])
}

fn fixtures(root: &Path) -> Step {
    let mut command = cargo(
        root,
        None,
        &[
            "test",
            "-p",
            "cargo-assay",
            "--test",
            "it",
            "--",
            "fixtures",
        ],
    );
    command.env("ASSAY_FIXTURES", "full");
    Step::new("fixtures under every layer".to_owned(), command).limit(minutes(60))
}

/// The audit of one crate of the house; passes when the verdict is SUPPORTED.
#[must_use]
pub fn audit(root: &Path, package: &str) -> Step {
    let mut step = assay(root, "audit", package).limit(minutes(35));
    step.command.arg("--verbose");
    step
}

/// One verb of the auditor on one crate of the house.
fn assay(root: &Path, verb: &str, package: &str) -> Step {
    let command = cargo(root, None, &["run", "--release", "--", verb, "-p", package]);
    Step::new(format!("{verb}: {package}"), command)
        .needs(&[Tool::Miri, Tool::RustSrc, Tool::Valgrind])
        .limit(minutes(25))
}

/// That many minutes.
#[must_use]
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

fn host_triple() -> String {
    let output = Command::new("rustc").arg("-vV").output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
    let text = text.unwrap_or_default();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap_or("x86_64-unknown-linux-gnu").to_owned()
}

/// Prints a step's command, for a reader who wants to run it alone.
#[must_use]
pub fn describe(step: &Step) -> String {
    shell::display(&step.command)
}
