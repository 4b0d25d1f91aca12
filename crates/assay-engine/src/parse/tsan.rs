//! Reports of ThreadSanitizer.

use assay_evidence::{BugClass, Frame};

use super::{RawFinding, frames};

const WARNING: &str = "WARNING: ThreadSanitizer: ";
const ERROR: &str = "ERROR: ThreadSanitizer: ";

/// Every report in a process's standard error.
pub(crate) fn findings(text: &str) -> Vec<RawFinding> {
    let mut found = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let head = [WARNING, ERROR]
            .iter()
            .find_map(|marker| line.find(marker).map(|start| &line[start + marker.len()..]));
        if let Some(head) = head {
            found.extend(report(head, &lines[at + 1..]));
        }
    }
    found
}

fn report(head: &str, rest: &[&str]) -> Option<RawFinding> {
    let kind = head.split([':', '(']).next().unwrap_or(head);
    let kind = kind.split(" on ").next().unwrap_or(kind).trim();
    let class = class_of(kind)?;
    let mut sections = sections(rest);
    let accesses: Vec<String> = sections
        .iter()
        .filter(|(label, _)| is_access(label))
        .map(|(label, _)| label.clone())
        .collect();
    let title = match accesses.as_slice() {
        [first, second, ..] => format!("{kind}: {first}, {second}"),
        [one] => format!("{kind}: {one}"),
        [] => kind.to_owned(),
    };
    let mut finding = RawFinding::new(class, title);
    for (label, stack) in sections.drain(..) {
        finding.stack(&label, stack);
    }
    Some(finding)
}

fn sections(rest: &[&str]) -> Vec<(String, Vec<Frame>)> {
    let mut sections: Vec<(String, Vec<Frame>)> = Vec::new();
    for line in rest {
        if line.starts_with("SUMMARY: ThreadSanitizer") || line.starts_with("=====") {
            break;
        }
        if let Some(frame) = frames::sanitizer(line) {
            match sections.last_mut() {
                Some((_, stack)) => stack.push(frame),
                None => sections.push(("fault".to_owned(), vec![frame])),
            }
        } else if line.starts_with("  ") && line.trim_end().ends_with(':') {
            sections.push((label_of(line.trim()), Vec::new()));
        }
    }
    sections
}

fn is_access(label: &str) -> bool {
    label.contains("read") || label.contains("write")
}

/// `Previous atomic write of size 8 at 0x.. by thread T1:` as `previous atomic write of 8 bytes`.
fn label_of(line: &str) -> String {
    let lower = line.trim_end_matches(':').to_lowercase();
    if lower.starts_with("location is heap block") {
        return "allocated here".to_owned();
    }
    match lower.split_once(" of size ") {
        Some((access, rest)) => {
            let size = rest.split(' ').next().unwrap_or_default();
            let unit = if size == "1" { "byte" } else { "bytes" };
            format!("{access} of {size} {unit}")
        }
        None if lower.starts_with("thread ") && lower.contains("created by") => {
            "thread created here".to_owned()
        }
        None => lower,
    }
}

fn class_of(kind: &str) -> Option<BugClass> {
    Some(match kind {
        "data race" | "race on external object" => BugClass::DataRace,
        "heap-use-after-free" | "use-after-free" => BugClass::UseAfterFree,
        "lock-order-inversion" => BugClass::Deadlock,
        "SEGV" | "BUS" | "FPE" | "ILL" => BugClass::MemoryFault,
        "thread leak" => BugClass::Leak,
        "signal-unsafe call inside of a signal" | "signal handler spoils errno" => return None,
        _ if kind.starts_with("data race") => BugClass::DataRace,
        _ if kind.starts_with("attempting ") || kind.contains("allocat") => BugClass::TestFailure,
        _ => BugClass::OtherUndefined,
    })
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    #[test]
    fn a_race_has_both_accesses() {
        let found = findings(&recorded("lab/tsan/race.stderr"));
        let first = &found[0];
        assert_eq!(first.class, BugClass::DataRace);
        assert_eq!(
            first.title,
            "data race: read of 8 bytes, previous write of 8 bytes"
        );
        assert_eq!(first.stacks[0].frames[0].function, "<lab::Racy>::bump");
        assert_eq!(first.stacks[0].frames[0].line, Some(65));
        assert_eq!(first.stacks[1].frames[0].line, Some(65));
    }

    #[test]
    fn other_kinds_have_their_class() {
        let class = |file: &str| findings(&recorded(&format!("lab/tsan/{file}.stderr")))[0].class;
        assert_eq!(class("use_after_free"), BugClass::UseAfterFree);
        assert_eq!(class("null_read"), BugClass::MemoryFault);
    }
}
