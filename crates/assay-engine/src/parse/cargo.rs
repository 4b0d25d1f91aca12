//! Cargo's `--message-format=json`.

use std::path::PathBuf;

use cargo_metadata::{Message, TargetKind};

/// What a build made.
#[derive(Debug, Default)]
pub(crate) struct Build {
    /// Executables, in the order in which they were finished.
    pub(crate) executables: Vec<Executable>,
    /// Folders that build scripts and dynamic libraries need at run time.
    pub(crate) library_paths: Vec<PathBuf>,
    /// `OUT_DIR` of each package that has a build script, by package id.
    pub(crate) out_dirs: Vec<(String, PathBuf)>,
    /// Errors as the compiler renders them.
    pub(crate) errors: Vec<String>,
}

/// One executable of a build.
#[derive(Clone, Debug)]
pub(crate) struct Executable {
    pub(crate) package: String,
    /// The target's name.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) path: PathBuf,
    /// Built with the test harness, or as a test target without it.
    pub(crate) test: bool,
}

/// What kind of target an executable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lib,
    Bin,
    Test,
    Example,
    Bench,
}

impl Build {
    /// Reads a build's standard output.
    pub(crate) fn read(text: &str) -> Self {
        let mut build = Self::default();
        for line in text.lines().filter(|line| line.starts_with('{')) {
            match serde_json::from_str::<Message>(line) {
                Ok(Message::CompilerArtifact(artifact)) => build.artifact(artifact),
                Ok(Message::BuildScriptExecuted(script)) => build.script(script),
                Ok(Message::CompilerMessage(message)) => build.diagnostic(&message.message),
                _ => {}
            }
        }
        build
    }

    fn artifact(&mut self, artifact: cargo_metadata::Artifact) {
        let Some(path) = artifact.executable else {
            return;
        };
        let is = |wanted: TargetKind| artifact.target.kind.contains(&wanted);
        let kind = if is(TargetKind::Test) {
            Kind::Test
        } else if is(TargetKind::Bin) {
            Kind::Bin
        } else if is(TargetKind::Example) {
            Kind::Example
        } else if is(TargetKind::Bench) {
            Kind::Bench
        } else {
            Kind::Lib
        };
        self.executables.push(Executable {
            package: artifact.package_id.repr,
            name: artifact.target.name,
            kind,
            path: path.into(),
            test: artifact.profile.test,
        });
    }

    fn script(&mut self, script: cargo_metadata::BuildScript) {
        self.out_dirs
            .push((script.package_id.repr, script.out_dir.into()));
        for path in script.linked_paths {
            // `native=/folder`, or the folder alone.
            let path = path.as_str();
            let folder = path.split_once('=').map_or(path, |(_, folder)| folder);
            self.library_paths.push(folder.into());
        }
    }

    fn diagnostic(&mut self, message: &cargo_metadata::diagnostic::Diagnostic) {
        if message.level == cargo_metadata::diagnostic::DiagnosticLevel::Error {
            let text = message
                .rendered
                .clone()
                .unwrap_or_else(|| message.message.clone());
            self.errors.push(text);
        }
    }
}
