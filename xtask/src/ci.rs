//! Everything that must hold before a change lands, in the order in which failures are cheapest.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::hazards;
use crate::shell::{self, Ended, cargo};
use crate::targets;
use crate::tools::{self, Tool};
use crate::verbs::{self, Layer, minutes};

/// The whole run stays below this; steps that would start later are reported as not run, and fail it.
const BUDGET: Duration = minutes(80);

const IDMAP_CLIPPY: [&str; 8] = [
    "clippy",
    "-p",
    "idmap",
    "--all-targets",
    "--all-features",
    "--",
    "-D",
    "warnings",
];

/// One command with its needs and its time limit.
#[derive(Debug)]
pub struct Step {
    /// What it checks.
    pub name: String,
    /// The command.
    pub command: Command,
    needs: &'static [Tool],
    limit: Duration,
}

impl Step {
    /// A step that needs nothing but cargo, with 15 minutes to its end.
    #[must_use]
    pub fn new(name: String, command: Command) -> Self {
        Self {
            name,
            command,
            needs: &[],
            limit: minutes(15),
        }
    }

    /// With these tools as a condition; without them the step is not run.
    #[must_use]
    pub fn needs(mut self, tools: &'static [Tool]) -> Self {
        self.needs = tools;
        self
    }

    /// With another time limit.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

enum Fate {
    Passed,
    Failed(String),
    NotRun(String),
}

/// Installs what is missing, runs every step, and says whether all passed. A step that could not run is
/// printed as such and counts as skipped.
///
/// # Errors
/// A program cannot be started.
pub fn run(root: &Path) -> Result<bool> {
    let missing = tools::install_missing();
    for tool in &missing {
        println!(
            "ci: {} is missing; `{}` did not help",
            tool.name(),
            tool.install().join(" ")
        );
    }
    run_steps(all_steps(root), Some(Instant::now() + BUDGET))
}

fn all_steps(root: &Path) -> Vec<Step> {
    let plain =
        |name: &str, arguments: &[&str]| Step::new(name.to_owned(), cargo(root, None, arguments));
    let mut doc = cargo(root, None, &["doc", "--workspace", "--no-deps", "--locked"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    let mut steps = vec![
        plain("format", &["fmt", "--all", "--check"]).needs(&[Tool::Rustfmt]),
        plain("tidy", &["xtask", "tidy"]),
        plain("clippy", &clippy).needs(&[Tool::Clippy]),
        Step::new("documentation".to_owned(), doc),
        plain("tests (the command of README.md)", &["test", "--workspace"]).limit(minutes(20)),
        // Its schedules and its `Allocator` are off by default.
        plain(
            "tests of adversary, all features",
            &["test", "-p", "adversary", "--all-features"],
        ),
        // The derives, serde and the like are off by default.
        plain("clippy of idmap, all features", &IDMAP_CLIPPY).needs(&[Tool::Clippy]),
        plain(
            "tests of idmap, all features",
            &["test", "-p", "idmap", "--all-features"],
        ),
    ];
    steps.extend(verbs::steps(root, Layer::Loom, false));
    steps.extend(verbs::steps(root, Layer::Shuttle, false));
    // The audit runs Miri, the sanitizers and memcheck over the ring; the others have no audit here. Of velox and idmap,
    // which has no unsafe code, Miri interprets more than there are minutes for: `cargo xtask layer miri -p velox`.
    let miri = verbs::steps(root, Layer::Miri, false);
    let elsewhere = ["spsc-ring", "velox", "idmap"];
    steps.extend(
        miri.into_iter()
            .filter(|step| !elsewhere.iter().any(|it| step.name.ends_with(it))),
    );
    steps.push(verbs::audit(root, "spsc-ring"));
    steps.extend(verbs::steps(root, Layer::Mutants, false));
    steps.extend(verbs::steps(root, Layer::Fixtures, false));
    steps.extend(targets::checks(root));
    steps.push(hazards::optimised(root));
    steps.push(compare(root));
    steps.push(iddqd_tests(root));
    steps
}

/// The rivals build, and small proofs are made; nothing is timed here.
fn compare(root: &Path) -> Step {
    let folder = root.join("compare");
    let command = cargo(
        &folder,
        None,
        &["test", "--workspace", "--release", "--locked"],
    );
    // The rivals in C, and the prover, take their time on two cores.
    Step::new("rivals build".to_owned(), command).limit(minutes(30))
}

/// The tests of iddqd, on idmap in its place.
fn iddqd_tests(root: &Path) -> Step {
    let folder = root.join("compare");
    let arguments = ["run", "--release", "--locked", "-p", "compare-iddqd-tests"];
    Step::new(
        "iddqd's tests, on idmap".to_owned(),
        cargo(&folder, None, &arguments),
    )
    .limit(minutes(10))
}

/// Runs the steps in order; after the deadline none is started.
///
/// # Errors
/// A program cannot be started.
pub fn run_steps(steps: Vec<Step>, deadline: Option<Instant>) -> Result<bool> {
    let mut lines = Vec::new();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for step in steps {
        let name = step.name.clone();
        println!("\n== {name}\n   {}", verbs::describe(&step));
        let start = Instant::now();
        let fate = run_step(step, deadline)?;
        let seconds = start.elapsed().as_secs();
        let line = match fate {
            Fate::Passed => {
                passed += 1;
                format!("passed   {seconds:>5} s  {name}")
            }
            Fate::Failed(why) => {
                failed += 1;
                format!("FAILED   {seconds:>5} s  {name}: {why}")
            }
            Fate::NotRun(why) => {
                skipped += 1;
                format!("not run  {seconds:>5} s  {name}: {why}")
            }
        };
        println!("{line}");
        lines.push(line);
    }
    println!("\n{}\n", lines.join("\n"));
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    Ok(failed == 0 && passed > 0)
}

fn run_step(mut step: Step, deadline: Option<Instant>) -> Result<Fate> {
    if let Some(tool) = step.needs.iter().find(|tool| !tool.is_present()) {
        let install = tool.install().join(" ");
        return Ok(Fate::NotRun(format!(
            "{} is missing; try `{install}`",
            tool.name()
        )));
    }
    let left = deadline.map_or(step.limit, |d| d.saturating_duration_since(Instant::now()));
    if left.is_zero() {
        return Ok(Fate::Failed(
            "the time of the whole run is used up".to_owned(),
        ));
    }
    let limit = step.limit.min(left);
    Ok(match shell::run_limited(&mut step.command, limit)? {
        Ended::Exit(Some(0)) => Fate::Passed,
        Ended::Exit(Some(code)) => Fate::Failed(format!("exit code {code}")),
        Ended::Exit(None) => Fate::Failed("ended by a signal".to_owned()),
        Ended::TimedOut => Fate::Failed(format!("not done after {} s", limit.as_secs())),
    })
}
