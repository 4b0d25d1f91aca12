//! What a Rust process says when it dies: panics that tell of undefined behaviour, aborts of the
//! allocator, and signals.

use assay_evidence::{BugClass, Frame};

use super::{RawFinding, frames};
use crate::process::Ended;

/// Reports in a process's standard error that need no layer: the checks of the standard library and
/// the compiler, and the C library's own.
pub(crate) fn findings(text: &str) -> Vec<RawFinding> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some((class, title)) = check_of(line) {
            let mut finding = RawFinding::new(class, title);
            finding.stack("fault", faulting_stack(&lines, at));
            found.push(finding);
        } else if let Some((class, title)) = heap_abort(line) {
            found.push(RawFinding::new(class, title));
        }
    }
    found
}

/// A death that nothing in the output explains.
pub(crate) fn unexplained(ended: &Ended, text: &str) -> Option<RawFinding> {
    let Ended::Signalled(signal) = ended else {
        return None;
    };
    if text.contains("has overflowed its stack") {
        return Some(RawFinding::new(BugClass::TestFailure, "stack overflow"));
    }
    let class = match signal {
        4 | 7 | 8 | 11 => BugClass::MemoryFault,
        _ => BugClass::TestFailure,
    };
    let title = match panic_message(text) {
        Some(message) if *signal == 6 => format!("aborted: {message}"),
        _ => format!("the process was ended by {}", signal_name(*signal)),
    };
    let mut finding = RawFinding::new(class, title);
    finding.stack("fault", frames::rust_backtrace(text));
    Some(finding)
}

/// The first panic's message, in one line.
pub(crate) fn panic_message(text: &str) -> Option<String> {
    let mut lines = text.lines();
    lines.find(|line| line.starts_with("thread '") && line.contains("panicked at"))?;
    let message: Vec<&str> = lines
        .map(str::trim)
        .take_while(|line| !line.is_empty() && !line.starts_with("stack backtrace:"))
        .take_while(|line| !line.starts_with("note: run with"))
        .take(4)
        .collect();
    (!message.is_empty()).then(|| message.join("; "))
}

/// The stack of the panic at a line of the output.
pub(crate) fn faulting_stack(lines: &[&str], at: usize) -> Vec<Frame> {
    let rest = &lines[at..];
    let next_thread = rest
        .iter()
        .skip(1)
        .position(|line| line.starts_with("thread '"));
    let rest = &rest[..next_thread.map_or(rest.len(), |end| end + 1)];
    let start = rest
        .iter()
        .position(|line| line.starts_with("stack backtrace:"));
    let body = start.map_or(&[][..], |start| &rest[start + 1..]);
    let body = body
        .iter()
        .take_while(|line| line.starts_with(' '))
        .copied();
    let mut stack = frames::rust_backtrace(&body.collect::<Vec<_>>().join("\n"));
    let own = stack.iter().position(|frame| !is_machinery(frame));
    stack.drain(..own.unwrap_or(0));
    if stack.is_empty() {
        stack.extend(panic_place(lines, at));
    }
    stack
}

/// Frames between a check and the panic that reports it.
fn is_machinery(frame: &Frame) -> bool {
    let function = frame.function.as_str();
    function.contains("rust_begin_unwind")
        || function.contains("panicking::")
        || function.contains("precondition_check")
}

/// The place that the panic's own line names; without a backtrace there is no more.
fn panic_place(lines: &[&str], at: usize) -> Option<Frame> {
    let line = lines[..=at]
        .iter()
        .rev()
        .find(|line| line.contains("panicked at "))?;
    let (_, place) = line.split_once("panicked at ")?;
    let (file, line, column) = frames::location(place.trim_end_matches(':'));
    Some(Frame {
        function: String::new(),
        file,
        line,
        column,
    })
}

fn check_of(line: &str) -> Option<(BugClass, String)> {
    let line = line.trim();
    if let Some(what) = line.strip_prefix("unsafe precondition(s) violated: ") {
        let what = what.split("\n").next().unwrap_or(what);
        return Some((
            BugClass::Precondition,
            format!("precondition violated: {what}"),
        ));
    }
    if line.starts_with("misaligned pointer dereference: ") {
        // The address differs from run to run.
        let what = line.split(" but is ").next().unwrap_or(line);
        return Some((BugClass::Misaligned, what.to_owned()));
    }
    if line.starts_with("null pointer dereference occurred") {
        return Some((BugClass::MemoryFault, line.to_owned()));
    }
    let invalid = line.starts_with("trying to construct an enum from an invalid value")
        || line.starts_with("attempted to instantiate uninhabited type")
        || line.starts_with("attempted to zero-initialize type")
        || line.starts_with("attempted to leave type");
    invalid.then(|| (BugClass::InvalidValue, line.to_owned()))
}

/// What the C library's allocator says before it aborts.
fn heap_abort(line: &str) -> Option<(BugClass, String)> {
    const SAID: [(&str, BugClass); 10] = [
        ("double free or corruption", BugClass::InvalidFree),
        ("free(): double free detected", BugClass::InvalidFree),
        ("free(): invalid ", BugClass::InvalidFree),
        ("munmap_chunk(): invalid pointer", BugClass::InvalidFree),
        ("realloc(): invalid ", BugClass::InvalidFree),
        ("malloc(): ", BugClass::MemoryFault),
        ("malloc_consolidate(): ", BugClass::MemoryFault),
        ("free(): corrupted ", BugClass::MemoryFault),
        ("corrupted size vs. prev_size", BugClass::MemoryFault),
        ("corrupted double-linked list", BugClass::MemoryFault),
    ];
    // Without capture, it stands behind the test's name.
    SAID.iter().find_map(|(words, class)| {
        let at = line.find(words)?;
        Some((*class, line[at..].trim().to_owned()))
    })
}

/// A signal's name, for the common ones.
pub(crate) fn signal_name(signal: i32) -> String {
    match signal {
        4 => "SIGILL".to_owned(),
        6 => "SIGABRT".to_owned(),
        7 => "SIGBUS".to_owned(),
        8 => "SIGFPE".to_owned(),
        9 => "SIGKILL".to_owned(),
        11 => "SIGSEGV".to_owned(),
        13 => "SIGPIPE".to_owned(),
        15 => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    fn read(file: &str) -> Vec<RawFinding> {
        findings(&recorded(&format!("lab/unit/{file}.stderr")))
    }

    #[test]
    fn a_violated_precondition_points_at_its_caller() {
        let found = read("precondition");
        assert_eq!(found[0].class, BugClass::Precondition);
        let frames = &found[0].stacks[0].frames;
        let own = frames
            .iter()
            .find(|f| f.function == "lab::precondition")
            .expect("a frame");
        assert_eq!(
            (own.file.as_deref(), own.line),
            (Some("./src/lib.rs"), Some(44))
        );
    }

    #[test]
    fn the_checks_of_the_compiler_have_their_class() {
        assert_eq!(read("misaligned_of")[0].class, BugClass::Misaligned);
        assert_eq!(read("null_ref")[0].class, BugClass::MemoryFault);
    }

    #[test]
    fn the_c_library_notices_some_frees() {
        assert_eq!(read("double_free")[0].class, BugClass::InvalidFree);
        assert_eq!(read("bad_free")[0].class, BugClass::InvalidFree);
    }

    #[test]
    fn an_ordinary_panic_is_no_finding() {
        assert_eq!(read("fails"), []);
        assert_eq!(read("panics_as_it_should"), []);
        let message = panic_message(&recorded("lab/unit/fails.stderr")).expect("a message");
        assert!(message.contains("one is two"), "{message}");
    }

    #[test]
    fn a_stack_overflow_is_told_from_a_fault() {
        let text = recorded("lab/unit/stack_overflows.stderr");
        let finding = unexplained(&Ended::Signalled(6), &text).expect("a finding");
        assert_eq!(finding.class, BugClass::TestFailure);
        let fault = unexplained(&Ended::Signalled(11), "").expect("a finding");
        assert_eq!(
            (fault.class, fault.title.as_str()),
            (BugClass::MemoryFault, "the process was ended by SIGSEGV")
        );
        assert_eq!(unexplained(&Ended::Exited(101), ""), None);
    }
}
