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
    /// Without the library.
    Nothing,
}

/// Where cargo puts the library that this binary is built with: beside it.
pub(crate) fn library_folder() -> PathBuf {
    let exe = std::env::current_exe().expect("this program has a path");
    exe.parent().expect("it is in a folder").to_owned()
}

pub(crate) fn include_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// What compiles C, or says that there is nothing.
pub(crate) fn compiler(name: &str) -> Option<Command> {
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

    /// Compiles a file of `tests/c`; `None`, and said, where there is no compiler.
    pub(crate) fn compile(&self, source: &str, link: Link, flags: &[&str]) -> Option<PathBuf> {
        let program = self
            .folder
            .path()
            .join(format!("{}-{link:?}", source.replace('/', "-")));
        let mut command = compiler("cc")?;
        command
            .args([
                "-std=c99",
                "-g",
                "-Wall",
                "-Wextra",
                "-Wpedantic",
                "-Werror",
            ])
            .arg("-I")
            .arg(include_folder())
            .arg(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("tests/c")
                    .join(source),
            )
            .arg("-o")
            .arg(&program)
            .args(flags);
        let folder = library_folder();
        match link {
            Link::Static => {
                command.arg(folder.join("libmemscope_capi.a"));
                command.args(["-lpthread", "-ldl", "-lm"]);
            }
            Link::Shared => {
                command.arg("-L").arg(&folder).arg("-lmemscope_capi");
                // As RPATH, which comes before cargo's LD_LIBRARY_PATH: a folder there may have an older build of the library.
                command.arg(format!(
                    "-Wl,--disable-new-dtags,-rpath,{}",
                    folder.display()
                ));
                command.arg("-lpthread");
            }
            Link::Nothing => {}
        }
        run(&mut command);
        Some(program)
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

/// The line of a C file that has a comment with this text.
pub(crate) fn line_of(source: &str, comment: &str) -> usize {
    let wanted = format!("/* {comment} */");
    let at = source.lines().position(|line| line.contains(&wanted));
    at.unwrap_or_else(|| panic!("no line with {wanted}")) + 1
}
