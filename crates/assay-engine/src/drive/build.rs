//! Cargo's part: flags, variables, and the executables of a build.

use std::time::Duration;

use assay_evidence::{CommandLine, Exercise};

use super::target::{Target, TargetKind, doctest_target, interpreted, native, program};
use super::{Rig, harnessless};
use crate::layers::Runner;
use crate::parse::cargo::{Build, Executable, Kind};
use crate::process::{Bounds, Call, Ended};

/// A build that takes longer than this hangs.
const BUILD_LIMIT: Duration = Duration::from_secs(3600);

/// What a build is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What<'a> {
    /// The exercise and the control with it.
    Exercise,
    /// This one test target.
    Control(&'a str),
}

/// Why a build made nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotBuilt {
    /// The first error.
    Error(String),
    /// The audit was interrupted.
    Interrupted,
}

impl Rig<'_> {
    /// Builds, and names what can be executed.
    pub(crate) fn build(&mut self, what: What<'_>) -> Result<Vec<Target>, NotBuilt> {
        if self.mode.runner == Runner::Miri && !self.builds_tests(what) {
            return Ok(self
                .other_targets()
                .into_iter()
                .chain(self.interpreted_program())
                .collect());
        }
        let mut argv = self.cargo(&self.verb(what));
        argv.extend(self.selection(what));
        argv.extend(["--message-format=json", "--no-run"].map(str::to_owned));
        if !self.builds_tests(what) {
            argv.retain(|argument| argument != "--no-run");
        }
        let bounds = Bounds {
            time: BUILD_LIMIT,
            idle: None,
            memory: None,
        };
        let mut call = Call::new(argv, &self.tree.driver_dir, bounds);
        call.env = self.build_env();
        let output = call.run(self.bench.cancel, &mut self.log);
        if output.ended == Ended::Cancelled {
            return Err(NotBuilt::Interrupted);
        }
        let build = Build::read(&output.stdout);
        if !output.succeeded() {
            return Err(NotBuilt::Error(first_error(&build, &output.stderr)));
        }
        Ok(self.targets(&build, what))
    }

    /// The command that repeats a run by hand, in the user's own tree.
    pub(crate) fn by_hand(&self) -> CommandLine {
        let mut argv = vec!["cargo".to_owned()];
        argv.extend(self.mode.toolchain.map(str::to_owned));
        if self.mode.runner == Runner::Miri {
            argv.push("miri".to_owned());
        }
        match &self.bench.exercise {
            Exercise::Tests => argv.push("test".to_owned()),
            Exercise::Bin { name } => argv.extend(["run", "--bin", name].map(str::to_owned)),
            Exercise::Example { name } => {
                argv.extend(["run", "--example", name].map(str::to_owned));
            }
            Exercise::Command { line } => argv = ["sh", "-c", line].map(str::to_owned).to_vec(),
        }
        if !matches!(self.bench.exercise, Exercise::Command { .. }) {
            argv.extend(["-p".to_owned(), self.bench.driver.name.to_string()]);
            argv.extend(self.bench.feature_args.iter().cloned());
            argv.extend(self.mode.cargo.iter().cloned());
        }
        let mut env = self.mode.build_env.clone();
        env.extend(self.mode.run_env.iter().cloned());
        // The probe is not in the user's tree, and nothing else there needs the permission.
        env.retain(|(name, value)| !(name == "RUSTC_BOOTSTRAP" && value != "1"));
        if !self.mode.rustflags.is_empty() {
            env.push(("RUSTFLAGS".to_owned(), self.mode.rustflags.join(" ")));
        }
        let is_command = matches!(self.bench.exercise, Exercise::Command { .. });
        if is_command {
            env.extend(self.command_env());
        }
        if let Runner::Valgrind(arguments) = &self.mode.runner {
            if is_command {
                argv.splice(0..0, self.following_by_hand(arguments));
            }
            let plain = arguments.iter().filter(|argument| *argument != "--xml=yes");
            let runner = plain.fold("valgrind".to_owned(), |line, argument| {
                format!("{line} {argument}")
            });
            env.push((self.runner_variable(), runner));
        }
        env.sort();
        CommandLine { env, argv }
    }

    /// Variables of every cargo command of the mode.
    pub(crate) fn build_env(&self) -> Vec<(String, String)> {
        let mut flags = self.bench.user_flags.to_vec();
        flags.extend(self.mode.rustflags.iter().cloned());
        flags.push("--cap-lints=warn".to_owned());
        let flags = flags.join("\u{1f}");
        let mut env = self.tree.env.clone();
        env.extend(self.mode.build_env.iter().cloned());
        for (name, value) in [
            ("CARGO_ENCODED_RUSTFLAGS", flags.as_str()),
            ("CARGO_ENCODED_RUSTDOCFLAGS", flags.as_str()),
            ("CARGO_INCREMENTAL", "0"),
            // Stacks need lines. Debuggers, which need more, are not used, and the rest is a third of a build's time.
            ("CARGO_PROFILE_DEV_DEBUG", "line-tables-only"),
            ("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only"),
            ("CARGO_TERM_COLOR", "never"),
            ("CARGO_TERM_PROGRESS_WHEN", "never"),
        ] {
            env.push((name.to_owned(), value.to_owned()));
        }
        env
    }

    /// What the mode asks of cargo in arguments, as variables: a command calls cargo with arguments of its own.
    ///
    /// Nobody knows the profile that it builds, so both have the mode's settings.
    pub(super) fn command_env(&self) -> Vec<(String, String)> {
        const PREFIX: &str = "CARGO_PROFILE_";
        let mut env = Vec::new();
        let mut add = |name: &str, value: &str| env.push((name.to_owned(), value.to_owned()));
        if let Some(toolchain) = self.mode.toolchain {
            add("RUSTUP_TOOLCHAIN", toolchain.trim_start_matches('+'));
        }
        let mut arguments = self.mode.cargo.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--target" => add(
                    "CARGO_BUILD_TARGET",
                    arguments.next().map_or("", |host| host),
                ),
                "--release" => add("CARGO_PROFILE_DEV_OPT_LEVEL", "3"),
                "-Zbuild-std" => add("CARGO_UNSTABLE_BUILD_STD", "std"),
                _ => {}
            }
        }
        for (name, value) in &self.mode.build_env {
            for (from, to) in [("DEV", "RELEASE"), ("RELEASE", "DEV")] {
                let setting = name
                    .strip_prefix(PREFIX)
                    .and_then(|rest| rest.strip_prefix(from));
                if let Some(setting) = setting {
                    add(&format!("{PREFIX}{to}{setting}"), value);
                }
            }
        }
        env
    }

    /// `cargo`, toolchain, verb, and what every command of the mode needs.
    pub(crate) fn cargo(&self, verb: &[&str]) -> Vec<String> {
        let mut argv = vec!["cargo".to_owned()];
        argv.extend(self.mode.toolchain.map(str::to_owned));
        argv.extend(verb.iter().map(|&word| word.to_owned()));
        let driver = self.bench.driver;
        let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
        argv.extend([
            "--manifest-path".to_owned(),
            path(&self.tree.driver_manifest),
            "-p".to_owned(),
            format!("{}@{}", driver.name, driver.version),
            "--target-dir".to_owned(),
            path(&self.target_dir()),
        ]);
        argv.extend(self.tree.cargo_args.iter().cloned());
        argv.extend(self.mode.cargo.iter().cloned());
        argv
    }

    fn verb(&self, what: What<'_>) -> Vec<&'static str> {
        match self.mode.runner {
            Runner::Miri => vec!["miri", "test"],
            _ if self.builds_tests(what) => vec!["test"],
            _ => vec!["build"],
        }
    }

    /// A program that the interpreter builds when it runs it.
    fn interpreted_program(&self) -> Option<Target> {
        let (kind, name) = match &self.bench.exercise {
            Exercise::Bin { name } => (Kind::Bin, name),
            Exercise::Example { name } => (Kind::Example, name),
            _ => return None,
        };
        let executable = Executable {
            package: String::new(),
            name: name.clone(),
            kind,
            path: std::path::PathBuf::new(),
            test: false,
        };
        Some(interpreted(self, &executable, false))
    }

    fn builds_tests(&self, what: What<'_>) -> bool {
        what != What::Exercise || *self.bench.exercise == Exercise::Tests
    }

    /// Arguments that pick cargo targets.
    fn selection(&self, what: What<'_>) -> Vec<String> {
        if let What::Control(name) = what {
            return vec!["--test".to_owned(), name.to_owned()];
        }
        match (&self.bench.exercise, self.mode.mentions) {
            (Exercise::Bin { name }, _) => vec!["--bin".to_owned(), name.clone()],
            (Exercise::Example { name }, _) => vec!["--example".to_owned(), name.clone()],
            (Exercise::Tests, Some(words)) => {
                let mut picked = self.bench.targets_mentioning(words);
                let control = self.control.iter().cloned();
                picked.extend(control.flat_map(|name| ["--test".to_owned(), name]));
                picked
            }
            (Exercise::Tests, None) => {
                let mut picked = self.selection_sparing();
                picked.push("--no-fail-fast".to_owned());
                picked
            }
            // A command builds what it needs; the build before it warms the folder.
            (Exercise::Command { .. }, _) => Vec::new(),
        }
    }

    /// All test targets but those that the mode spares; nothing where it spares none.
    fn selection_sparing(&self) -> Vec<String> {
        let word = self.mode.spares;
        let (others, spared) =
            word.map_or_else(Default::default, |w| self.bench.tests_by_mention(w));
        if spared.is_empty() {
            return Vec::new();
        }
        let has_library = self
            .bench
            .driver
            .targets
            .iter()
            .any(|target| target.test && target.is_lib());
        let mut picked = vec!["--bins".to_owned()];
        picked.extend(has_library.then(|| "--lib".to_owned()));
        let names = others
            .into_iter()
            .map(str::to_owned)
            .chain(self.control.iter().cloned());
        picked.extend(names.flat_map(|name| ["--test".to_owned(), name]));
        picked
    }

    fn targets(&self, build: &Build, what: What<'_>) -> Vec<Target> {
        let without_harness = harnessless(&self.tree.driver_manifest);
        let wanted = |kind: Kind, test: bool| match (&self.bench.exercise, what) {
            (Exercise::Bin { .. }, What::Exercise) => kind == Kind::Bin,
            (Exercise::Example { .. }, What::Exercise) => kind == Kind::Example,
            _ => test,
        };
        let mut targets: Vec<Target> = build
            .executables
            .iter()
            .filter(|executable| wanted(executable.kind, executable.test))
            .map(|executable| {
                let harness = executable.test && !without_harness.contains(&executable.name);
                match self.mode.runner {
                    Runner::Miri => interpreted(self, executable, harness),
                    _ => native(self, build, executable, harness),
                }
            })
            .collect();
        targets.sort_by(|a, b| (a.kind, &a.label).cmp(&(b.kind, &b.label)));
        if what == What::Exercise {
            targets.extend(self.other_targets());
        }
        targets
    }

    /// What is executed without an executable of the build: doctests, a command.
    fn other_targets(&self) -> Option<Target> {
        match &self.bench.exercise {
            Exercise::Tests if self.mode.doctests && self.bench.has_doctests() => {
                Some(doctest_target(self))
            }
            Exercise::Command { line } => Some(program(self, line)),
            _ => None,
        }
    }
}

impl Target {
    /// Whether this is the control's own target.
    pub(crate) fn is_control(&self) -> bool {
        self.kind == TargetKind::Test && self.label.starts_with(crate::control::PREFIX)
    }
}

fn first_error(build: &Build, stderr: &str) -> String {
    if let Some(error) = build.errors.first() {
        return error.trim().to_owned();
    }
    let lines: Vec<&str> = stderr.lines().collect();
    let start = lines
        .iter()
        .position(|line| line.starts_with("error"))
        .unwrap_or(0);
    lines[start..]
        .iter()
        .take(20)
        .copied()
        .collect::<Vec<_>>()
        .join("\n")
}
