//! Runs a program under Valgrind's memcheck.

use std::path::Path;
use std::process::{Command, Stdio};

use super::program::{command, shown, to_end};
use super::report::{
    FaultKind, LeakKind, TrackedFault, TrackedFrame, TrackedLeak, TrackedProcess, Tracking,
};
use super::{TrackOptions, refuse, untracked};
use crate::Error;
use crate::parse::memcheck::{self, RawFrame, Report};

const ARGUMENTS: [&str; 10] = [
    "--tool=memcheck",
    "--leak-check=full",
    "--show-leak-kinds=all",
    "--track-origins=yes",
    "--track-fds=yes",
    "--malloc-fill=AA",
    "--free-fill=BB",
    "--trace-children=yes",
    // Parent and child would write into one file, and spoil it.
    "--child-silent-after-fork=yes",
    "--xml=yes",
];

pub(super) fn run(options: &TrackOptions) -> Result<Tracking, Error> {
    let version = version()?;
    let folder = tempfile::Builder::new()
        .prefix("assay-track-")
        .tempdir()
        .map_err(|error| refuse(format!("failed to make a folder for reports: {error}")))?;
    // A percent sign would start a placeholder.
    let place = folder.path().to_string_lossy().replace('%', "%%");
    let mut words = vec!["valgrind".into()];
    words.extend(ARGUMENTS.map(Into::into));
    words.push(format!("--num-callers={}", options.depth).into());
    words.push(format!("--xml-file={place}/%p.xml").into());
    // What it has no XML for would stand among the program's own errors.
    words.push(format!("--log-file={place}/%p.log").into());
    words.push("--".into());
    words.extend(options.command.iter().cloned());
    let ending = to_end(&mut command(&words)?)?;
    let processes = reports(folder.path())?;
    if processes.is_empty() {
        return Err(untracked(format!(
            "Valgrind wrote no report of `{}`",
            shown(&options.command).join(" ")
        )));
    }
    Ok(Tracking {
        schema_version: 1,
        tool: version,
        command: shown(&options.command),
        ending,
        processes,
        unmatched_suppressions: Vec::new(),
    })
}

fn version() -> Result<String, Error> {
    let output = Command::new("valgrind")
        .arg("--version")
        .stderr(Stdio::null())
        .output();
    let output = output.map_err(|_| {
        untracked("Valgrind is not on PATH; `apt-get install valgrind` makes it available")
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn reports(folder: &Path) -> Result<Vec<TrackedProcess>, Error> {
    let failed =
        |error: std::io::Error| refuse(format!("failed to read Valgrind's reports: {error}"));
    let mut processes = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(failed)?;
        let mut process = process(memcheck::report(&String::from_utf8_lossy(&bytes)));
        let log = std::fs::read(path.with_extension("log")).unwrap_or_default();
        process
            .notes
            .extend(descriptors(&String::from_utf8_lossy(&log)));
        processes.push(process);
    }
    processes.sort_by_key(|process| process.pid);
    Ok(processes)
}

/// Descriptors that a process opened and did not close, by Valgrind's log.
fn descriptors(log: &str) -> Vec<String> {
    // `==42== Open file descriptor 4: /etc/passwd`, and where it was opened, or that it was inherited.
    let said = log.lines().map(|line| {
        line.trim_start_matches('=')
            .trim_start_matches(|c: char| c.is_ascii_digit())
    });
    let said: Vec<&str> = said
        .map(|line| line.trim_start_matches('=').trim())
        .collect();
    let opened = said.windows(2).filter_map(|pair| {
        let which = pair[0].strip_prefix("Open file descriptor ")?;
        // Its own report is one of them.
        let own = which.ends_with(".xml") || which.ends_with(".log");
        (!own && pair[1] != "<inherited from parent>")
            .then(|| format!("descriptor {which} was open at the end"))
    });
    opened.collect()
}

fn process(report: Report) -> TrackedProcess {
    let mut notes = vec!["Valgrind's XML has no totals".to_owned()];
    if !report.is_whole {
        notes
            .push("the report breaks off: the process was ended, or replaced by `exec`".to_owned());
    }
    let (leaks, errors): (Vec<_>, Vec<_>) = report
        .errors
        .into_iter()
        .partition(|error| error.kind.starts_with("Leak_"));
    let mut leaks: Vec<TrackedLeak> = leaks.into_iter().map(leak).collect();
    leaks.sort_by(|a, b| (a.kind, b.bytes, b.blocks).cmp(&(b.kind, a.bytes, a.blocks)));
    TrackedProcess {
        pid: report.pid,
        parent: report.parent,
        command: report.command.join(" "),
        totals: None,
        leaks,
        faults: errors.into_iter().map(fault).collect(),
        growth: Vec::new(),
        notes,
    }
}

fn leak(mut error: memcheck::Error) -> TrackedLeak {
    let stack = if error.stacks.is_empty() {
        Vec::new()
    } else {
        error.stacks.remove(0)
    };
    TrackedLeak {
        kind: match error.kind.as_str() {
            "Leak_DefinitelyLost" => LeakKind::Lost,
            "Leak_StillReachable" => LeakKind::Reachable,
            _ => LeakKind::Possible,
        },
        blocks: error.leaked_blocks,
        bytes: error.leaked_bytes,
        grew_bytes: None,
        stack: frames(&stack),
        suppressed_by: None,
    }
}

fn fault(error: memcheck::Error) -> TrackedFault {
    let stacks = error.stacks.iter().map(|stack| frames(stack));
    let labels = error.stack_labels().map(str::to_owned);
    TrackedFault {
        title: error.title(),
        times: error.times,
        stacks: labels.zip(stacks).collect(),
        kind: match error.kind.as_str() {
            "MismatchedFree" => FaultKind::OtherFamily,
            kind => FaultKind::Memcheck(kind.to_owned()),
        },
        suppressed_by: None,
    }
}

/// Without the frame of Valgrind's own `malloc` or `free`.
fn frames(stack: &[RawFrame]) -> Vec<TrackedFrame> {
    let own = |frame: &&RawFrame| frame.object.contains("/vgpreload_");
    let frame = |frame: &RawFrame| TrackedFrame {
        function: Some(frame.function.clone()).filter(|name| !name.is_empty()),
        file: frame.source(),
        line: frame.line,
        object: Some(frame.object.clone()).filter(|object| !object.is_empty()),
        address: frame.address,
    };
    stack.iter().skip_while(own).map(frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::recorded;

    #[test]
    fn descriptors_that_were_inherited_are_not_told() {
        let log = "==7== FILE DESCRIPTORS: 5 open (3 std) at exit.\n==7== Open file descriptor 4: /etc/passwd\n==7== \n\
                   ==7== Open file descriptor 251:\n==7==    <inherited from parent>\n==7== \n";
        assert_eq!(
            descriptors(log),
            ["descriptor 4: /etc/passwd was open at the end"]
        );
    }

    #[test]
    fn a_leak_has_its_bytes_and_the_stack_of_the_program() {
        let process = process(memcheck::report(&recorded("lab/memcheck/leak.xml")));
        let lost = &process.leaks[0];
        assert_eq!((lost.kind, lost.blocks), (LeakKind::Lost, 1));
        assert!(lost.bytes > 0);
        assert!(
            !lost.stack[0]
                .object
                .as_deref()
                .unwrap_or("")
                .contains("vgpreload")
        );
        assert!(process.command[..].contains("lab"), "{}", process.command);
    }
}
