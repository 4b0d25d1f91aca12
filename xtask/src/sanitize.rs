//! C programs on the C interfaces of memscope and evloop, with the sanitizers of C compilers and under memcheck.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::ci::{self, Step};
use crate::shell::cargo;
use crate::tools::Tool;
use crate::verbs::minutes;

/// What programs are written for.
struct Library {
    package: &'static str,
    /// Where the programs are.
    folder: &'static str,
    link: &'static str,
}

const MEMSCOPE: Library = Library {
    package: "memscope-capi",
    folder: "examples/c",
    link: "-lmemscope_capi",
};

const EVLOOP: Library = Library {
    package: "evloop-capi",
    folder: "crates/evloop-capi/tests/c",
    // Statically: a detector sees what is freed in the library too.
    link: "-l:libevloop_capi.a",
};

/// A program in C.
struct Program {
    name: &'static str,
    library: &'static Library,
    sources: &'static [&'static str],
    flags: &'static [&'static str],
    arguments: &'static [&'static str],
    needs: Option<Tool>,
}

const STRESS: Program = Program {
    name: "stress",
    library: &MEMSCOPE,
    sources: &["stress.c"],
    flags: &[],
    arguments: &["10", "4"],
    needs: None,
};

const SERVER: Program = Program {
    name: "server",
    library: &MEMSCOPE,
    sources: &["uv/server.c"],
    flags: &["-D_GNU_SOURCE", "-luv", "-ldl"],
    arguments: &["{folder}/plugin.so", "200"],
    needs: Some(Tool::LibUv),
};

const CALLS: Program = Program {
    name: "handle_calls",
    library: &EVLOOP,
    sources: &["handle_calls.c"],
    flags: &["-ldl", "-lm"],
    arguments: &["all"],
    needs: None,
};

const MISUSE: Program = Program {
    name: "handle_misuse",
    sources: &["handle_misuse.c"],
    ..CALLS
};

/// Builds the libraries, and runs memscope's stress program and event-driven server, and the programs on evloop's handles,
/// under each detector.
///
/// # Errors
/// A program cannot be started.
pub fn run(root: &Path) -> Result<bool> {
    ci::run_steps(steps(root))
}

/// The steps, in the order in which they need each other.
#[must_use]
pub fn steps(root: &Path) -> Vec<Step> {
    let target = target(root).display().to_string();
    let mut arguments = vec!["build", "--release", "--target-dir", target.as_str()];
    for library in [&MEMSCOPE, &EVLOOP] {
        arguments.extend(["-p", library.package]);
    }
    let libraries = cargo(root, None, &arguments);
    let mut steps = vec![Step::new("the C libraries".to_owned(), libraries)];
    let compilers: [(&str, &[Tool], &[Tool]); 2] = [
        ("gcc", &[Tool::Gcc], &[Tool::Gcc, Tool::LibUv]),
        ("clang", &[Tool::Clang], &[Tool::Clang, Tool::LibUv]),
    ];
    let sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    for (compiler, alone, with_uv) in compilers {
        for program in [&STRESS, &SERVER, &CALLS, &MISUSE] {
            let needs = if program.needs.is_some() {
                with_uv
            } else {
                alone
            };
            steps.extend(program.steps(root, compiler, &sanitizers, needs, &[]));
        }
    }
    let memcheck = [
        "valgrind",
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
    ];
    let quick = Program {
        arguments: &["2", "2"],
        ..STRESS
    };
    let needs = &[Tool::Gcc, Tool::Valgrind];
    for program in [&quick, &CALLS, &MISUSE] {
        steps.extend(program.steps(root, "gcc", &[], needs, &memcheck));
    }
    let needs = &[Tool::Gcc, Tool::Valgrind, Tool::LibUv];
    steps.extend(SERVER.steps(root, "gcc", &[], needs, &memcheck));
    steps
}

impl Program {
    /// Compiles it, and runs it under `runner`.
    fn steps(
        &self,
        root: &Path,
        compiler: &str,
        flags: &[&str],
        needs: &'static [Tool],
        runner: &[&str],
    ) -> Vec<Step> {
        let folder = folder(root);
        let label = match runner.first() {
            Some(runner) => format!("{} under {runner}", self.name),
            None => format!("{} of {compiler}, asan and ubsan", self.name),
        };
        let built = folder.join(format!("{}-{compiler}", self.name));
        let mut steps = Vec::new();
        if self.needs.is_some() {
            let sources = &["uv/plugin.c"];
            let plugin = self.compile(root, compiler, flags, sources, &folder.join("plugin.so"));
            steps.push(with(
                plugin,
                &["-shared", "-fPIC"],
                "build the plug-in",
                needs,
            ));
        }
        let program = self.compile(root, compiler, flags, self.sources, &built);
        steps.push(with(program, self.flags, &format!("build {label}"), needs));
        let mut command = match runner {
            [] => Command::new(&built),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(&built);
                command
            }
        };
        let place = folder.display().to_string();
        let arguments = self
            .arguments
            .iter()
            .map(|it| it.replace("{folder}", &place));
        command.args(arguments).current_dir(root);
        steps.push(Step::new(label, command).needs(needs).limit(minutes(10)));
        steps
    }

    fn compile(
        &self,
        root: &Path,
        compiler: &str,
        flags: &[&str],
        sources: &[&str],
        to: &Path,
    ) -> Command {
        let libraries = target(root).join("release");
        let mut command = Command::new(compiler);
        command
            .args([
                "-std=c99", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread",
            ])
            .args(flags)
            .arg("-I")
            .arg(
                root.join("crates")
                    .join(self.library.package)
                    .join("include"),
            )
            .args(
                sources
                    .iter()
                    .map(|it| root.join(self.library.folder).join(it)),
            )
            .arg("-o")
            .arg(to)
            .arg("-L")
            .arg(&libraries)
            .arg(self.library.link)
            .arg(format!("-Wl,-rpath,{}", libraries.display()))
            .current_dir(root);
        command
    }
}

fn with(mut command: Command, flags: &[&str], name: &str, needs: &'static [Tool]) -> Step {
    command.args(flags);
    Step::new(name.to_owned(), command).needs(needs)
}

fn target(root: &Path) -> PathBuf {
    root.join("target/sanitize")
}

/// Where the programs are put: beside the library.
fn folder(root: &Path) -> PathBuf {
    target(root).join("release")
}
