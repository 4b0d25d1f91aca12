//! C programs, compiled and run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for what is compiled, and the library beside it.
pub(crate) struct Bed {
    folder: tempfile::TempDir,
}

/// How a program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Static,
    Shared,
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

    /// Compiles a file of `tests/c` with the header of handles; `None`, and said, where there is no compiler.
    pub(crate) fn compile(&self, source: &str, link: Link, flags: &[&str]) -> Option<PathBuf> {
        let program = self.path().join(format!("{source}-{link:?}"));
        let mut command = tool("cc")?;
        command
            .args(["-std=c99", "-g", "-Wall", "-Wextra", "-Wpedantic"])
            .args(["-Werror", "-pthread", "-I"])
            .arg(folder("include"))
            .arg(folder("tests/c").join(source))
            .arg("-o")
            .arg(&program)
            .args(flags);
        link_with(&mut command, link);
        run(&mut command);
        Some(program)
    }
}

/// What a compiler is told to link the library.
pub(crate) fn link_with(command: &mut Command, link: Link) {
    let folder = library_folder();
    match link {
        Link::Static => {
            command.arg(folder.join("libevloop_capi.a"));
        }
        Link::Shared => {
            command.arg("-L").arg(&folder).arg("-levloop_capi");
            // Before what cargo says in LD_LIBRARY_PATH, where an older build may be.
            command.arg("-Wl,--disable-new-dtags");
            // As RPATH, which comes before cargo's LD_LIBRARY_PATH: a folder there may have an older build of the library.
            command.arg(format!(
                "-Wl,--disable-new-dtags,-rpath,{}",
                folder.display()
            ));
        }
    }
    command.args(["-lpthread", "-ldl", "-lm"]);
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
