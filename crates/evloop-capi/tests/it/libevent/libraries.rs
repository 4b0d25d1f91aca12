//! The libraries that programs are run with.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::bed::{self, Bed};

/// Which library a program runs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    /// The system's.
    Stock,
    /// This one, waiting with `EVLOOP_BACKEND`.
    Ours(&'static str),
}

pub(crate) const BACKENDS: [&str; 3] = ["epoll", "poll", "io_uring"];

/// Where libevent's names are linked to this library; `None`, and said, where there is no linker.
pub(crate) fn folder() -> Option<&'static Path> {
    static BED: OnceLock<Option<Bed>> = OnceLock::new();
    let link = || {
        bed::tool("cc")?;
        let bed = Bed::new();
        let mut command = Command::new(bed::folder("libevent/link.sh"));
        command
            .arg(bed::library_folder().join("libevloop_capi.a"))
            .arg(bed.path());
        bed::run(&mut command);
        Some(bed)
    };
    BED.get_or_init(link).as_ref().map(Bed::path)
}

/// The backends of this machine.
pub(crate) fn backends() -> Vec<&'static str> {
    let mut backends = BACKENDS.to_vec();
    if let Err(error) = evloop::Loop::with_backend(evloop::BackendKind::Uring) {
        bed::not_run(&format!("io_uring: {error}"));
        backends.pop();
    }
    backends
}

/// A program of `tests/c/libevent`, compiled with the system's headers; `None`, and said, where there are none.
pub(crate) fn compile(bed: &Bed, source: &str) -> Option<PathBuf> {
    let program = bed.path().join(source.replace(".c", ""));
    let mut command = bed::tool("cc")?;
    if !Path::new("/usr/include/event2/event.h").is_file() {
        bed::not_run("no headers of libevent; Debian's libevent-dev has them");
        return None;
    }
    command
        .args(["-std=gnu11", "-g", "-Wall", "-Wextra", "-Werror"])
        .arg(bed::folder("tests/c/libevent").join(source))
        .arg("-o")
        .arg(&program)
        .args(["-levent_core", "-lpthread"]);
    bed::run(&mut command);
    Some(program)
}

impl Library {
    /// A command that runs with it. What the tester's environment says of libevent is not heard.
    pub(crate) fn command(self, program: impl AsRef<OsStr>) -> Option<Command> {
        let mut command = Command::new(program);
        for name in ["EVENT_NOEPOLL", "EVENT_NOPOLL", "EVENT_NOSELECT"] {
            command.env_remove(name);
        }
        command.env_remove("EVENT_SHOW_METHOD");
        if let Self::Ours(backend) = self {
            command.env("LD_LIBRARY_PATH", folder()?);
            command.env("EVLOOP_BACKEND", backend);
        }
        Some(command)
    }
}

/// What a program told, and that it ended well.
pub(crate) fn told(output: &Output) -> &str {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {errors}", output.status);
    std::str::from_utf8(&output.stdout).expect("the program writes text")
}
