//! Miri's diagnostics, and the lines by which the probe counts under it.

use assay_evidence::{BugClass, Frame};

use super::{RawFinding, frames};

/// Every error in a process's standard error, what Miri does not support left out.
pub(crate) fn findings(text: &str) -> Vec<RawFinding> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(message) = said(line) else {
            continue;
        };
        if let Some((class, title)) = class_of(message) {
            found.push(report(class, &title, &lines[at + 1..]));
        }
    }
    found
}

/// The message of an operation that Miri does not support, which ended the program.
pub(crate) fn unsupported(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let message = said(line)?;
        let cut = [
            "unsupported operation",
            "resource exhaustion",
            "post-monomorphization error",
        ];
        cut.iter()
            .any(|kind| message.starts_with(kind))
            .then(|| message.to_owned())
    })
}

/// Counters that the probe reported, each once a process.
pub(crate) fn hits(text: &str) -> impl Iterator<Item = usize> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("assay-hit ")?.trim().parse().ok())
}

/// The message of an error. Without capture, it can stand behind a test's name.
fn said(line: &str) -> Option<&str> {
    const KINDS: [&str; 3] = [
        "Undefined Behavior: ",
        "unsupported operation: ",
        "memory leaked: ",
    ];
    if let Some(message) = line.strip_prefix("error: ") {
        return Some(message);
    }
    let (_, message) = line.split_once("error: ")?;
    KINDS
        .iter()
        .any(|kind| message.starts_with(kind))
        .then_some(message)
}

fn class_of(message: &str) -> Option<(BugClass, String)> {
    if let Some(what) = message.strip_prefix("Undefined Behavior: ") {
        return Some((undefined(what), without_ids(what)));
    }
    if message.starts_with("memory leaked: ") {
        return Some((BugClass::Leak, leak_title(message)));
    }
    // Newer versions: `the evaluated program deadlocked`.
    if message.contains("deadlock") {
        return Some((BugClass::Deadlock, without_ids(message)));
    }
    if message.starts_with("abnormal termination") {
        return Some((BugClass::TestFailure, message.to_owned()));
    }
    None
}

fn undefined(what: &str) -> BugClass {
    const BY_PHRASE: [(&str, BugClass); 23] = [
        ("Data race detected", BugClass::DataRace),
        ("Race condition detected", BugClass::DataRace),
        ("borrow stack", BugClass::Aliasing),
        ("is forbidden", BugClass::Aliasing),
        ("is protected", BugClass::Aliasing),
        ("protector", BugClass::Aliasing),
        ("not granting access", BugClass::Aliasing),
        ("incorrect layout on deallocation", BugClass::WrongLayout),
        (
            "using Rust heap deallocation operation",
            BugClass::InvalidFree,
        ),
        ("using C heap deallocation operation", BugClass::InvalidFree),
        ("deallocating", BugClass::InvalidFree),
        ("use-after-free", BugClass::UseAfterFree),
        ("has been freed", BugClass::UseAfterFree),
        ("is uninitialized", BugClass::UninitialisedRead),
        ("uninitialized memory", BugClass::UninitialisedRead),
        ("but memory is uninitialized", BugClass::UninitialisedRead),
        ("alignment", BugClass::Misaligned),
        ("unaligned", BugClass::Misaligned),
        ("outside the bounds", BugClass::OutOfBounds),
        ("at or beyond the end", BugClass::OutOfBounds),
        ("going beyond the bounds", BugClass::OutOfBounds),
        ("out-of-bounds", BugClass::OutOfBounds),
        ("constructing invalid value", BugClass::InvalidValue),
    ];
    const LATE: [(&str, BugClass); 4] = [
        ("`assume` called with `false`", BugClass::Precondition),
        ("null pointer", BugClass::MemoryFault),
        ("dangling pointer", BugClass::OutOfBounds),
        ("entering unreachable code", BugClass::Precondition),
    ];
    BY_PHRASE
        .iter()
        .chain(&LATE)
        .find(|(phrase, _)| what.contains(phrase))
        .map_or(BugClass::OtherUndefined, |(_, class)| *class)
}

fn leak_title(message: &str) -> String {
    let size = message
        .split_once("size: ")
        .and_then(|(_, rest)| rest.split([',', ')']).next());
    match size {
        Some(size) => format!("leak: {size} bytes"),
        None => "leak".to_owned(),
    }
}

/// Allocation numbers, tags and thread names change from run to run; a title must not.
fn without_ids(what: &str) -> String {
    let mut text = String::new();
    let mut rest = what;
    while let Some(at) = rest.find(['<', 'a']) {
        let (before, tail) = rest.split_at(at);
        text.push_str(before);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(number) = tail.strip_prefix("alloc").filter(|t| digits(t) > 0) {
            text.push_str("alloc");
            rest = &number[digits(number)..];
        } else if let Some(tag) = tail
            .strip_prefix('<')
            .filter(|t| t[digits(t)..].starts_with('>'))
        {
            text.push_str("<tag>");
            rest = &tag[digits(tag) + 1..];
        } else {
            text.push_str(&tail[..1]);
            rest = &tail[1..];
        }
    }
    text.push_str(rest);
    text
}

fn report(class: BugClass, title: &str, rest: &[&str]) -> RawFinding {
    let end = rest
        .iter()
        .position(|line| ends_report(line))
        .unwrap_or(rest.len());
    let rest = &rest[..end];
    let mut finding = RawFinding::new(class, title);
    let mut backtrace = frames::rust_backtrace(&backtrace_text(rest));
    let pointed = rest.first().and_then(|line| arrow(line));
    // The arrow has the place of the fault even where the backtrace is pruned.
    if let (None, Some(place)) = (backtrace.first(), pointed) {
        backtrace.push(place_only(place));
    }
    let label = if class == BugClass::Leak {
        "allocated here"
    } else {
        "fault"
    };
    finding.stack(label, backtrace);
    for (at, line) in rest.iter().enumerate() {
        let Some(text) = line.trim_start().strip_prefix("help: ") else {
            continue;
        };
        let place = rest.get(at + 1).and_then(|next| arrow(next));
        if let Some(place) = place {
            finding.stack(&help_label(text), vec![place_only(place)]);
        }
    }
    finding
}

fn ends_report(line: &str) -> bool {
    line.starts_with("error: ") || line.starts_with("note: some details are omitted")
}

fn backtrace_text(rest: &[&str]) -> String {
    let start = rest
        .iter()
        .position(|line| line.trim_end().ends_with("stack backtrace:"));
    let lines = start.map_or(&[][..], |at| &rest[at + 1..]);
    let inside = |line: &&&str| line.starts_with("   ") && !line.contains("= note:");
    lines
        .iter()
        .take_while(inside)
        .copied()
        .collect::<Vec<_>>()
        .join("\n")
}

fn arrow(line: &str) -> Option<&str> {
    line.trim_start().strip_prefix("--> ")
}

fn place_only(place: &str) -> Frame {
    let (file, line, column) = frames::location(place);
    Frame {
        function: String::new(),
        file,
        line,
        column,
    }
}

fn help_label(text: &str) -> String {
    for (phrase, label) in [
        ("occurred earlier here", "earlier access"),
        ("was created by", "created here"),
        ("was later invalidated", "invalidated here"),
        ("was allocated here", "allocated here"),
        ("was deallocated here", "freed here"),
        ("protected tag", "protected here"),
    ] {
        if text.contains(phrase) {
            return label.to_owned();
        }
    }
    "and".to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    fn only(file: &str) -> RawFinding {
        let mut found = findings(&recorded(&format!("lab/miri/{file}.stderr")));
        assert_eq!(found.len(), 1, "{file}: {found:?}");
        found.remove(0)
    }

    #[test]
    fn every_kind_has_its_class() {
        for (file, class) in [
            ("heap_over_read", BugClass::OutOfBounds),
            ("use_after_free", BugClass::UseAfterFree),
            ("double_free", BugClass::UseAfterFree),
            ("bad_free", BugClass::InvalidFree),
            ("wrong_layout", BugClass::WrongLayout),
            ("scope_escape", BugClass::UseAfterFree),
            ("leak", BugClass::Leak),
            ("uninit_branch", BugClass::UninitialisedRead),
            ("precondition", BugClass::Precondition),
            ("misaligned_of", BugClass::Misaligned),
            ("null_ref", BugClass::MemoryFault),
            ("alias", BugClass::Aliasing),
            ("bad_bool", BugClass::InvalidValue),
            ("race", BugClass::DataRace),
        ] {
            assert_eq!(only(file).class, class, "{file}");
        }
    }

    #[test]
    fn an_aliasing_error_says_what_created_and_what_invalidated_the_tag() {
        let finding = only("alias");
        assert!(
            finding.title.contains("<tag> at alloc[0x0]"),
            "{}",
            finding.title
        );
        let lines: Vec<(&str, Option<u32>)> = finding
            .stacks
            .iter()
            .map(|stack| (stack.label.as_str(), stack.frames[0].line))
            .collect();
        let expected = [
            ("fault", Some(57)),
            ("created here", Some(55)),
            ("invalidated here", Some(56)),
        ];
        assert_eq!(lines, expected);
        assert_eq!(finding.stacks[0].frames[0].function, "alias");
    }

    #[test]
    fn a_leak_has_its_allocation_in_the_audited_code() {
        let finding = only("leak");
        assert_eq!(finding.title, "leak: 100 bytes");
        assert!(finding.stacks[0].frames.iter().any(|f| f.line == Some(82)));
    }

    #[test]
    fn what_miri_does_not_support_is_no_finding() {
        let text = recorded("lab/miri/unsupported.stderr");
        assert_eq!(findings(&text), []);
        let reason = unsupported(&text).expect("a reason");
        assert!(reason.starts_with("unsupported operation: can't call foreign function"));
    }

    #[test]
    fn a_failing_or_passing_test_is_no_finding() {
        assert_eq!(findings(&recorded("lab/miri/fails.stderr")), []);
        assert_eq!(findings(&recorded("lab/miri/a_passes.stderr")), []);
    }

    #[test]
    fn hits_are_read_from_between_other_lines() {
        let text = "noise\nassay-hit 3\nassay-hit x\nassay-hit 12\n";
        assert_eq!(hits(text).collect::<Vec<_>>(), [3, 12]);
    }
}
