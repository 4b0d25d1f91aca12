//! Sequences of calls do the same with both libraries.

use crate::bed::{self, Bed};
use crate::libevent::libraries::{Library, backends, compile, folder, told};

fn run(library: Library, program: &std::path::Path, arguments: &[&str]) -> String {
    let mut command = library.command(program).expect("it is linked");
    let output = command.args(arguments).output().expect("it starts");
    told(&output).to_owned()
}

fn is_the_same(case: &str) {
    is_the_same_in("sequences.c", case);
}

/// Runs a case of a program with libevent itself, and under each backend of this library with and without a lock.
fn is_the_same_in(source: &str, case: &str) {
    let bed = Bed::new();
    let (Some(program), Some(_)) = (compile(&bed, source), folder()) else {
        return;
    };
    let stock = run(Library::Stock, &program, &[case]);
    assert!(stock.ends_with("end\n"), "{stock}");
    for backend in backends() {
        for arguments in [&[case][..], &[case, "nolock"]] {
            let ours = run(Library::Ours(backend), &program, arguments);
            assert_eq!(ours, stock, "{backend}, {arguments:?}");
        }
    }
}

#[test]
fn descriptors_are_told_as_libevent_tells_them() {
    is_the_same("io");
}

#[test]
fn timers_come_in_their_order_and_not_before_their_time() {
    is_the_same("timers");
}

#[test]
fn events_that_stay_have_their_time_again_and_again() {
    is_the_same("persist");
}

#[test]
fn the_loop_ends_as_libevent_ends_it() {
    is_the_same("flags");
}

#[test]
fn callbacks_free_and_delete_and_add_again() {
    is_the_same("callbacks");
}

#[test]
fn zeroed_events_are_refused_and_do_no_harm() {
    is_the_same("zeroed");
}

#[test]
fn the_functions_without_a_base_use_that_of_event_init() {
    is_the_same("old");
}

#[test]
fn signals_are_counted_and_given_back() {
    is_the_same("signals");
}

#[test]
fn the_child_of_a_fork_has_a_loop_of_its_own() {
    is_the_same("child");
}

#[test]
fn buffers_have_the_same_in_them() {
    is_the_same_in("buffers.c", "buffers");
}

#[test]
fn bufferevents_read_write_and_end_as_libevent_s_do() {
    is_the_same_in("buffers.c", "bufferevents");
}

#[test]
fn the_structures_are_those_of_the_system_s_header() {
    let bed = Bed::new();
    let (Some(program), Some(_)) = (compile(&bed, "layout.c"), folder()) else {
        return;
    };
    for library in [Library::Stock, Library::Ours("epoll")] {
        run(library, &program, &[]);
    }
}

/// What `EVENT_SHOW_METHOD` has the library say with these variables.
fn shown(program: &std::path::Path, variables: &[(&str, &str)]) -> String {
    let mut command = Library::Ours("").command(program).expect("it is linked");
    command.env_remove("EVLOOP_BACKEND");
    command.env("EVENT_SHOW_METHOD", "1").arg("io");
    command.envs(variables.iter().copied());
    let output = command.output().expect("it starts");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_environment_chooses_the_backend() {
    let bed = Bed::new();
    let (Some(program), Some(_)) = (compile(&bed, "sequences.c"), folder()) else {
        return;
    };
    let (epoll, poll) = (
        "[msg] libevent using: epoll\n",
        "[msg] libevent using: poll\n",
    );
    assert_eq!(shown(&program, &[]), epoll);
    assert_eq!(shown(&program, &[("EVENT_NOEPOLL", "1")]), poll);
    assert_eq!(shown(&program, &[("EVENT_NOPOLL", "1")]), epoll);
    let both = [("EVENT_NOEPOLL", "1"), ("EVLOOP_BACKEND", "epoll")];
    assert_eq!(shown(&program, &both), epoll);
    let none = [("EVENT_NOEPOLL", "1"), ("EVENT_NOPOLL", "1")];
    assert!(shown(&program, &none).contains("no event mechanism is left"));
    let unknown = shown(&program, &[("EVLOOP_BACKEND", "kqueue")]);
    assert!(
        unknown.contains("is ignored") && unknown.ends_with(epoll),
        "{unknown}"
    );
}

#[test]
fn the_libraries_export_what_is_listed_and_nothing_else() {
    let Some(folder) = folder() else {
        return;
    };
    let Some(_) = bed::tool("nm") else {
        return;
    };
    let listed = std::fs::read_to_string(bed::folder("libevent/exports.txt")).unwrap();
    for library in ["libevent-2.1.so.7", "libevent_core-2.1.so.7"] {
        let mut nm = std::process::Command::new("nm");
        nm.args(["--dynamic", "--defined-only", "--format=just-symbols"]);
        let output = bed::run(nm.arg(folder.join(library)));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), listed);
        let mut readelf = std::process::Command::new("readelf");
        let output = bed::run(readelf.arg("--dynamic").arg(folder.join(library)));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains(&format!("Library soname: [{library}]")),
            "{text}"
        );
    }
}
