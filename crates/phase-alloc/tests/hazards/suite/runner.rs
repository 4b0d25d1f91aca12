//! One program in a process of its own, with a limit of time.

use super::library::{INPUT_LINES, input_line};
use super::this_program::this_program;
use crate::subject;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fmt;
use std::io::{Read as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A program takes a fraction of a second, or some seconds under a tool; damaged memory can make it endless.
const LIMIT: Duration = Duration::from_secs(120);

/// The first argument of a process that is to run one program.
pub(crate) const RUN: &str = "--run";

/// The races in libraries that are meant to be there.
const TSAN_SUPPRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hazards/tsan.supp");

/// How the allocator is set up, by environment variables.
#[derive(Clone, Debug)]
pub(crate) struct Configuration {
    /// Smaller requests go to the inner allocator, and whether memory is filled when it is taken back.
    /// None leaves the environment as it is.
    settings: Option<(usize, bool)>,
}

impl Configuration {
    pub(crate) fn new(threshold_bytes: usize, poison: bool) -> Self {
        Self {
            settings: Some((threshold_bytes, poison)),
        }
    }

    /// The configuration of this process itself.
    pub(crate) fn inherited() -> Self {
        Self { settings: None }
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((threshold, poison)) = self.settings else {
            return f.write_str("inherited configuration");
        };
        write!(
            f,
            "threshold {threshold}, poison {}",
            if poison { "on" } else { "off" }
        )
    }
}

/// How a program failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// It panicked, or exited with another code than 0, and said this last.
    Exit(Option<i32>, String),
    Signal(i32, String),
    /// It was stopped. It may have panicked before, in memory too damaged to end by.
    TimedOut(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(Some(101), text) => write!(f, "panicked: {text}"),
            Self::Exit(code, text) => write!(f, "exit code {code:?}: {text}"),
            Self::Signal(number, text) if text.is_empty() => write!(f, "signal {number}"),
            Self::Signal(number, text) => write!(f, "signal {number}: {text}"),
            Self::TimedOut(text) => write!(f, "not done after {} s: {text}", LIMIT.as_secs()),
        }
    }
}

/// Runs the program of that name.
pub(crate) fn run(name: &str, configuration: &Configuration) -> Result<(), Failure> {
    let mut command = this_program();
    command
        .args([RUN, name])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .env("RUST_BACKTRACE", "0")
        .env("ASAN_OPTIONS", address_sanitizer_options())
        .process_group(0);
    if let Ok(given) = std::env::var("TSAN_OPTIONS") {
        // At its end a program waits 1 s for a race with threads that it leaves running; here those stand still.
        let options = format!("{given}:suppressions={TSAN_SUPPRESSIONS}:atexit_sleep_ms=100");
        command.env("TSAN_OPTIONS", options);
    }
    if let Some((threshold, poison)) = configuration.settings {
        command.envs(subject::environment(threshold, poison));
    }
    let mut child = command.spawn().expect("this program can be started again");
    feed(&mut child);
    let said = listen(&mut child);
    let deadline = Instant::now() + LIMIT;
    let ended = loop {
        match child.try_wait().expect("it is this process's child") {
            None if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            ended => break ended,
        }
    };
    // What it has started itself ends with it.
    _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    drop(child.wait());
    let (said, listener) = said;
    let text = said.recv_timeout(Duration::from_secs(2));
    if let (Ok(_), Some(listener)) = (&text, listener) {
        // It has nothing left to do. As a thread that may still run it would hold up this program's end.
        drop(listener.join());
    }
    outcome(ended, &text.unwrap_or_default())
}

/// Whether a sanitizer or Valgrind makes the programs many times slower.
pub(crate) fn is_instrumented() -> bool {
    let is_set = |name: &&str| std::env::var_os(name).is_some();
    let preloaded = std::env::var("LD_PRELOAD").unwrap_or_default();
    ["ASAN_OPTIONS", "TSAN_OPTIONS"].iter().any(is_set) || preloaded.contains("/vgpreload")
}

/// Those that were given, and three more. An allocation that fails is to fail. LeakSanitizer looks for pointers in its own heap and in stacks, not
/// in mapped memory such as the region, so that it takes for lost what only an object there points to. What
/// AddressSanitizer keeps back for a while is no part of a bound on resident memory.
fn address_sanitizer_options() -> String {
    let given = std::env::var("ASAN_OPTIONS").unwrap_or_default();
    format!("{given}:allocator_may_return_null=1:detect_leaks=0:quarantine_size_mb=1")
}

fn outcome(ended: Option<ExitStatus>, said: &str) -> Result<(), Failure> {
    let text = message(said);
    let Some(status) = ended else {
        return Err(Failure::TimedOut(text));
    };
    match status.signal() {
        Some(number) => Err(Failure::Signal(number, text)),
        None if status.success() => Ok(()),
        None => Err(Failure::Exit(status.code(), text)),
    }
}

/// The text of the first panic, or else what was said last.
fn message(said: &str) -> String {
    let mut lines = said.lines();
    let panic = lines.find(|line| line.contains("panicked at"));
    let text = panic.map_or_else(|| said.lines().last(), |_| lines.next());
    let text: String = text.unwrap_or_default().chars().take(160).collect();
    text.trim().to_owned()
}

/// Less than a pipe holds, so that nobody waits for programs that do not read it.
fn feed(child: &mut Child) {
    let lines: String = (0..INPUT_LINES)
        .map(|number| input_line(number) + "\n")
        .collect();
    if let Some(mut input) = child.stdin.take() {
        drop(input.write_all(lines.as_bytes()));
    }
}

/// Reads what the child says on a thread of its own: a child of the child may hold the pipe for longer.
fn listen(child: &mut Child) -> (Receiver<String>, Option<JoinHandle<()>>) {
    let (sender, receiver) = channel();
    let listener = child.stderr.take().map(|mut errors| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            drop(errors.read_to_end(&mut bytes));
            drop(sender.send(String::from_utf8_lossy(&bytes).into_owned()));
        })
    });
    (receiver, listener)
}
