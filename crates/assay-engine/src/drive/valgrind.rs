//! How programs run under Valgrind, and where their reports are.
//!
//! A binary of the exercise is the one process that Valgrind follows. Of a command nobody knows what it starts: every
//! process is followed, but for the tools that build, and what cargo starts goes through cargo's own runner. The probe
//! counts in followed processes alone, so that what slips through is no hit; and a report counts where code that the
//! audit built is on its stack, because shells and interpreters have leaks of their own.

use std::path::{Path, PathBuf};

use super::{Rig, Target, TargetKind};
use crate::layers::Runner;

/// A part of the name of the library that memcheck loads into what it follows.
pub(super) const PRELOADED: &str = "vgpreload_memcheck";

/// The variable that names a command's report files to its processes: cargo's runner is split at blanks, a path is not.
const REPORT: &str = "ASSAY_MEMCHECK_XML";

/// Programs that build and execute nothing of what was built.
const SKIPPED: &str = "--trace-children-skip=*/cargo,*/rustc,*/rustdoc,*/rustup,*/cc,*/c++,*/gcc,*/g++,*/clang,*/clang++";

/// What the tool is told for a process alone, and not for a command: the exit code of a shell or of an interpreter that
/// has a leak would be a failure of the command.
const ALONE: &str = "--error-exitcode";

impl Rig<'_> {
    /// The command that a program is given to.
    pub(super) fn wrapper(&self, target: &Target, xml: Option<&Path>) -> Vec<String> {
        let (Runner::Valgrind(arguments), Some(xml)) = (&self.mode.runner, xml) else {
            return Vec::new();
        };
        if target.kind == TargetKind::Command {
            let mut argv = following(arguments);
            argv.push(report_argument());
            return argv;
        }
        if target.kind == TargetKind::Doc {
            return Vec::new();
        }
        let mut argv = vec!["valgrind".to_owned()];
        argv.extend(arguments.iter().cloned());
        // A percent sign would start a placeholder.
        let path = xml.to_string_lossy().replace('%', "%%");
        argv.push(format!("--xml-file={path}"));
        argv
    }

    /// Variables by which the processes of a command are followed.
    pub(super) fn following_env(
        &self,
        target: &Target,
        xml: Option<&Path>,
    ) -> Vec<(String, String)> {
        let (Runner::Valgrind(arguments), Some(xml), true) =
            (&self.mode.runner, xml, target.kind == TargetKind::Command)
        else {
            return Vec::new();
        };
        let mut runner = following(arguments);
        runner.push(report_argument());
        vec![
            (REPORT.to_owned(), xml.to_string_lossy().into_owned()),
            (self.runner_variable(), runner.join(" ")),
        ]
    }

    /// The same command by hand, with reports as text.
    pub(super) fn following_by_hand(&self, arguments: &[String]) -> Vec<String> {
        let mut argv = following(arguments);
        argv.retain(|argument| argument != "--xml=yes");
        argv
    }

    /// The variable by which cargo is told what to start programs with.
    pub(super) fn runner_variable(&self) -> String {
        let host = self.bench.tools.host.replace('-', "_").to_uppercase();
        format!("CARGO_TARGET_{host}_RUNNER")
    }

    /// A new file for the tool's own report, where it writes one.
    pub(super) fn report_file(&mut self) -> Option<PathBuf> {
        matches!(self.mode.runner, Runner::Valgrind(_)).then(|| {
            self.sequence += 1;
            let name = format!("{}-{}.xml", self.mode.folder, self.sequence);
            self.bench.logs.join(name)
        })
    }

    /// Reads the reports of a program's processes, keeps them in the log and removes the files.
    pub(super) fn take_reports(&mut self, target: &Target, path: &Path) -> Vec<String> {
        let files = if target.kind == TargetKind::Command {
            beginning_with(path)
        } else {
            vec![path.to_path_buf()]
        };
        let mut reports = Vec::new();
        for file in files {
            let bytes = std::fs::read(&file).unwrap_or_default();
            // It lies in a folder of ours; what stays behind there does no harm.
            drop(std::fs::remove_file(&file));
            self.log.write(&bytes);
            reports.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        reports
    }
}

/// Valgrind, following the children of what it starts.
fn following(arguments: &[String]) -> Vec<String> {
    let kept = arguments
        .iter()
        .filter(|argument| !argument.starts_with(ALONE));
    let mut argv = vec!["valgrind".to_owned()];
    argv.extend(kept.cloned());
    argv.extend(["--trace-children=yes", SKIPPED].map(str::to_owned));
    argv
}

/// A file for each process.
fn report_argument() -> String {
    format!("--xml-file=%q{{{REPORT}}}.%p")
}

/// Files beside `path` whose names go on where its own ends.
fn beginning_with(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let entries = path.parent().map(std::fs::read_dir);
    let mut files: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&*name))
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}
