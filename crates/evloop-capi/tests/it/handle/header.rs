//! `evloop.h` by itself, and beside what the library has.

use std::fmt::Write as _;
use std::process::Command;

use evloop_capi::handle::{Abi, Callback, Options, Stats, Status, Task, Timer};

use crate::bed::{self, Bed, run, tool};

const TWICE: &str = "#include \"evloop.h\"\n#include \"evloop.h\"\n\
    int main(void) { evloop_options o = EVLOOP_OPTIONS_INIT; return (int)o.flags; }\n";

fn header() -> String {
    let path = bed::folder("include/evloop.h");
    std::fs::read_to_string(path).expect("the header is there")
}

fn layouts() -> [(&'static str, Vec<(&'static str, usize)>); 6] {
    [
        ("evloop_abi", Abi::layout()),
        ("evloop_options", Options::layout()),
        ("evloop_callback", Callback::layout()),
        ("evloop_task", Task::layout()),
        ("evloop_timer", Timer::layout()),
        ("evloop_stats", Stats::layout()),
    ]
}

/// What the library has, as the programs below print it.
fn expected() -> String {
    let mut text = String::new();
    for (name, fields) in layouts() {
        for (field, value) in fields {
            writeln!(text, "{name}.{field} {value}").expect("a string takes it");
        }
    }
    for (status, name, _) in Status::ALL {
        writeln!(text, "{name} {}", status.0).expect("a string takes it");
    }
    text
}

/// A program in C, C++ or Zig that prints the same of the header: `format` writes a line.
fn program(begin: &str, end: &str, format: impl Fn(&str, &str, &str) -> String) -> String {
    let mut text = begin.to_owned();
    for (name, fields) in layouts() {
        for (field, _) in fields {
            text.push_str(&format(&format!("{name}.{field}"), name, field));
        }
    }
    for (_, name, _) in Status::ALL {
        text.push_str(&format(name, name, ""));
    }
    text + end
}

fn c_line(align: &str, label: &str, name: &str, field: &str) -> String {
    let value = match field {
        "" => name.to_owned(),
        "sizeof" => format!("sizeof({name})"),
        "alignof" => align.replace("TYPE", name),
        field => format!("offsetof({name}, {field})"),
    };
    format!("    printf(\"{label} %d\\n\", (int)({value}));\n")
}

fn compiles(compiler: &str, flags: &[&str], name: &str, text: &str) -> Option<String> {
    let mut command = tool(compiler)?;
    let bed = Bed::new();
    let source = bed.path().join(name);
    std::fs::write(&source, text).expect("it is writable");
    let program = bed.path().join("program");
    command
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(flags)
        .arg("-I")
        .arg(bed::folder("include"))
        .arg(&source)
        .arg("-o")
        .arg(&program);
    run(&mut command);
    let output = run(&mut Command::new(program));
    Some(String::from_utf8(output.stdout).expect("it prints text"))
}

#[test]
fn the_header_is_c99_and_cpp_without_a_warning_also_twice() {
    for compiler in ["cc", "clang"] {
        compiles(compiler, &["-std=c99"], "twice.c", TWICE);
    }
    for compiler in ["g++", "clang++"] {
        compiles(compiler, &["-std=c++11"], "twice.cpp", TWICE);
    }
}

#[test]
fn structures_and_numbers_are_the_librarys_in_c99() {
    let begin = "#include \"evloop.h\"\n#include <stdio.h>\nint main(void) {\n";
    let align = "offsetof(struct { char before; TYPE it; }, it)";
    let text = program(begin, "    return 0;\n}\n", |label, name, field| {
        c_line(align, label, name, field)
    });
    if let Some(found) = compiles("cc", &["-std=c99"], "layout.c", &text) {
        assert_eq!(found, expected());
    }
}

#[test]
fn structures_and_numbers_are_the_librarys_in_cpp() {
    let begin = "#include \"evloop.h\"\n#include <cstdio>\nint main() {\n";
    let text = program(begin, "    return 0;\n}\n", |label, name, field| {
        c_line("alignof(TYPE)", label, name, field)
    });
    if let Some(found) = compiles("g++", &["-std=c++11"], "layout.cpp", &text) {
        assert_eq!(found, expected());
    }
}

/// `zig` of PyPI's `ziglang`, or the system's.
fn zig() -> Option<Vec<&'static str>> {
    let ways: [&[&str]; 2] = [&["zig"], &["python3", "-m", "ziglang"]];
    let works = |way: &&&[&str]| {
        let found = Command::new(way[0]).args(&way[1..]).arg("version").output();
        found.is_ok_and(|output| output.status.success())
    };
    let found = ways.iter().find(works).map(|way| way.to_vec());
    if found.is_none() {
        bed::not_run("no `zig`; `pip install ziglang` has it");
    }
    found
}

fn zig_line(label: &str, name: &str, field: &str) -> String {
    let value = match field {
        "" => format!("c.{name}"),
        "sizeof" => format!("@sizeOf(c.{name})"),
        "alignof" => format!("@alignOf(c.{name})"),
        field => format!("@offsetOf(c.{name}, \"{field}\")"),
    };
    format!("    _ = c.printf(\"{label} %d\\n\", @as(c_int, @intCast({value})));\n")
}

#[test]
fn a_client_in_zig_runs_and_structures_and_numbers_are_the_librarys() {
    let Some(zig) = zig() else {
        return;
    };
    let bed = Bed::new();
    let run_zig = |arguments: &[&str]| {
        let mut command = Command::new(zig[0]);
        command.args(&zig[1..]).args(arguments);
        run(command.current_dir(bed.path()))
    };
    let begin = "const c = @import(\"c\");\npub fn print() void {\n";
    let put = |name: &str, text: &[u8]| {
        std::fs::write(bed.path().join(name), text).expect("it is writable");
    };
    put("layout.zig", program(begin, "}\n", zig_line).as_bytes());
    put("all.h", b"#include <stdio.h>\n#include \"evloop.h\"\n");
    let include = bed::folder("include").display().to_string();
    let translated = run_zig(&["translate-c", "all.h", "-lc", "-I", &include]);
    put("c.zig", &translated.stdout);
    let client = bed::folder("tests/c/handle.zig").display().to_string();
    let library = bed::library_folder().display().to_string();
    let root = format!("-Mroot={client}");
    let built = ["-femit-bin=client", "-lc", "-levloop_capi"];
    let modules = ["--dep", "c", "--dep", "layout", &root, "-Mc=c.zig"];
    let rest = ["--dep", "c", "-Mlayout=layout.zig"];
    let place = ["-L", &library, "-rpath", &library];
    let arguments = [&["build-exe"][..], &modules, &rest, &built, &place].concat();
    run_zig(&arguments);
    let mut client = Command::new(bed.path().join("client"));
    let output = run(client.env_remove("LD_LIBRARY_PATH"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected());
}

#[test]
fn the_header_declares_every_function_that_the_library_has_and_no_other() {
    if tool("nm").is_none() {
        return;
    }
    let library = bed::library_folder().join("libevloop_capi.so");
    let mut command = Command::new("nm");
    command.args(["--dynamic", "--defined-only"]).arg(&library);
    let output = run(&mut command);
    let text = String::from_utf8(output.stdout).expect("names are text");
    let names = text.lines().filter_map(|line| line.split(' ').next_back());
    let mut exported: Vec<&str> = names.filter(|name| name.starts_with("evloop_")).collect();
    exported.sort_unstable();
    assert_eq!(exported, declared(&header()));
}

/// What types of the library are called in the header.
const NAMES: &[(&str, &str)] = &[
    ("Status", "evloop_status"),
    ("LoopHandle", "evloop_loop"),
    ("WatchHandle", "evloop_watch"),
    ("DataHandle", "evloop_data"),
    ("WakerHandle", "evloop_waker"),
    ("Interest", "evloop_interest"),
    ("DestroyFn", "evloop_destroy_fn"),
    ("Abi", "evloop_abi"),
    ("Options", "evloop_options"),
    ("Callback", "evloop_callback"),
    ("Task", "evloop_task"),
    ("Timer", "evloop_timer"),
    ("Stats", "evloop_stats"),
];

/// A C compiler refuses a second declaration of a function that differs from the first.
#[test]
fn the_functions_have_the_types_that_the_header_says() {
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        no_includes: true,
        after_includes: Some("#include \"evloop.h\"".to_owned()),
        ..cbindgen::Config::default()
    };
    config.export.item_types = vec![cbindgen::ItemType::Functions];
    let renamed = NAMES.iter().map(|(rust, c)| ((*rust).into(), (*c).into()));
    config.export.rename = renamed.collect();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in ["loops", "shared", "text", "wakers", "watches"] {
        builder = builder.with_src(bed::folder(&format!("src/handle/exports/{file}.rs")));
    }
    let bed = Bed::new();
    let source = bed.path().join("declared.c");
    let bindings = builder.generate().expect("the sources are read");
    bindings.write_to_file(&source);
    let text = std::fs::read_to_string(&source).expect("it was written");
    // A function that may be null is a pointer in C; the generator does not look into the type's name.
    let text = text.replace("Option<evloop_destroy_fn>", "evloop_destroy_fn");
    std::fs::write(&source, &text).expect("it is writable");
    for name in declared(&header()) {
        assert!(text.contains(&format!(" {name}(")), "{name}: {text}");
    }
    if let Some(mut command) = tool("cc") {
        command.args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]);
        run(command.arg("-I").arg(bed::folder("include")).arg(&source));
    }
}

/// The functions that the header declares, sorted.
fn declared(header: &str) -> Vec<&str> {
    let heads = ["evloop_status ", "uint32_t evloop_"];
    let lines = header
        .lines()
        .filter(|line| heads.iter().any(|head| line.starts_with(head)));
    let mut names: Vec<&str> = lines
        .filter_map(|line| line.split('(').next()?.split(' ').nth(1))
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn every_status_has_its_number_and_a_text() {
    let header = header();
    for (status, name, text) in Status::ALL {
        assert!(header.contains(&format!("{name} = {}", status.0)), "{name}");
        assert_eq!(status.text(), *text);
    }
}
