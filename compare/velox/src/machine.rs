//! Where the figures come from.

use std::fs;
use std::process::Command;

pub fn commit() -> String {
    let arguments = ["describe", "--always", "--dirty"];
    let output = Command::new("git").args(arguments).output();
    let text = output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    text.unwrap_or_default()
}

pub fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|it| it.split(':').nth(1));
        value.unwrap_or("unknown").trim().to_owned()
    };
    let starts = |line: &&str| line.starts_with("processor");
    let cores = info.lines().filter(starts).count();
    let (name, model) = (field("model name"), field("model\t"));
    format!("{name}, model {model}, {cores} cores")
}

pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.trim().to_owned()
}

/// The rivals' versions, from the lock file.
pub fn versions() -> Vec<String> {
    let lock = include_str!("../../Cargo.lock");
    let names = ["hftbacktest", "itch5", "itchy", "lobster", "orderbook-rs"];
    let entry = |name: &&str| {
        let start = lock.find(&format!("name = \"{name}\"\n"))?;
        let version = lock[start..].lines().nth(1)?.split('"').nth(1)?;
        Some(format!("{name} {version}"))
    };
    names.iter().filter_map(entry).collect()
}
