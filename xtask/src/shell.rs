//! Commands, their time limits, and where the workspace is.

use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The root of the workspace that this crate stands in.
///
/// # Errors
/// The crate's folder has no parent.
pub fn workspace_root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.parent().context("xtask stands in no folder")?;
    Ok(root.to_path_buf())
}

/// A cargo command in `root`, on the toolchain that runs this program unless `toolchain` names another.
#[must_use]
pub fn cargo(root: &Path, toolchain: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    if let Some(toolchain) = toolchain {
        command.arg(format!("+{toolchain}"));
        // Set by `cargo run`; it would win over `+toolchain`.
        command
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("CARGO")
            .env_remove("RUSTC");
    }
    command.args(arguments).current_dir(root);
    command
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its exit code, or none if a signal ended it.
    Exit(Option<i32>),
    /// Its time limit.
    TimedOut,
}

/// Runs a command with inherited output and a time limit.
///
/// # Errors
/// The program cannot be started.
pub fn run_limited(command: &mut Command, limit: Duration) -> Result<Ended> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("failed to start `{name}`"))?;
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::Exit(status.code()));
        }
        if Instant::now() >= deadline {
            child.kill()?;
            child.wait()?;
            return Ok(Ended::TimedOut);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a command with a time limit; its output, both streams in the order of writing, is kept for the caller.
///
/// # Errors
/// The program cannot be started, or its output cannot be kept.
pub fn run_captured(command: &mut Command, limit: Duration) -> Result<(Ended, String)> {
    let mut output = tempfile::tempfile().context("failed to make a temporary file")?;
    command
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?);
    let ended = run_limited(command, limit)?;
    output.rewind()?;
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes)?;
    Ok((ended, String::from_utf8_lossy(&bytes).into_owned()))
}

/// The command as one would type it.
#[must_use]
pub fn display(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        let value = value?.to_string_lossy();
        Some(format!("{}={}", name.to_string_lossy(), quote(&value)))
    });
    let words = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| quote(&word.to_string_lossy()));
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    if word.contains(char::is_whitespace) {
        format!("'{word}'")
    } else {
        word.to_owned()
    }
}
