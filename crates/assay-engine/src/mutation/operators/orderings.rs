//! Weaker orderings, and fences that are gone.

use assay_evidence::Operator;

use super::super::candidate::Candidate;
use super::super::functions::Region;
use crate::inventory::extent::path_start;
use crate::inventory::source::Source;

const NAMES: [&str; 5] = ["Relaxed", "Release", "Acquire", "AcqRel", "SeqCst"];

/// What an ordering is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Load,
    Store,
    /// Reads and writes at once.
    Exchange,
    Fence,
    /// Something that passes it on.
    Unknown,
}

impl Operation {
    /// The next weaker orderings that the operation accepts. Where one step is noticed, so are two.
    fn weaker(self, ordering: &str) -> &'static [&'static str] {
        match (self, ordering) {
            (_, "Relaxed") => &[],
            (Self::Fence | Self::Exchange, "SeqCst") => &["AcqRel"],
            (Self::Fence | Self::Exchange, "AcqRel") => &["Acquire", "Release"],
            // A relaxed fence is none, and has an operator of its own.
            (Self::Fence, _) => &[],
            (Self::Load, "SeqCst") => &["Acquire"],
            (Self::Store, "SeqCst") => &["Release"],
            _ => &["Relaxed"],
        }
    }
}

/// One candidate for each step of each ordering, and one for each fence.
pub(super) fn find(region: &Region<'_>, found: &mut Vec<Candidate>) {
    let source = region.source();
    for at in region.tokens() {
        if let Some(from) = ordering(region, at) {
            let operation = operation(region, at);
            for weaker in operation.weaker(source.word(at)) {
                let text = path(source, from, at, weaker);
                let range = (from, at + 1);
                let operator = Operator::WeakenOrdering;
                found.push(Candidate::expression(region, operator, range, &text));
            }
        }
    }
    for fence in fences(region) {
        let mut candidate = Candidate::expression(region, Operator::DropFence, fence, "()");
        candidate.mutant.replacement.clear();
        found.push(candidate);
    }
}

/// The first token of the ordering that ends at `at`, if one does and it is a value.
fn ordering(region: &Region<'_>, at: usize) -> Option<usize> {
    let source = region.source();
    if !source.is_ident(at) || !NAMES.contains(&source.word(at)) {
        return None;
    }
    let from = path_start(source, at);
    let is_path = from < at && source.is_word(at - 3, "Ordering");
    let is_pattern = source.is_joint(at + 1, b'=', b'>')
        || source.is_punct(at + 1, b'|')
        || (from > 0 && source.is_punct(from - 1, b'|'));
    let is_more = source.is_open(at + 1, b'(') || source.is_joint(at + 1, b':', b':');
    let is_bare = from == at && operation(region, at) != Operation::Unknown;
    ((is_path || is_bare) && !is_pattern && !is_more).then_some(from)
}

/// The same path with another last segment; a bare name may be imported alone, so it gets a path.
fn path(source: &Source, from: usize, at: usize, name: &str) -> String {
    if from == at {
        format!("core::sync::atomic::Ordering::{name}")
    } else {
        super::super::text::replaced(source, from, at + 1, &[(at, at + 1, name)])
    }
}

/// The operation whose argument an ordering is.
fn operation(region: &Region<'_>, at: usize) -> Operation {
    let source = region.source();
    let around = region.scanned.scan.atomics.iter().filter_map(|atomic| {
        let open = atomic.from + 1;
        let close = source.group_end(open)?;
        (open < at && at < close).then_some((close - open, open, close, atomic))
    });
    let Some((_, open, _, atomic)) = around.min_by_key(|(length, ..)| *length) else {
        return Operation::Unknown;
    };
    let before = (open + 1..at)
        .filter(|index| source.is_ident(*index) && NAMES.contains(&source.word(*index)))
        .count();
    match atomic.operation.as_str() {
        "fence" => Operation::Fence,
        "load" => Operation::Load,
        "store" => Operation::Store,
        // A hint to the compiler: the processor is not told.
        "compiler_fence" => Operation::Unknown,
        name if before > 0 && (name.starts_with("compare_") || name.ends_with("update")) => {
            Operation::Load
        }
        _ => Operation::Exchange,
    }
}

/// Calls of `fence` as ranges of tokens.
fn fences<'a>(region: &'a Region<'_>) -> impl Iterator<Item = (usize, usize)> + 'a {
    let source = region.source();
    let atomics = region.scanned.scan.atomics.iter();
    let own = atomics.filter(|atomic| atomic.operation == "fence" && region.has(atomic.from));
    own.filter_map(move |atomic| {
        let close = source.group_end(atomic.from + 1)?;
        Some((path_start(source, atomic.from), close + 1))
    })
}
