//! C programs, compiled and run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for what is compiled, and the library beside it.
pub(crate) struct Bed {
    folder: tempfile::TempDir,
}

/// Where cargo puts the library that this binary is built with: beside it.
pub(crate) fn library_folder() -> PathBuf {
    let exe = std::env::current_exe().expect("this program has a path");
    exe.parent().expect("it is in a folder").to_owned()
}

pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A tool that answers `--version`, or is said not to be there.
pub(crate) fn tool(name: &str) -> Option<Command> {
    let found = Command::new(name).arg("--version").output();
    match found {
        Ok(output) if output.status.success() => Some(Command::new(name)),
        _ => {
            not_run(&format!("no `{name}`"));
            None
        }
    }
}

/// Says that a test was not run, and why.
pub(crate) fn not_run(reason: &str) {
    use std::io::Write as _;
    let text = format!("not run: {reason}\n");
    // Not by the macro, whose output the harness keeps to itself.
    std::io::stderr()
        .write_all(text.as_bytes())
        .expect("standard error is open");
}

impl Bed {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
