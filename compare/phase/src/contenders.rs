//! The programs that are run, and running one.

use serde::de::DeserializeOwned;
use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A proof loop takes some seconds; damaged memory can make it endless.
const LIMIT: Duration = Duration::from_secs(300);

/// An allocator as it is run.
pub struct Contender {
    pub name: &'static str,
    program: &'static str,
    environment: &'static [(&'static str, &'static str)],
    phases: bool,
    /// Which halves of the comparison it takes part in.
    pub proves: bool,
    pub operates: bool,
}

pub const REFERENCE: &str = "glibc";

const fn plain(name: &'static str, program: &'static str) -> Contender {
    Contender {
        name,
        program,
        environment: &[],
        phases: false,
        proves: true,
        operates: true,
    }
}

/// Huge pages wherever they fit, and no page given back.
const TUNED: &[(&str, &str)] = &[(
    "_RJEM_MALLOC_CONF",
    "thp:always,metadata_thp:always,dirty_decay_ms:-1,muzzy_decay_ms:-1",
)];

pub const ALL: &[Contender] = &[
    Contender {
        phases: true,
        ..plain("phase-alloc", "with_phase")
    },
    plain("phase-alloc, no phases", "with_phase"),
    Contender {
        phases: true,
        operates: false,
        ..plain("phase-alloc, huge pages", "with_phase_huge_pages")
    },
    plain(REFERENCE, "with_system"),
    plain("mimalloc", "with_mimalloc"),
    plain("jemalloc", "with_jemalloc"),
    Contender {
        environment: TUNED,
        ..plain("jemalloc tuned", "with_jemalloc")
    },
    plain("snmalloc", "with_snmalloc"),
    plain("rpmalloc", "with_rpmalloc"),
    plain("rusty_alloc", "with_rusty"),
    Contender {
        phases: true,
        operates: false,
        ..plain("zk-alloc", "with_zk")
    },
    Contender {
        phases: true,
        environment: &[("ZK_ALLOC_MIN_BYTES", "0")],
        ..plain("zk-alloc, threshold 0", "with_zk")
    },
    Contender {
        proves: false,
        ..plain("bumpalo", "with_bumpalo")
    },
];

/// How a run ended that gave no result.
pub enum Broken {
    /// The program stands beside this one, or should.
    Missing(PathBuf),
    /// With its status, or with what it printed instead of a result.
    Crashed(String),
    TimedOut,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "{} is missing", path.display()),
            Self::Crashed(text) => f.write_str(text),
            Self::TimedOut => write!(f, "not done after {} s", LIMIT.as_secs()),
        }
    }
}

impl Contender {
    /// Runs the program with these arguments and reads its line of JSON.
    pub fn run<T: DeserializeOwned>(&self, arguments: &[String]) -> Result<T, Broken> {
        let program = beside(self.program);
        let mut command = Command::new(&program);
        command
            .args(arguments)
            .env("RUST_BACKTRACE", "0")
            .envs(self.environment.iter().copied());
        if self.phases {
            command.arg("phases");
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.map_err(|_| Broken::Missing(program))?;
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                _ => {
                    drop(child.kill());
                    drop(child.wait());
                    return Err(Broken::TimedOut);
                }
            }
        };
        let mut text = String::new();
        if let Some(mut out) = child.stdout.take() {
            drop(out.read_to_string(&mut text));
        }
        if !status.success() {
            return Err(Broken::Crashed(status.to_string()));
        }
        serde_json::from_str(&text).map_err(|error| Broken::Crashed(format!("{error}: {text}")))
    }
}

fn beside(program: &str) -> PathBuf {
    let mut path = std::env::current_exe().expect("the system knows this program");
    path.set_file_name(program);
    path
}
