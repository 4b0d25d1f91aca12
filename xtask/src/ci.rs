//! Everything that must hold before a change lands, in the order in which failures are cheapest.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::hazards;
use crate::sanitize;
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
    let deadline = Some(Instant::now() + BUDGET);
    let tally = Tally::default();
    tally.run(first_steps(root), deadline, Output::Shown)?;
    std::thread::scope(|threads| {
        let beside = threads.spawn(|| tally.run(steps_beside(root), deadline, Output::AtTheEnd));
        tally.run(further_steps(root), deadline, Output::Shown)?;
        beside
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    Ok(tally.close())
}

fn plain(root: &Path, name: &str, arguments: &[&str]) -> Step {
    Step::new(name.to_owned(), cargo(root, None, arguments))
}

/// What fails fastest, and the tests.
fn first_steps(root: &Path) -> Vec<Step> {
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
    let adversary = ["test", "-p", "adversary", "--all-features"];
    let idmap = ["test", "-p", "idmap", "--all-features"];
    let memscope = [
        "test",
        "--release",
        "-p",
        "memscope",
        "--lib",
        "--test",
        "it",
        "--test",
        "sites",
    ];
    vec![
        plain(root, "format", &["fmt", "--all", "--check"]).needs(&[Tool::Rustfmt]),
        plain(root, "tidy", &["xtask", "tidy"]),
        plain(root, "clippy", &clippy).needs(&[Tool::Clippy]),
        Step::new("documentation".to_owned(), doc),
        plain(
            root,
            "tests (the command of README.md)",
            &["test", "--workspace"],
        )
        .limit(minutes(20)),
        // Its schedules and its `Allocator` are off by default.
        plain(root, "tests of adversary, all features", &adversary),
        // The derives, serde and the like are off by default.
        plain(root, "clippy of idmap, all features", &IDMAP_CLIPPY).needs(&[Tool::Clippy]),
        plain(root, "tests of idmap, all features", &idmap),
        // What the compiler makes of an allocator shows where it optimises.
        plain(root, "tests of memscope, optimised", &memscope),
    ]
}

/// What takes one processor, and builds in folders of its own: interpreters, model checkers, other workspaces.
fn steps_beside(root: &Path) -> Vec<Step> {
    let mut steps = verbs::steps(root, Layer::Miri, false);
    steps.extend(verbs::steps(root, Layer::Loom, false));
    steps.extend(verbs::steps(root, Layer::Shuttle, false));
    // The audit runs all three over the ring. Of velox Miri interprets more than there are minutes for, and idmap has no
    // unsafe code: `cargo xtask layer miri -p velox`.
    let elsewhere = |step: &Step| {
        let is_miri = step.name.starts_with("miri");
        let is_of = |package| step.name.ends_with(package);
        is_of("spsc-ring") || (is_miri && (is_of("velox") || is_of("idmap")))
    };
    steps.retain(|step| !elsewhere(step));
    steps.extend(targets::checks(root));
    steps.extend([compare(root), iddqd_tests(root), examples(root)]);
    steps
}

/// The auditor on the ring and on what is planted, and what is run on both processors.
fn further_steps(root: &Path) -> Vec<Step> {
    let mut steps = vec![verbs::audit(root, "spsc-ring")];
    steps.extend(verbs::steps(root, Layer::Mutants, false));
    steps.extend(verbs::steps(root, Layer::Fixtures, false));
    steps.push(hazards::optimised(root));
    steps.extend(sanitize::steps(root));
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

/// The examples build, and do what they say.
fn examples(root: &Path) -> Step {
    let folder = root.join("examples");
    let command = cargo(&folder, None, &["test", "--release", "--locked"]);
    Step::new("examples build and run".to_owned(), command)
}

/// Runs the steps in order.
///
/// # Errors
/// A program cannot be started.
pub fn run_steps(steps: Vec<Step>) -> Result<bool> {
    let tally = Tally::default();
    tally.run(steps, None, Output::Shown)?;
    Ok(tally.close())
}

/// Where the output of a step goes.
#[derive(Clone, Copy, Debug)]
enum Output {
    /// To the terminal, as it comes.
    Shown,
    /// To the terminal in one piece when the step has ended, for another step writes there meanwhile.
    AtTheEnd,
}

/// How the steps ended, from whatever thread.
#[derive(Debug, Default)]
struct Tally {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    lines: Vec<String>,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    /// Runs the steps in order; those whose turn comes after the deadline fail.
    fn run(&self, steps: Vec<Step>, deadline: Option<Instant>, output: Output) -> Result<()> {
        for step in steps {
            let name = step.name.clone();
            let title = format!("\n== {name}\n   {}", verbs::describe(&step));
            if matches!(output, Output::Shown) {
                println!("{title}");
            }
            let start = Instant::now();
            let (fate, text) = run_step(step, deadline, output)?;
            let seconds = start.elapsed().as_secs();
            if matches!(output, Output::AtTheEnd) {
                println!("{title}\n{text}");
            }
            self.add(&name, seconds, fate);
        }
        Ok(())
    }

    fn add(&self, name: &str, seconds: u64, fate: Fate) {
        let mut counts = self.counts();
        let line = match fate {
            Fate::Passed => {
                counts.passed += 1;
                format!("passed   {seconds:>5} s  {name}")
            }
            Fate::Failed(why) => {
                counts.failed += 1;
                format!("FAILED   {seconds:>5} s  {name}: {why}")
            }
            Fate::NotRun(why) => {
                counts.skipped += 1;
                format!("not run  {seconds:>5} s  {name}: {why}")
            }
        };
        println!("{line}");
        counts.lines.push(line);
    }

    /// Prints all lines again, and says whether every step passed.
    fn close(&self) -> bool {
        let counts = self.counts();
        println!("\n{}\n", counts.lines.join("\n"));
        println!(
            "{} passed, {} failed, {} skipped",
            counts.passed, counts.failed, counts.skipped
        );
        counts.failed == 0 && counts.passed > 0
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the step ended, and what it wrote if that was not shown.
fn run_step(mut step: Step, deadline: Option<Instant>, output: Output) -> Result<(Fate, String)> {
    if let Some(tool) = step.needs.iter().find(|tool| !tool.is_present()) {
        let install = tool.install().join(" ");
        let why = format!("{} is missing; try `{install}`", tool.name());
        return Ok((Fate::NotRun(why), String::new()));
    }
    let left = deadline.map_or(step.limit, |d| d.saturating_duration_since(Instant::now()));
    if left.is_zero() {
        let why = "the time of the whole run is used up".to_owned();
        return Ok((Fate::Failed(why), String::new()));
    }
    let limit = step.limit.min(left);
    let (ended, text) = match output {
        Output::Shown => (shell::run_limited(&mut step.command, limit)?, String::new()),
        Output::AtTheEnd => shell::run_captured(&mut step.command, limit)?,
    };
    let fate = match ended {
        Ended::Exit(Some(0)) => Fate::Passed,
        Ended::Exit(Some(code)) => Fate::Failed(format!("exit code {code}")),
        Ended::Exit(None) => Fate::Failed("ended by a signal".to_owned()),
        Ended::TimedOut => Fate::Failed(format!("not done after {} s", limit.as_secs())),
    };
    Ok((fate, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, program: &str, arguments: &[&str]) -> Step {
        let mut command = Command::new(program);
        command.args(arguments);
        Step::new(name.to_owned(), command)
    }

    #[test]
    fn one_failure_on_either_side_fails_the_run() {
        for (left, right, expected) in [
            ("true", "true", true),
            ("false", "true", false),
            ("true", "false", false),
        ] {
            let tally = Tally::default();
            std::thread::scope(|threads| {
                threads.spawn(|| {
                    tally
                        .run(vec![step("left", left, &[])], None, Output::AtTheEnd)
                        .unwrap();
                });
                tally
                    .run(vec![step("right", right, &[])], None, Output::Shown)
                    .unwrap();
            });
            assert_eq!(tally.counts().lines.len(), 2);
            assert_eq!(tally.close(), expected);
        }
    }

    #[test]
    fn output_that_is_not_shown_is_kept() {
        let (fate, text) =
            run_step(step("echo", "echo", &["a line"]), None, Output::AtTheEnd).unwrap();
        assert!(matches!(fate, Fate::Passed));
        assert_eq!(text, "a line\n");
    }

    #[test]
    fn nothing_starts_after_the_deadline() {
        let (fate, _) = run_step(
            step("true", "true", &[]),
            Some(Instant::now()),
            Output::Shown,
        )
        .unwrap();
        assert!(matches!(fate, Fate::Failed(_)));
    }
}
