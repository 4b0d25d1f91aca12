//! Instructions, which are the same on a busy machine.

use std::process::Command;

/// The instructions that callgrind counts while this program runs with `--count` and three numbers; `None` where there is
/// no Valgrind.
pub fn instructions(arguments: [usize; 3]) -> Option<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().ok()?)
        .arg("--count")
        .args(arguments.map(|it| it.to_string()))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, figure) = text.split_once("Collected : ")?;
    figure.split_whitespace().next()?.parse().ok()
}
