//! Where the figures come from.

use serde::Serialize;
use std::fs;
use std::process::Command;

/// What was run, where, and of which commit: the head of a data file.
#[derive(Serialize)]
pub struct Run {
    pub command: String,
    pub commit: String,
    pub processor: String,
    pub load_average: String,
    pub rounds: usize,
    pub versions: Vec<String>,
}

impl Run {
    /// This process, which is the program of `package`, with the versions of the contenders.
    pub fn new(package: &str, rounds: usize, versions: Vec<String>) -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let head =
            format!("cargo run --release --manifest-path compare/Cargo.toml -p {package} --");
        Self {
            command: format!("{head} {}", arguments.join(" ")).trim().to_owned(),
            commit: commit(),
            processor: processor(),
            load_average: load_average(),
            rounds,
            versions,
        }
    }
}

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

/// Names and versions of these packages, from the lock file of this workspace; those that it does not have are left out.
pub fn versions(names: &[&str]) -> Vec<String> {
    let lock = include_str!("../../Cargo.lock");
    let entry = |name: &&str| {
        let start = lock.find(&format!("name = \"{name}\"\n"))?;
        let version = lock[start..].lines().nth(1)?.split('"').nth(1)?;
        Some(format!("{name} {version}"))
    };
    names.iter().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::versions;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let found = versions(&["compare-harness", "no such package"]);
        assert_eq!(
            found,
            [format!("compare-harness {}", env!("CARGO_PKG_VERSION"))]
        );
    }
}
