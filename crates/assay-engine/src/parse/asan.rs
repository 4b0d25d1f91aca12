//! Reports of AddressSanitizer and LeakSanitizer.

use assay_evidence::{BugClass, Frame};

use super::{RawFinding, frames};

const ASAN: &str = "ERROR: AddressSanitizer: ";
const LSAN: &str = "ERROR: LeakSanitizer: ";

/// Every report in a process's standard error.
pub(crate) fn findings(text: &str) -> Vec<RawFinding> {
    let mut found = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if let Some(head) = after(line, ASAN) {
            found.extend(memory_error(head, &lines[at + 1..]));
        } else if after(line, LSAN).is_some() {
            found.extend(leaks(&lines[at + 1..]));
        }
    }
    found
}

fn after<'a>(line: &'a str, marker: &str) -> Option<&'a str> {
    line.find(marker).map(|at| &line[at + marker.len()..])
}

fn memory_error(head: &str, rest: &[&str]) -> Option<RawFinding> {
    let kind = kind_of(head);
    let end = rest
        .iter()
        .position(|line| line.starts_with("SUMMARY: AddressSanitizer") || line.contains(ASAN))
        .unwrap_or(rest.len());
    let rest = &rest[..end];
    let access = rest.iter().find_map(|line| access_of(line));
    let class = class_of(&kind, head)?;
    let title = match &access {
        Some(access) => format!("{kind}: {access}"),
        None => kind.clone(),
    };
    let mut finding = RawFinding::new(class, title);
    let first = access.as_deref().map_or("fault", |access| {
        if access.starts_with("write") {
            "write"
        } else {
            "read"
        }
    });
    let mut label = if kind.contains("free") && access.is_none() {
        "free"
    } else {
        first
    }
    .to_owned();
    let mut stack: Vec<Frame> = Vec::new();
    for line in rest {
        if let Some(frame) = frames::sanitizer(line) {
            stack.push(frame);
        } else if let Some(next) = section(line) {
            finding.stack(&label, std::mem::take(&mut stack));
            label = next;
        } else if line.trim().is_empty() {
            finding.stack(&label, std::mem::take(&mut stack));
        }
    }
    finding.stack(&label, stack);
    Some(finding)
}

fn section(line: &str) -> Option<String> {
    let label = if line.starts_with("freed by thread") {
        "freed here"
    } else if line.contains("allocated by thread") {
        "allocated here"
    } else if line.contains("is located in stack of thread") {
        "in the frame of"
    } else if line.starts_with("Thread T") && line.contains("created by") {
        "thread created here"
    } else {
        return None;
    };
    Some(label.to_owned())
}

fn kind_of(head: &str) -> String {
    if head.contains("attempting double-free") {
        "double-free".to_owned()
    } else if head.contains("attempting free on address which was not malloc()-ed") {
        "bad-free".to_owned()
    } else {
        head.split([' ', ':']).next().unwrap_or(head).to_owned()
    }
}

/// `READ of size 1 at ..` as `read of 1 byte`.
fn access_of(line: &str) -> Option<String> {
    let (verb, rest) = line.split_once(" of size ")?;
    let verb = match verb {
        "READ" => "read",
        "WRITE" => "write",
        _ => return None,
    };
    let size: u64 = rest.split(' ').next()?.parse().ok()?;
    let unit = if size == 1 { "byte" } else { "bytes" };
    Some(format!("{verb} of {size} {unit}"))
}

fn class_of(kind: &str, head: &str) -> Option<BugClass> {
    Some(match kind {
        "heap-buffer-overflow"
        | "stack-buffer-overflow"
        | "stack-buffer-underflow"
        | "global-buffer-overflow"
        | "container-overflow"
        | "intra-object-overflow"
        | "dynamic-stack-buffer-overflow"
        | "negative-size-param" => BugClass::OutOfBounds,
        "heap-use-after-free"
        | "stack-use-after-return"
        | "stack-use-after-scope"
        | "use-after-poison" => BugClass::UseAfterFree,
        "double-free" | "bad-free" => BugClass::InvalidFree,
        "alloc-dealloc-mismatch" | "new-delete-type-mismatch" => BugClass::WrongLayout,
        // A program that recurses without end is stopped by its guard page: no undefined behaviour.
        "stack-overflow" => BugClass::TestFailure,
        // The limits that this tool sets.
        "out-of-memory" | "allocation-size-too-big" | "calloc-overflow" | "hard" => {
            BugClass::TestFailure
        }
        "ABRT" => return None,
        "SEGV" | "BUS" | "FPE" | "ILL" => BugClass::MemoryFault,
        _ if head.contains("overlap") => BugClass::OtherUndefined,
        _ => BugClass::OtherUndefined,
    })
}

fn leaks(rest: &[&str]) -> Vec<RawFinding> {
    let mut found: Vec<RawFinding> = Vec::new();
    let mut head: Option<String> = None;
    let mut stack: Vec<Frame> = Vec::new();
    for line in rest.iter().chain([&""]) {
        if let Some(frame) = frames::sanitizer(line) {
            stack.push(frame);
            continue;
        }
        if let Some(title) = head.take_if(|_| line.trim().is_empty()) {
            let mut finding = RawFinding::new(BugClass::Leak, title);
            finding.stack("allocated here", std::mem::take(&mut stack));
            found.push(finding);
        }
        // What an unreachable block points to is lost with it: only the roots are reported.
        if line.starts_with("Direct leak of ") {
            head = Some(leak_title(line));
        } else if line.starts_with("Indirect leak of ") {
            head = None;
            stack.clear();
        } else if line.starts_with("SUMMARY:") {
            break;
        }
    }
    found
}

fn leak_title(line: &str) -> String {
    let text = line.split(" allocated from").next().unwrap_or(line);
    let text = text.replace("Direct leak of ", "leak: ");
    text.replace("byte(s)", "bytes")
        .replace("object(s)", "blocks")
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    fn only(path: &str) -> RawFinding {
        let mut found = findings(&recorded(path));
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        found.remove(0)
    }

    fn top(finding: &RawFinding, stack: usize) -> (String, Option<u32>) {
        let frame = &finding.stacks[stack].frames[0];
        (frame.function.clone(), frame.line)
    }

    #[test]
    fn every_kind_has_its_class() {
        for (file, class) in [
            ("heap_over_read", BugClass::OutOfBounds),
            ("heap_over_write", BugClass::OutOfBounds),
            ("stack_buffer", BugClass::OutOfBounds),
            ("global", BugClass::OutOfBounds),
            ("use_after_free", BugClass::UseAfterFree),
            ("scope_escape", BugClass::UseAfterFree),
            ("double_free", BugClass::InvalidFree),
            ("bad_free", BugClass::InvalidFree),
            ("null_read", BugClass::MemoryFault),
            ("stack_overflows", BugClass::TestFailure),
            ("leak", BugClass::Leak),
        ] {
            assert_eq!(
                only(&format!("lab/asan/{file}.stderr")).class,
                class,
                "{file}"
            );
        }
    }

    #[test]
    fn an_over_read_has_both_stacks() {
        let finding = only("lab/asan/heap_over_read.stderr");
        assert_eq!(finding.title, "heap-buffer-overflow: read of 1 byte");
        assert_eq!(
            top(&finding, 0),
            ("lab::heap_over_read".to_owned(), Some(5))
        );
        assert_eq!(finding.stacks[1].label, "allocated here");
        assert!(finding.stacks[0].frames.len() < 6, "the harness is cut off");
    }

    #[test]
    fn a_use_after_free_names_the_free_and_the_allocation() {
        let finding = only("lab/asan/use_after_free.stderr");
        let labels: Vec<&str> = finding.stacks.iter().map(|s| s.label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "read",
                "freed here",
                "allocated here",
                "thread created here"
            ]
        );
    }

    #[test]
    fn a_leak_says_how_much() {
        assert_eq!(
            only("lab/asan/leak.stderr").title,
            "leak: 100 bytes in 1 blocks"
        );
    }

    #[test]
    fn a_passing_test_has_no_finding() {
        assert_eq!(findings(&recorded("lab/asan/a_passes.stderr")), []);
    }

    #[test]
    fn a_report_that_breaks_off_is_still_a_finding() {
        let text = recorded("lab/asan/use_after_free.stderr");
        let cut: String = text.lines().take(9).collect::<Vec<_>>().join("\n");
        assert_eq!(findings(&cut)[0].class, BugClass::UseAfterFree);
    }
}
