//! C programs on `evloop.h`: every call, each error, and what must not be done.

use std::process::Command;

use crate::bed::{Bed, Link, folder, link_with, not_run, run, tool};

/// Compiles a program, and runs all of its cases, or says that there is no compiler. What it skips is said.
fn runs(source: &str, link: Link) {
    let bed = Bed::new();
    if let Some(program) = bed.compile(source, link, &[]) {
        let output = run(Command::new(program).arg("all"));
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            assert!(line.starts_with("not run: "), "{line}");
            not_run(&line["not run: ".len()..]);
        }
    }
}

#[test]
fn every_call_does_what_the_header_says_linked_statically() {
    runs("handle_calls.c", Link::Static);
}

#[test]
fn every_call_does_what_the_header_says_linked_dynamically() {
    runs("handle_calls.c", Link::Shared);
}

#[test]
fn misuse_is_answered_with_an_error_linked_statically() {
    runs("handle_misuse.c", Link::Static);
}

#[test]
fn misuse_is_answered_with_an_error_linked_dynamically() {
    runs("handle_misuse.c", Link::Shared);
}

#[test]
fn memcheck_finds_nothing_in_either_program() {
    if tool("valgrind").is_none() {
        return;
    }
    let bed = Bed::new();
    for source in ["handle_calls.c", "handle_misuse.c"] {
        let Some(program) = bed.compile(source, Link::Static, &[]) else {
            return;
        };
        let mut command = Command::new("valgrind");
        command
            .args(["--quiet", "--error-exitcode=99", "--leak-check=full"])
            .args(["--errors-for-leak-kinds=definite", "--track-fds=yes"])
            .arg(program)
            .arg("all");
        run(&mut command);
    }
}

#[test]
fn the_program_that_says_what_calls_cost_runs() {
    let bed = Bed::new();
    let Some(program) = bed.compile("handle_cost.c", Link::Static, &["-O2"]) else {
        return;
    };
    let all = [
        "pointer", "check", "change", "arm", "add", "callback", "event",
    ];
    for name in all {
        let output = run(Command::new(&program).args([name, "2000"]));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.ends_with(" ns\n"), "{name}: {text}");
    }
}

#[test]
fn the_program_of_the_readme_runs() {
    let readme = include_str!("../../../README.md");
    let (_, behind) = readme.split_once("```c\n").expect("a program");
    let (source, _) = behind.split_once("```").expect("its end");
    let Some(mut command) = tool("cc") else {
        return;
    };
    let bed = Bed::new();
    let (file, program) = (bed.path().join("tick.c"), bed.path().join("tick"));
    std::fs::write(&file, source).expect("it is writable");
    command
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(folder("include"))
        .arg(file)
        .arg("-o")
        .arg(&program);
    link_with(&mut command, Link::Static);
    run(&mut command);
    let output = run(&mut Command::new(program));
    assert_eq!(output.stdout, b"hello\n");
}
