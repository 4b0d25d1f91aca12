//! Runs cargo and rustc for the static half of an audit.

use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::{Cancel, Error};

/// How often a running program is reminded of a request to stop.
const CANCEL_POLL: Duration = Duration::from_millis(50);

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// Standard output.
    pub(crate) stdout: Vec<u8>,
    /// Standard error, bytes that are not UTF-8 replaced.
    pub(crate) stderr: String,
}

/// A command for the cargo that started this program, or the one on the path.
pub(crate) fn cargo(directory: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(directory);
    // Colours and progress are for people; what a wrapper around this program set is not for the programs under it.
    command
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never");
    command
}

/// A command for the compiler that belongs to it.
pub(crate) fn rustc(directory: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.current_dir(directory);
    command
}

/// Runs a command to its end, or until the audit is interrupted.
pub(crate) fn run(mut command: Command, cancel: &Cancel) -> Result<Said, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |source: std::io::Error| Error::Tool {
        tool: program.clone(),
        message: format!("it could not be started: {source}"),
    };
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    own_group(&mut command);
    let mut child = command.spawn().map_err(failed)?;
    let (done, finished) = channel();
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    let (output, errors) = std::thread::scope(|scope| {
        let errors = scope.spawn(move || drain(stderr.as_mut()));
        let output = scope.spawn(move || {
            let bytes = drain(stdout.as_mut());
            // The receiver waits for this until it has it.
            let _ = done.send(());
            bytes
        });
        while let Err(RecvTimeoutError::Timeout) = finished.recv_timeout(CANCEL_POLL) {
            if cancel.is_requested() {
                kill_group(&mut child);
                break;
            }
        }
        (
            output.join().unwrap_or_default(),
            errors.join().unwrap_or_default(),
        )
    });
    let status = child.wait().map_err(failed)?;
    if cancel.is_requested() && !status.success() {
        return Err(Error::Interrupted);
    }
    Ok(Said {
        status,
        stdout: output,
        stderr: String::from_utf8_lossy(&errors).into_owned(),
    })
}

fn drain(pipe: Option<&mut impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // A pipe that breaks has said what it had to say.
        drop(pipe.read_to_end(&mut bytes));
    }
    bytes
}

/// Puts the child into a group of its own, so that the compilers under cargo end with it.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

#[cfg(unix)]
fn kill_group(child: &mut std::process::Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    // It may have ended in between.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

#[cfg(not(unix))]
fn kill_group(child: &mut std::process::Child) {
    let _ = child.kill();
}
