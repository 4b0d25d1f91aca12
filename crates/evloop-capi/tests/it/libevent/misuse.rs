//! What programs must not do does no harm in this library, by memcheck's account.

use std::path::Path;
use std::process::Command;

use crate::bed::{self, Bed};
use crate::libevent::libraries::{Library, compile, folder};

/// The cases of `misuse.c`, in its order.
const CASES: [&str; 13] = [
    "free_while_pending",
    "freed_memory_is_used_again",
    "double_free",
    "use_after_free",
    "use_after_base_free",
    "wrong_thread",
    "null_callback",
    "set_while_pending",
    "moved",
    "not_initialised",
    "closed_while_pending",
    "freed_buffers",
    "base_freed_by_its_callback",
];

/// What memcheck says of a run, and which cases came to their end.
fn memcheck(library: Library, program: &Path, arguments: &[&str], bed: &Bed) -> (String, String) {
    let log = bed.path().join("memcheck");
    let mut command = library.command("timeout").expect("it is linked");
    // A library may loop for good; then it is ended, and the account stands.
    command.args(["60", "valgrind", "--error-limit=no"]);
    command.arg(format!("--log-file={}", log.display()));
    let output = command
        .arg(program)
        .args(arguments)
        .output()
        .expect("it starts");
    let log = std::fs::read_to_string(log).expect("memcheck writes it");
    (log, String::from_utf8_lossy(&output.stdout).into_owned())
}

/// How many errors memcheck counted.
fn errors(log: &str) -> Option<u32> {
    let (_, count) = log.rsplit_once("ERROR SUMMARY: ")?;
    count.split(' ').next()?.parse().ok()
}

fn program(bed: &Bed) -> Option<std::path::PathBuf> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        bed::not_run("no `valgrind`");
        return None;
    }
    folder()?;
    compile(bed, "misuse.c")
}

#[test]
fn misuse_makes_no_error_of_memory_in_the_library() {
    let bed = Bed::new();
    let Some(program) = program(&bed) else {
        return;
    };
    // memcheck does not know the system calls of io_uring.
    for backend in ["epoll", "poll"] {
        let (log, ended) = memcheck(Library::Ours(backend), &program, &[], &bed);
        assert!(ended.lines().eq(CASES), "{backend}: {ended}{log}");
        assert_eq!(errors(&log), Some(0), "{backend}: {log}");
    }
}

#[test]
fn memcheck_sees_what_the_same_misuse_does_to_libevent_itself() {
    let bed = Bed::new();
    let Some(program) = program(&bed) else {
        return;
    };
    let (log, _) = memcheck(Library::Stock, &program, &["free_while_pending"], &bed);
    let count = errors(&log).expect("a summary");
    println!("free_while_pending: {count} errors");
    assert!(count > 0, "{log}");
}
