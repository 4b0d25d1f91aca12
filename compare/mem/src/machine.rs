//! Where the figures come from.

use std::fs;
use std::process::Command;

const RIVALS: [&str; 4] = ["blink-alloc", "bump-scope", "bumpalo", "typed-arena"];

pub fn description() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name\t: "));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{}; commit {}; load {}; {}",
        name.unwrap_or("unknown processor"),
        commit(),
        load.trim(),
        versions().join(", ")
    )
}

fn commit() -> String {
    let arguments = ["describe", "--always", "--dirty"];
    let output = Command::new("git").args(arguments).output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |it| String::from_utf8_lossy(&it.stdout).trim().to_owned(),
    )
}

/// The rivals' versions, from the lock file.
fn versions() -> Vec<String> {
    let lock = include_str!("../../Cargo.lock");
    let version = |name: &&str| {
        let start = lock.find(&format!("name = \"{name}\"\n"))?;
        let version = lock[start..].lines().nth(1)?.split('"').nth(1)?;
        Some(format!("{name} {version}"))
    };
    RIVALS.iter().filter_map(version).collect()
}
