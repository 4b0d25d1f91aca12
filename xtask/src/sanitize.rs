//! C programs on memscope's C interface, with the sanitizers of C compilers and under memcheck.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::ci::{self, Step};
use crate::shell::cargo;
use crate::tools::Tool;
use crate::verbs::minutes;

/// A program of `examples/c`.
struct Program {
    name: &'static str,
    sources: &'static [&'static str],
    flags: &'static [&'static str],
    arguments: &'static [&'static str],
    needs: Option<Tool>,
}

const STRESS: Program = Program {
    name: "stress",
    sources: &["stress.c"],
    flags: &[],
    arguments: &["10", "4"],
    needs: None,
};

const SERVER: Program = Program {
    name: "server",
    sources: &["uv/server.c"],
    flags: &["-D_GNU_SOURCE", "-luv", "-ldl"],
    arguments: &["{folder}/plugin.so", "200"],
    needs: Some(Tool::LibUv),
};

/// Builds the library, and runs the stress program and the event-driven server under each detector.
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
    let arguments = ["build", "--release", "-p", "memscope-capi", "--target-dir"];
    let mut library = cargo(root, None, &arguments);
    library.arg(&target);
    let mut steps = vec![Step::new("the C library".to_owned(), library)];
    let compilers: [(&str, &[Tool], &[Tool]); 2] = [
        ("gcc", &[Tool::Gcc], &[Tool::Gcc, Tool::LibUv]),
        ("clang", &[Tool::Clang], &[Tool::Clang, Tool::LibUv]),
    ];
    let sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    for (compiler, alone, with_uv) in compilers {
        for program in [&STRESS, &SERVER] {
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
    steps.extend(quick.steps(root, "gcc", &[], needs, &memcheck));
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
            let plugin = compile(
                root,
                compiler,
                flags,
                &["uv/plugin.c"],
                &folder.join("plugin.so"),
            );
            steps.push(with(
                plugin,
                &["-shared", "-fPIC"],
                "build the plug-in",
                needs,
            ));
        }
        let program = compile(root, compiler, flags, self.sources, &built);
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
}

fn with(mut command: Command, flags: &[&str], name: &str, needs: &'static [Tool]) -> Step {
    command.args(flags);
    Step::new(name.to_owned(), command).needs(needs)
}

fn compile(root: &Path, compiler: &str, flags: &[&str], sources: &[&str], to: &Path) -> Command {
    let libraries = target(root).join("release");
    let mut command = Command::new(compiler);
    command
        .args([
            "-std=c99", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread",
        ])
        .args(flags)
        .arg("-I")
        .arg(root.join("crates/memscope-capi/include"))
        .args(sources.iter().map(|it| root.join("examples/c").join(it)))
        .arg("-o")
        .arg(to)
        .arg("-L")
        .arg(&libraries)
        .arg("-lmemscope_capi")
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .current_dir(root);
    command
}

fn target(root: &Path) -> PathBuf {
    root.join("target/sanitize")
}

/// Where the programs are put: beside the library.
fn folder(root: &Path) -> PathBuf {
    target(root).join("release")
}
