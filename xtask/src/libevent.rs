//! The libraries that programs built for libevent load, and programs that run with them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::ci::{self, Step};
use crate::shell::cargo;
use crate::verbs::minutes;

const LIBRARIES: [&str; 2] = ["libevent-2.1.so.7", "libevent_core-2.1.so.7"];

/// Arguments of `cargo xtask libevent`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Then run Debian's memcached and tmux with them, 100,000 keys, and with libevent itself
    #[arg(long)]
    programs: bool,
}

/// Builds the libraries into `target/libevent`, and compares what they export with the list.
///
/// # Errors
/// A program cannot be started, or the list cannot be read.
pub fn run(root: &Path, arguments: &Arguments) -> Result<bool> {
    let folder = root.join("target/libevent");
    let target = folder.join("build").display().to_string();
    let build = ["build", "--release", "-p", "evloop-capi", "--target-dir"];
    let mut build = cargo(root, None, &build);
    build.arg(&target);
    let room = root.join("crates/evloop-capi/libevent");
    let mut link = Command::new(room.join("link.sh"));
    link.arg(folder.join("build/release/libevloop_capi.a"))
        .arg(&folder);
    let steps = vec![
        Step::new("the static library".to_owned(), build),
        Step::new("libevent's names".to_owned(), link),
    ];
    if !ci::run_steps(steps)? {
        return Ok(false);
    }
    let listed = std::fs::read_to_string(room.join("exports.txt"))
        .context("failed to read the list of exports")?;
    let mut is_same = true;
    for library in LIBRARIES {
        let exported = exports(&folder.join(library))?;
        for line in differences(&listed, &exported) {
            println!("{library}: {line}");
            is_same = false;
        }
    }
    if !is_same || !arguments.programs {
        return Ok(is_same);
    }
    ci::run_steps(vec![programs(root)])
}

/// What a library exports, one name a line.
fn exports(library: &Path) -> Result<String> {
    let mut nm = Command::new("nm");
    nm.args(["--dynamic", "--defined-only", "--format=just-symbols"]);
    let output = nm
        .arg(library)
        .output()
        .context("failed to start `nm`; install binutils")?;
    ensure!(output.status.success(), "`nm` cannot read {library:?}");
    Ok(String::from_utf8(output.stdout)?)
}

/// A line for each name that is in one list alone.
fn differences(listed: &str, exported: &str) -> Vec<String> {
    let listed: BTreeSet<&str> = listed.lines().collect();
    let exported: BTreeSet<&str> = exported.lines().collect();
    let is_missing = listed
        .difference(&exported)
        .map(|it| format!("missing: {it}"));
    let is_new = exported
        .difference(&listed)
        .map(|it| format!("not listed: {it}"));
    is_missing.chain(is_new).collect()
}

/// Through the tests of the crate, which skip what is not installed and say so.
fn programs(root: &Path) -> Step {
    let arguments = [
        "test",
        "--release",
        "-p",
        "evloop-capi",
        "--test",
        "it",
        "--",
    ];
    let mut command = cargo(root, None, &arguments);
    command
        .args(["libevent::memcached", "libevent::tmux", "--nocapture"])
        .env("EVLOOP_CAPI_KEYS", "100000");
    Step::new("memcached and tmux".to_owned(), command).limit(minutes(20))
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn a_name_in_one_list_alone_is_told() {
        assert!(differences("a\nb\n", "b\na\n").is_empty());
        let told = ["missing: b", "not listed: c"];
        assert_eq!(differences("a\nb\n", "a\nc\n"), told);
    }
}
