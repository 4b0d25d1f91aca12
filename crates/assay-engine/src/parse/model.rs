//! What the model checkers loom and shuttle say: a panic with a message of theirs.

use assay_evidence::{BugClass, Frame};

use super::{RawFinding, frames, panic};

/// What a model checker made of one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It found something.
    Found(RawFinding),
    /// It did not get through the model.
    Cut(String),
}

/// The first thing that loom says.
pub(crate) fn loom(text: &str) -> Option<Verdict> {
    first(text, |line| {
        if line.starts_with("Causality violation") {
            return Some(Kind::Bug(BugClass::DataRace));
        }
        if line.starts_with("deadlock; threads = ") {
            return Some(Kind::Bug(BugClass::Deadlock));
        }
        if line.starts_with("Arc leaked")
            || line.starts_with("Allocation leaked")
            || line.contains("object leaked")
            || line.starts_with("Messages leaked")
        {
            return Some(Kind::Bug(BugClass::Leak));
        }
        let bounds = line.starts_with("Model exceeded maximum number of branches")
            || line.contains("outside of a Loom model")
            || line.contains("from outside a Loom model")
            || line.contains("MAX_THREADS");
        bounds.then_some(Kind::Cut)
    })
}

/// The first thing that shuttle says.
pub(crate) fn shuttle(text: &str) -> Option<Verdict> {
    first(text, |line| {
        if line.starts_with("deadlock! blocked tasks") {
            return Some(Kind::Bug(BugClass::Deadlock));
        }
        let outside =
            line.contains("ExecutionState NotSet") || line.contains("outside of a Shuttle test");
        let bound = line.starts_with("exceeded max_steps bound");
        (outside || bound).then_some(Kind::Cut)
    })
}

enum Kind {
    Bug(BugClass),
    Cut,
}

fn first(text: &str, kind: impl Fn(&str) -> Option<Kind>) -> Option<Verdict> {
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().enumerate().find_map(|(at, line)| {
        let line = line.trim();
        Some(match kind(line)? {
            Kind::Cut => Verdict::Cut(line.to_owned()),
            Kind::Bug(class) => {
                // What follows the first `;` or `[` names threads, which differ between schedules.
                let title = line.split([';', '[']).next().unwrap_or(line).trim_end();
                let mut finding = RawFinding::new(class, title.trim_end_matches([':', '.']));
                for (label, frame) in located(&lines[at + 1..]) {
                    finding.stack(&label, vec![frame]);
                }
                finding.stack("fault", panic::faulting_stack(&lines, at));
                Verdict::Found(finding)
            }
        })
    })
}

/// The accesses that loom names where it keeps locations: `read: thread #0 @ src/lib.rs:41:36`.
fn located(rest: &[&str]) -> Vec<(String, Frame)> {
    let mut accesses: Vec<(String, Frame)> = rest
        .iter()
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| {
            let (label, place) = line.trim().split_once(": ")?;
            let place = place.rsplit_once("@ ").map_or(place, |(_, place)| place);
            let (file, line, column) = frames::location(place);
            let function = String::new();
            Some((
                label.to_owned(),
                Frame {
                    function,
                    file,
                    line,
                    column,
                },
            ))
        })
        .collect();
    // Where the cell was made tells least.
    accesses.sort_by_key(|(label, _)| label == "created");
    accesses
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    fn class(verdict: Option<Verdict>) -> Option<BugClass> {
        match verdict? {
            Verdict::Found(finding) => Some(finding.class),
            Verdict::Cut(_) => None,
        }
    }

    #[test]
    fn loom_tells_races_deadlocks_and_leaks_apart() {
        let read = |file: &str| class(loom(&recorded(&format!("lab/loom/{file}.stderr"))));
        assert_eq!(read("relaxed_publication"), Some(BugClass::DataRace));
        assert_eq!(read("deadlock"), Some(BugClass::Deadlock));
        assert_eq!(read("leak"), Some(BugClass::Leak));
    }

    #[test]
    fn a_model_that_loom_cannot_finish_is_cut() {
        for file in ["too_many", "outside"] {
            let verdict = loom(&recorded(&format!("lab/loom/{file}.stderr")));
            assert!(
                matches!(verdict, Some(Verdict::Cut(_))),
                "{file}: {verdict:?}"
            );
        }
        assert_eq!(loom(&recorded("lab/loom/fine.stderr")), None);
    }

    #[test]
    fn shuttle_tells_a_deadlock_from_a_failing_assertion() {
        let read = |file: &str| shuttle(&recorded(&format!("lab/shuttle/{file}.stderr")));
        assert_eq!(class(read("deadlock")), Some(BugClass::Deadlock));
        assert_eq!(read("lost_update"), None);
    }
}
