//! AddressSanitizer and memcheck find a pointer that was kept too long.
//!
//! Each test builds a program of its own for the checker, and runs it with one mistake after another.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{no_other_program, not_run};

/// How the program of `tests/planted/stale.rs` is wrong.
const WRONG: [&str; 5] = ["reset", "rewind", "child", "leftover", "beyond"];
const RIGHT: [&str; 2] = ["live", "reused"];

#[test]
fn address_sanitizer_finds_a_use_after_a_reset() {
    let build = |()| Built::build("asan", "", "-Zsanitizer=address");
    let Some(built) = unless(no_other_program().or_else(no_linux)).and_then(build) else {
        return;
    };
    let program = &built.program;
    for way in RIGHT {
        assert_ran(way, &run(Command::new(program).arg(way)));
    }
    for way in WRONG {
        let output = run(Command::new(program).arg(way));
        let report = String::from_utf8_lossy(&output.stderr);
        assert!(report.contains("use-after-poison"), "{way}: {report}");
        assert!(report.contains("stale::main"), "{way}: {report}");
    }
}

#[test]
fn memcheck_finds_a_use_after_a_reset() {
    let build = |()| Built::build("memcheck", "\"valgrind\"", "");
    let Some(built) = unless(no_other_program().or_else(no_valgrind)).and_then(build) else {
        return;
    };
    let program = &built.program;
    let valgrind = |way: &str| {
        let mut command = Command::new("valgrind");
        command
            .args(["-q", "--error-exitcode=9"])
            .arg(program)
            .arg(way);
        run(&mut command)
    };
    for way in RIGHT {
        assert_ran(way, &valgrind(way));
    }
    for way in WRONG {
        let output = valgrind(way);
        let report = String::from_utf8_lossy(&output.stderr);
        assert!(report.contains("Invalid read of size 8"), "{way}: {report}");
        assert_eq!(output.status.code(), Some(9), "{way}");
    }
    // Outside Valgrind the requests do nothing.
    for way in RIGHT {
        assert_ran(way, &run(Command::new(program).arg(way)));
    }
}

fn assert_ran(way: &str, output: &Output) {
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && report.is_empty(),
        "{way}: {report}"
    );
    assert_eq!(output.stdout, b"read 0x7\n", "{way}");
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// The program, as a package that depends on this crate alone.
struct Built {
    program: PathBuf,
    /// Its folder is this test's until the end: further runs of the tests may build in it too.
    _turn: File,
}

impl Built {
    /// `None` where it cannot be built.
    fn build(name: &str, feature: &str, flags: &str) -> Option<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stale-{name}"));
        fs::create_dir_all(folder.join("src")).unwrap();
        let turn = File::create(folder.join("turn")).unwrap();
        turn.lock().unwrap();
        lay_out(&folder, feature);
        let host = host();
        let output = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet", "--target", &host])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", flags)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("RUSTC_WRAPPER")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() && errors.contains("error: no matching package") {
            unless(Some("the registry's index is not there"))?;
        }
        assert!(output.status.success(), "{errors}");
        Some(Self {
            program: folder.join("target").join(host).join("debug/stale"),
            _turn: turn,
        })
    }
}

fn lay_out(folder: &Path, feature: &str) {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = format!(
        "[workspace]\n[package]\nname = \"stale\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [dependencies]\nmemscope = {{ path = {crate_root:?}, features = [{feature}] }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let lock = crate_root.join("../../Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock")).unwrap();
    let program = crate_root.join("tests/planted/stale.rs");
    fs::copy(program, folder.join("src/main.rs")).unwrap();
}

fn host() -> String {
    let version = run(Command::new("rustc").arg("-vV"));
    let text = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

/// Nothing, with a word to the terminal, where there is a reason not to go on.
fn unless(reason: Option<&'static str>) -> Option<()> {
    let Some(reason) = reason else {
        return Some(());
    };
    not_run(reason);
    None
}

fn no_linux() -> Option<&'static str> {
    (!cfg!(target_os = "linux")).then_some("the sanitizer's runtime is asked for on Linux alone")
}

fn no_valgrind() -> Option<&'static str> {
    let found = Command::new("valgrind").arg("--version").output();
    found.is_err().then_some("valgrind is not installed")
}
