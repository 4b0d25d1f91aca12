//! The header by itself.

use std::process::Command;

use crate::bed::{self, Bed};

fn compiles(compiler: &str, flags: &[&str], name: &str, text: &str) {
    let Some(mut command) = bed::compiler(compiler) else {
        return;
    };
    let bed = Bed::new();
    let source = bed.path().join(name);
    std::fs::write(&source, text).expect("it is writable");
    command
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"])
        .args(flags)
        .arg("-I")
        .arg(bed::include_folder())
        .arg(&source);
    bed::run(&mut command);
}

const TWICE: &str = "#include \"memscope.h\"\n#include \"memscope.h\"\nint main(void) { ms_free(ms_alloc(1)); return 0; }\n";

#[test]
fn the_header_is_c99_without_a_warning_also_twice_and_off() {
    for compiler in ["cc", "clang"] {
        for off in ["-DMEMSCOPE_ON", "-DMEMSCOPE_OFF"] {
            compiles(compiler, &["-std=c99", off], "twice.c", TWICE);
        }
    }
}

#[test]
fn the_header_is_cpp_without_a_warning_also_twice_and_off() {
    for compiler in ["g++", "clang++"] {
        for off in ["-DMEMSCOPE_ON", "-DMEMSCOPE_OFF"] {
            compiles(compiler, &["-std=c++11", off], "twice.cpp", TWICE);
        }
    }
}

#[test]
fn the_header_declares_every_function_that_the_library_has_and_no_other() {
    let library = bed::library_folder().join("libmemscope_capi.so");
    let mut command = Command::new("nm");
    command.args(["--dynamic", "--defined-only"]).arg(&library);
    if Command::new("nm").arg("--version").output().is_err() {
        return bed::not_run("no `nm`, of binutils");
    }
    let output = bed::run(&mut command);
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split(' ').next_back());
    let mut exported: Vec<&str> = names.filter(|name| name.starts_with("ms_")).collect();
    exported.sort_unstable();
    let header = std::fs::read_to_string(bed::include_folder().join("memscope.h")).unwrap();
    let mut declared: Vec<&str> = header.lines().filter_map(declared_name).collect();
    declared.sort_unstable();
    assert_eq!(exported, declared);
}

/// The function that a line declares.
fn declared_name(line: &str) -> Option<&str> {
    let is_declaration = line.ends_with(");") && !line.starts_with([' ', '#', '/', '*']);
    let head = line.split('(').next().filter(|_| is_declaration)?;
    let name = head.rsplit([' ', '*']).next()?;
    name.starts_with("ms_").then_some(name)
}
