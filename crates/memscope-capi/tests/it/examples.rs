//! The C examples of the repository: built and run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::bed::{self, Bed, compiler, line_of, not_run, run};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/c")
}

/// Compiles an example; `None`, and said, where `library` is not installed.
fn build(
    bed: &Bed,
    source: &str,
    library: Option<(&str, &str)>,
    flags: &[&str],
) -> Option<PathBuf> {
    if let Some((header, package)) = library {
        let asks = format!("#include <{header}>\nint main(void) {{ return 0; }}\n");
        let probe = bed.path().join("probe.c");
        std::fs::write(&probe, asks).expect("it is writable");
        let mut command = compiler("cc")?;
        command.arg("-fsyntax-only").args(flags).arg(&probe);
        if !command.output().expect("it starts").status.success() {
            not_run(&format!("`{package}` is not installed"));
            return None;
        }
    }
    let program = bed.path().join(source.replace(['/', '.'], "-"));
    let mut command = compiler("cc")?;
    let libraries = bed::library_folder();
    command
        .args(["-std=c99", "-g", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(bed::include_folder())
        .arg(folder().join(source))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(&libraries)
        .arg("-lmemscope_capi")
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .arg("-pthread")
        .args(flags);
    run(&mut command);
    Some(program)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn says(output: &Output, wanted: &str) {
    let found = text(&output.stdout);
    assert!(found.contains(wanted), "no `{wanted}` in `{found}`");
    assert_eq!(text(&output.stderr), "");
}

const UV: Option<(&str, &str)> = Some(("uv.h", "libuv1-dev"));

#[test]
fn a_libuv_server_with_a_worker_pool_and_a_plug_in_keeps_one_account() {
    let bed = Bed::new();
    let Some(server) = build(&bed, "uv/server.c", UV, &["-D_GNU_SOURCE", "-luv", "-ldl"]) else {
        return;
    };
    let Some(plugin) = build(&bed, "uv/plugin.c", None, &["-shared", "-fPIC"]) else {
        return;
    };
    let output = run(Command::new(&server).arg(&plugin).arg("300"));
    says(&output, "300 requests, 300 neutral");
    // What the plug-in allocated and nobody freed is told with the plug-in's line.
    let mut leaking = Command::new(&server);
    let output = leaking
        .arg(&plugin)
        .args(["300", "--leak"])
        .output()
        .expect("it starts");
    assert!(!output.status.success());
    let source = std::fs::read_to_string(folder().join("uv/plugin.c")).expect("it is there");
    let line = format!(
        "plugin.c:{}: 1 block of",
        line_of(&source, "the plug-in's block")
    );
    let found = text(&output.stderr);
    assert!(
        found.contains(&line) && found.contains("in scope `request#"),
        "{found}"
    );
}

#[test]
fn coroutines_of_ucontext_keep_their_scope_across_yields_and_threads() {
    let bed = Bed::new();
    if let Some(program) = build(&bed, "coroutines.c", None, &[]) {
        says(
            &run(&mut Command::new(program)),
            "8 coroutines, 6 yields each on two threads, 0 wrong",
        );
    }
}

#[test]
fn lua_allocates_by_the_library_and_its_coroutines_have_scopes() {
    let bed = Bed::new();
    let flags = ["-I/usr/include/lua5.4", "-llua5.4"];
    let lua = Some(("lua.h", "liblua5.4-dev"));
    if let Some(program) = build(&bed, "lua.c", lua, &flags) {
        says(
            &run(&mut Command::new(program)),
            "4 coroutines, 5 yields each, 0 wrong",
        );
    }
}

#[test]
fn threads_that_free_each_others_blocks_are_neutral_at_every_checkpoint() {
    let bed = Bed::new();
    if let Some(program) = build(&bed, "stress.c", None, &[]) {
        says(
            &run(Command::new(program).args(["5", "4"])),
            "neutral at every checkpoint",
        );
    }
}

#[test]
fn the_benchmark_runs() {
    let bed = Bed::new();
    if let Some(program) = build(&bed, "bench.c", None, &["-fno-builtin"]) {
        says(
            &run(Command::new(program).args(["1000", "1"])),
            "one thread: malloc(64)",
        );
    }
}
