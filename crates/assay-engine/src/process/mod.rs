//! Child processes with limits.
//!
//! A child runs in a process group of its own, so that ending it ends what it started. Its output is
//! kept bounded in memory (head and tail) and in full, up to a bound, in the run's log.

use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions};

use crate::Cancel;

mod capture;

pub(crate) use capture::{Captured, Log};

/// Bytes of each stream that are kept from its start, and as many from its end.
const KEPT: usize = 4 << 20;
/// How long a stream may stay open after its process ended.
const LINGER: Duration = Duration::from_secs(2);
/// The longest time between two looks at the child.
const TICK: Duration = Duration::from_millis(20);

/// A command with everything that it runs under.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The program and its arguments.
    pub(crate) argv: Vec<String>,
    /// Variables that are set on top of the inherited ones.
    pub(crate) env: Vec<(String, String)>,
    /// The folder it runs in.
    pub(crate) cwd: PathBuf,
    /// Bounds on it.
    pub(crate) bounds: Bounds,
}

/// Bounds on one child.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Total time.
    pub(crate) time: Duration,
    /// Time without a byte of output.
    pub(crate) idle: Option<Duration>,
    /// Address space in bytes.
    pub(crate) memory: Option<u64>,
}

/// How a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// By its time limit.
    TimedOut,
    /// By the limit on time without output.
    Stalled,
    /// Because the audit was interrupted.
    Cancelled,
    /// It never started.
    NotStarted(String),
}

/// What a child left.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// How it ended.
    pub(crate) ended: Ended,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
}

impl Output {
    pub(crate) fn succeeded(&self) -> bool {
        self.ended == Ended::Exited(0)
    }

    /// Both streams, standard error last.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

impl Call {
    pub(crate) fn new(argv: Vec<String>, cwd: impl Into<PathBuf>, bounds: Bounds) -> Self {
        Self {
            argv,
            env: Vec::new(),
            cwd: cwd.into(),
            bounds,
        }
    }

    /// Runs the child to its end or to a limit.
    pub(crate) fn run(&self, cancel: &Cancel, log: &mut Log) -> Output {
        let start = Instant::now();
        log.header(&self.argv, &self.env);
        let mut child = match self.spawn() {
            Ok(child) => child,
            Err(error) => return not_started(&self.argv, &error),
        };
        let (sender, chunks) = mpsc::channel();
        pump(Stream::Out, child.stdout.take(), &sender);
        pump(Stream::Err, child.stderr.take(), &sender);
        drop(sender);
        let mut watch = Watch {
            chunks,
            open: 2,
            stdout: Captured::new(KEPT),
            stderr: Captured::new(KEPT),
            log,
            last_output: Instant::now(),
        };
        let ended = watch.until_end(&mut child, self.bounds, start, cancel);
        let output = Output {
            ended,
            stdout: watch.stdout.into_text(),
            stderr: watch.stderr.into_text(),
        };
        log.footer(&output.ended);
        output
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let (program, arguments) = self
            .argv
            .split_first()
            .ok_or_else(|| std::io::Error::other("an empty command"))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.cwd)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        for name in inherited_settings() {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let child = command.spawn()?;
        if let (Some(bytes), Some(pid)) = (self.bounds.memory, pid_of(&child)) {
            let limit = Rlimit {
                current: Some(bytes),
                maximum: Some(bytes),
            };
            // A child that has ended already needs no limit.
            let _ = rustix::process::prlimit(Some(pid), Resource::As, limit);
        }
        Ok(child)
    }
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

struct Watch<'a> {
    chunks: Receiver<(Stream, Vec<u8>)>,
    open: usize,
    stdout: Captured,
    stderr: Captured,
    log: &'a mut Log,
    last_output: Instant,
}

impl Watch<'_> {
    fn until_end(
        &mut self,
        child: &mut Child,
        bounds: Bounds,
        start: Instant,
        cancel: &Cancel,
    ) -> Ended {
        let mut cut = None;
        while !has_ended(child) {
            cut = self.limit_reached(bounds, start, cancel);
            if cut.is_some() {
                break;
            }
            self.take_chunks(TICK);
        }
        // The child is not reaped yet, so its group cannot have been given to another one.
        kill_group(child);
        let status = child.wait();
        self.drain();
        cut.unwrap_or_else(|| match status {
            Ok(status) => ended_by(status),
            Err(error) => Ended::NotStarted(error.to_string()),
        })
    }

    fn limit_reached(&self, bounds: Bounds, start: Instant, cancel: &Cancel) -> Option<Ended> {
        if cancel.is_requested() {
            return Some(Ended::Cancelled);
        }
        if start.elapsed() >= bounds.time {
            return Some(Ended::TimedOut);
        }
        let idle = bounds.idle?;
        (self.last_output.elapsed() >= idle).then_some(Ended::Stalled)
    }

    /// Waits for output up to `wait`; both streams closed, it sleeps that long on the channel's end.
    fn take_chunks(&mut self, wait: Duration) {
        match self.chunks.recv_timeout(wait) {
            Ok((stream, bytes)) => self.keep(stream, &bytes),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => thread::park_timeout(wait),
        }
    }

    fn keep(&mut self, stream: Stream, bytes: &[u8]) {
        if bytes.is_empty() {
            self.open -= 1;
            return;
        }
        self.last_output = Instant::now();
        self.log.write(bytes);
        match stream {
            Stream::Out => self.stdout.push(bytes),
            Stream::Err => self.stderr.push(bytes),
        }
    }

    /// A grandchild that left the group can hold a pipe open for ever; its output is given up.
    fn drain(&mut self) {
        let deadline = Instant::now() + LINGER;
        while self.open > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.chunks.recv_timeout(left) {
                Ok((stream, bytes)) => self.keep(stream, &bytes),
                Err(_) => return,
            }
        }
    }
}

fn pump(
    stream: Stream,
    source: Option<impl Read + Send + 'static>,
    sender: &Sender<(Stream, Vec<u8>)>,
) {
    let Some(mut source) = source else { return };
    let sender = sender.clone();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = source.read(&mut buffer).unwrap_or(0);
            if sender.send((stream, buffer[..read].to_vec())).is_err() || read == 0 {
                return;
            }
        }
    });
}

/// Looks without reaping.
fn has_ended(child: &Child) -> bool {
    let Some(pid) = pid_of(child) else {
        return true;
    };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    !matches!(
        rustix::process::waitid(WaitId::Pid(pid), options),
        Ok(None) | Err(rustix::io::Errno::INTR)
    )
}

fn kill_group(child: &Child) {
    if let Some(pid) = pid_of(child) {
        // No such group: nothing was left to end.
        let _ = rustix::process::kill_process_group(pid, Signal::KILL);
    }
}

fn pid_of(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()).ok()?)
}

fn ended_by(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exited(code),
        (None, Some(signal)) => Ended::Signalled(signal),
        (None, None) => Ended::Exited(-1),
    }
}

fn not_started(argv: &[String], error: &std::io::Error) -> Output {
    let program = argv.first().map_or("", String::as_str);
    Output {
        ended: Ended::NotStarted(format!("`{program}`: {error}")),
        stdout: String::new(),
        stderr: String::new(),
    }
}

/// Variables of the caller that would change what a layer builds or runs. `RUSTFLAGS` is among them:
/// the caller's flags are put in front of the layer's own.
fn inherited_settings() -> impl Iterator<Item = String> {
    const EXACT: [&str; 16] = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_ENCODED_RUSTDOCFLAGS",
        "CARGO_TARGET_DIR",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "OUT_DIR",
        "MIRIFLAGS",
        "RUSTC_BOOTSTRAP",
        "ASAN_OPTIONS",
        "LSAN_OPTIONS",
        "TSAN_OPTIONS",
        "RUST_BACKTRACE",
        "RUST_TEST_THREADS",
        "RUST_TEST_NOCAPTURE",
    ];
    const PREFIXES: [&str; 5] = [
        "ASSAY_",
        "CARGO_PKG_",
        "CARGO_BUILD_",
        "CARGO_PROFILE_",
        "CARGO_BIN_",
    ];
    std::env::vars_os().filter_map(|(name, _)| {
        let name = name.into_string().ok()?;
        let ours = EXACT.contains(&name.as_str()) || PREFIXES.iter().any(|p| name.starts_with(p));
        ours.then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(line: &str, bounds: Bounds) -> Output {
        let argv = ["sh", "-c", line].map(String::from).to_vec();
        Call::new(argv, ".", bounds).run(&Cancel::default(), &mut Log::discard())
    }

    fn seconds(time: u64) -> Bounds {
        Bounds {
            time: Duration::from_secs(time),
            idle: None,
            memory: None,
        }
    }

    #[test]
    fn both_streams_and_the_code_are_kept() {
        let output = shell("echo out; echo err >&2; exit 3", seconds(60));
        assert_eq!(output.ended, Ended::Exited(3));
        assert_eq!((output.stdout.trim(), output.stderr.trim()), ("out", "err"));
    }

    #[test]
    fn a_signal_is_told_apart_from_a_code() {
        assert_eq!(
            shell("kill -SEGV $$", seconds(60)).ended,
            Ended::Signalled(11)
        );
    }

    #[test]
    fn the_time_limit_ends_the_whole_group() {
        let output = shell("sleep 1000 & sleep 1000; echo late", seconds(1));
        assert_eq!(output.ended, Ended::TimedOut);
        assert_eq!(output.stdout, "");
    }

    #[test]
    fn a_background_process_does_not_outlive_its_parent() {
        let output = shell("sleep 1000 & echo $!", seconds(60));
        let pid = output
            .stdout
            .trim()
            .parse()
            .ok()
            .and_then(Pid::from_raw)
            .expect("a pid");
        // The signal was sent; the kernel needs a moment for it, and init one for the zombie.
        let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
        while std::fs::read_to_string(&stat).is_ok_and(|text| !text.contains(") Z")) {
            thread::yield_now();
        }
    }

    #[test]
    fn silence_past_its_limit_is_a_stall() {
        let bounds = Bounds {
            idle: Some(Duration::from_millis(300)),
            ..seconds(60)
        };
        assert_eq!(shell("echo a; sleep 1000", bounds).ended, Ended::Stalled);
    }

    #[test]
    fn the_memory_limit_holds() {
        let bounds = Bounds {
            memory: Some(64 << 20),
            ..seconds(60)
        };
        // The limit is set just after the start, so the child waits for it.
        let line = "sleep 0.2; head -c 300000000 /dev/zero | tail -c 200000000 >/dev/null; exit $?";
        assert_ne!(shell(line, bounds).ended, Ended::Exited(0));
    }

    #[test]
    fn cancellation_ends_a_child() {
        let cancel = Cancel::default();
        cancel.request();
        let argv = ["sleep", "1000"].map(String::from).to_vec();
        let output = Call::new(argv, ".", seconds(60)).run(&cancel, &mut Log::discard());
        assert_eq!(output.ended, Ended::Cancelled);
    }

    #[test]
    fn a_missing_program_is_an_outcome() {
        let argv = vec!["assay-no-such-program".to_owned()];
        let output = Call::new(argv, ".", seconds(1)).run(&Cancel::default(), &mut Log::discard());
        assert!(matches!(output.ended, Ended::NotStarted(_)));
    }
}
