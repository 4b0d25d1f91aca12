//! Lines of the probe's checking allocator.

use assay_evidence::{BugClass, Frame};

use super::{RawFinding, frames};

const MARK: &str = "assay-alloc: ";

/// Every violation in a process's standard error.
pub(crate) fn findings(text: &str) -> Vec<RawFinding> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let said = line
            .find(MARK)
            .map(|start| line[start + MARK.len()..].trim());
        let Some((name, detail)) = said.and_then(|said| said.split_once(' ')) else {
            continue;
        };
        if let Some(class) = class_of(name) {
            let mut finding = RawFinding::new(class, format!("{name}: {}", steady(detail)));
            for (label, stack) in stacks(&lines[at + 1..]) {
                finding.stack(label, stack);
            }
            found.push(finding);
        }
    }
    found
}

fn class_of(name: &str) -> Option<BugClass> {
    Some(match name {
        "wrong-layout" => BugClass::WrongLayout,
        "out-of-bounds" => BugClass::OutOfBounds,
        "invalid-free" => BugClass::InvalidFree,
        "use-after-free" => BugClass::UseAfterFree,
        _ => return None,
    })
}

/// Addresses differ between runs.
fn steady(detail: &str) -> String {
    let words = detail
        .split(' ')
        .map(|word| if word.starts_with("0x") { "0x.." } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The labelled stacks of a report, up to the next one's first line.
fn stacks<'a>(rest: &[&'a str]) -> Vec<(&'a str, Vec<Frame>)> {
    let mut stacks = Vec::new();
    let mut label = "found here";
    let mut open: Option<String> = None;
    for line in rest {
        match (line.trim().strip_prefix(MARK).map(str::trim), &mut open) {
            (Some("stack begin"), _) => open = Some(String::new()),
            (Some("stack end"), Some(text)) => {
                stacks.push((label, without_probe(frames::rust_backtrace(text))));
                open = None;
            }
            (Some(said), None) if said.ends_with(" here") => label = said,
            (Some(said), _) if said.split(' ').next().and_then(class_of).is_some() => break,
            (_, Some(text)) => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    stacks
}

/// Cuts the frames of the allocator itself off.
fn without_probe(mut stack: Vec<Frame>) -> Vec<Frame> {
    const OF_PROBE: [&str; 6] = [
        "assay_probe",
        "std::backtrace",
        "block_guard",
        "__rust_alloc",
        "__rust_dealloc",
        "__rust_realloc",
    ];
    let own = stack
        .iter()
        .rposition(|frame| OF_PROBE.iter().any(|part| frame.function.contains(part)))
        .map_or(0, |last| last + 1);
    // A stack that is nothing else is the allocator's.
    stack.drain(..own);
    stack
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
running 1 test
assay-alloc: wrong-layout a block at 0x7ffe12 of 64 bytes was claimed to have 32 bytes
assay-alloc: allocated 64 bytes aligned to 8, freed as 32 bytes aligned to 8
assay-alloc: found here
assay-alloc: stack begin
   0: std::backtrace::Backtrace::force_capture
             at /rustc/59807616/library/std/src/backtrace.rs:314:9
   1: assay_probe::alloc::report
   2: lab::wrong_layout
             at ./src/lib.rs:31:26
assay-alloc: stack end
assay-alloc: allocated here
assay-alloc: stack begin
   0: assay_probe::alloc
   1: lab::wrong_layout
             at ./src/lib.rs:31:18
assay-alloc: stack end
";

    #[test]
    fn a_violation_has_its_class_and_the_stack_above_the_probe() {
        let found = findings(TEXT);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].class, BugClass::WrongLayout);
        assert!(
            found[0].title.contains("a block at 0x.. of 64 bytes"),
            "{}",
            found[0].title
        );
        assert_eq!(found[0].stacks[0].frames[0].function, "lab::wrong_layout");
        assert_eq!(found[0].stacks[1].label, "allocated here");
        assert_eq!(found[0].stacks[1].frames[0].line, Some(31));
    }

    #[test]
    fn live_bytes_are_no_violation() {
        assert_eq!(findings("assay-alloc: live 12 bytes in 1 blocks\n"), []);
    }
}
