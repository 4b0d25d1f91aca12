//! Runs a program with the library before its allocator, and reads the records.

use std::cmp::Reverse;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use tempfile::TempDir;

use super::record::{self, RawFault, Record};
use super::report::{
    Ending, FaultKind, LeakKind, Totals, TrackedFault, TrackedFrame, TrackedLeak, TrackedProcess,
    Tracking,
};
use super::symbols::Symbols;
use super::{TrackOptions, refuse, untracked};
use crate::Error;

const LIBRARY: &str = "libmemscope_preload.so";
const FAMILIES: [&str; 3] = ["malloc", "new", "new[]"];

/// A program that has ended.
pub(super) struct Run {
    command: Vec<String>,
    ending: Ending,
    folder: TempDir,
}

pub(super) fn run(options: &TrackOptions) -> Result<Run, Error> {
    let library = library(options.library.as_deref())?;
    let folder = tempfile::Builder::new()
        .prefix("assay-track-")
        .tempdir()
        .map_err(|error| refuse(format!("failed to make a folder for records: {error}")))?;
    let mut preload = OsString::from(&library);
    if let Some(others) = std::env::var_os("LD_PRELOAD").filter(|others| !others.is_empty()) {
        preload.push(":");
        preload.push(others);
    }
    let mut program = command(&options.command)?;
    program
        .env("LD_PRELOAD", preload)
        .env("MEMSCOPE_TRACK", folder.path())
        .env("MEMSCOPE_TRACK_DEPTH", options.depth.to_string());
    Ok(Run {
        ending: to_end(&mut program)?,
        command: shown(&options.command),
        folder,
    })
}

/// The command, for its streams and its process group to be those of the caller.
pub(super) fn command(words: &[OsString]) -> Result<Command, Error> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| refuse("there is no program to run; write it after `--`"))?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

pub(super) fn to_end(program: &mut Command) -> Result<Ending, Error> {
    let status = program.status().map_err(|error| {
        let name = program.get_program().to_string_lossy();
        refuse(format!("failed to start `{name}`: {error}"))
    })?;
    Ok(ending(status))
}

fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Code(code),
        (None, signal) => Ending::Signal(signal.unwrap_or(0)),
    }
}

pub(super) fn shown(words: &[OsString]) -> Vec<String> {
    words
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// The library: as named, or beside this program, where a build of the workspace puts it.
fn library(named: Option<&Path>) -> Result<PathBuf, Error> {
    let path = match named {
        Some(path) => path.to_path_buf(),
        None => beside_this_program().ok_or_else(|| {
            refuse(format!(
                "`{LIBRARY}` lies not beside this program; `cargo build --release -p memscope-preload` builds it, and --library names it"
            ))
        })?,
    };
    let path = path.canonicalize().map_err(|error| {
        refuse(format!(
            "failed to find `{}`: {error}; `cargo build --release -p memscope-preload` builds it",
            path.display()
        ))
    })?;
    if path.to_string_lossy().contains([' ', ':']) {
        return Err(refuse(format!(
            "LD_PRELOAD cannot name `{}`, for it has a blank or a colon: copy the library elsewhere, and name it with --library",
            path.display()
        )));
    }
    Ok(path)
}

fn beside_this_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?.canonicalize().ok()?;
    let folder = program.parent()?;
    let profiles = folder
        .parent()
        .into_iter()
        .flat_map(|up| [up.join("release"), up.join("debug")]);
    let folders = std::iter::once(folder.to_path_buf()).chain(profiles);
    folders
        .map(|folder| folder.join(LIBRARY))
        .find(|path| path.is_file())
}

impl Run {
    pub(super) fn into_tracking(self) -> Result<Tracking, Error> {
        let mut records = self.records()?;
        if records.is_empty() {
            return Err(untracked(format!(
                "`{}` left no record: it is linked statically, runs with other rights than yours (setuid), or removed LD_PRELOAD; --valgrind follows some of these",
                self.command.join(" ")
            )));
        }
        records.sort_by_key(|record| record.began_ns);
        let mut symbols = Symbols::default();
        Ok(Tracking {
            schema_version: 1,
            tool: "memscope-preload".to_owned(),
            ending: self.ending,
            processes: records
                .iter()
                .map(|record| process(record, &mut symbols))
                .collect(),
            command: self.command,
            unmatched_suppressions: Vec::new(),
        })
    }

    fn records(&self) -> Result<Vec<Record>, Error> {
        let failed = |error: std::io::Error| refuse(format!("failed to read the records: {error}"));
        let mut records = Vec::new();
        for entry in std::fs::read_dir(self.folder.path()).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let bytes = std::fs::read(&path).map_err(failed)?;
            let record = record::read(&bytes)
                .map_err(|message| refuse(format!("record `{}` {message}", path.display())))?;
            records.push(record);
        }
        Ok(records)
    }
}

fn process(record: &Record, symbols: &mut Symbols) -> TrackedProcess {
    let mut growth = record.samples.clone();
    let live_blocks = record.allocations.saturating_sub(record.frees);
    let live_bytes = record.bytes.saturating_sub(record.bytes_freed);
    if record.ended {
        growth.push(super::Sample {
            ns: record.elapsed_ns,
            bytes: live_bytes,
            blocks: live_blocks,
        });
    }
    TrackedProcess {
        pid: record.pid,
        parent: record.parent,
        command: record.command.clone(),
        totals: Some(Totals {
            allocations: record.allocations,
            frees: record.frees,
            bytes: record.bytes,
            peak_bytes: record.peak_bytes,
            peak_blocks: record.peak_blocks,
            live_blocks,
            live_bytes,
            inherited_blocks: record.inherited.0,
            inherited_bytes: record.inherited.1,
        }),
        leaks: leaks(record, symbols),
        faults: record
            .faults
            .iter()
            .map(|raw| fault(raw, record, symbols))
            .collect(),
        growth,
        notes: notes(record),
    }
}

fn leaks(record: &Record, symbols: &mut Symbols) -> Vec<TrackedLeak> {
    let mut leaks = Vec::new();
    for stack in &record.stacks {
        let live = (
            stack.allocations.saturating_sub(stack.frees),
            stack.bytes.saturating_sub(stack.bytes_freed),
        );
        if live.0 == 0 {
            continue;
        }
        let grew = live
            .1
            .cast_signed()
            .saturating_sub(stack.at_doubling.cast_signed());
        leaks.push(TrackedLeak {
            kind: LeakKind::Live,
            blocks: live.0,
            bytes: live.1,
            grew_bytes: (record.doubling > 0).then_some(grew),
            stack: symbols.stack(&stack.frames, &record.modules),
            suppressed_by: None,
        });
    }
    leaks.sort_by_key(|leak| Reverse((leak.bytes, leak.blocks)));
    leaks
}

fn fault(raw: &RawFault, record: &Record, symbols: &mut Symbols) -> TrackedFault {
    let mut stack = |number: usize| -> Vec<TrackedFrame> {
        let frames = record
            .stacks
            .get(number)
            .map_or(&[][..], |stack| &stack.frames);
        symbols.stack(frames, &record.modules)
    };
    let family = |number: u64| FAMILIES[(number as usize).min(2)];
    let release = ["free", "delete", "delete[]"][(raw.release_family as usize).min(2)];
    let (kind, title) = match raw.kind {
        1 => (
            FaultKind::NeverAllocated,
            format!("{release} of {:#x}, which is no block", raw.address),
        ),
        2 => (
            FaultKind::FreedTwice,
            format!("second {release} of the block {:#x}", raw.address),
        ),
        _ => (
            FaultKind::OtherFamily,
            format!(
                "{release} of a block of {} bytes from {}",
                raw.bytes,
                family(raw.family)
            ),
        ),
    };
    let mut stacks = vec![("released here".to_owned(), stack(raw.release))];
    if raw.allocation != 0 {
        stacks.push(("allocated here".to_owned(), stack(raw.allocation)));
    }
    TrackedFault {
        kind,
        title,
        times: raw.times,
        stacks,
        suppressed_by: None,
    }
}

fn notes(record: &Record) -> Vec<String> {
    let mut notes = Vec::new();
    if !record.ended {
        let running = Path::new(&format!("/proc/{}", record.pid)).exists();
        notes.push(if running {
            "it was still running when this report was made".to_owned()
        } else {
            "it ended by a signal, `_exit` or `exec`: what it had live then is told".to_owned()
        });
    }
    if record.no_room > 0 {
        notes.push(format!(
            "there was no room for {} stacks or blocks: they are counted without a stack, or missing among what is live",
            record.no_room
        ));
    }
    if !record.families {
        notes.push("it has an `operator new` or `delete` of its own: which of these goes with `malloc` or `free` was not checked".to_owned());
    }
    notes
}
