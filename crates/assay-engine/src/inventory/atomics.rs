//! Atomic operations and fences, with their orderings as written.

use super::cfg::split_commas;
use super::source::Source;

/// An atomic operation as one file shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawAtomic {
    /// Byte offset of the method's name.
    pub(crate) start: u32,
    /// The token that names the method.
    pub(crate) from: usize,
    /// Path of the enclosing item.
    pub(crate) item: String,
    /// What it is called on, as written.
    pub(crate) place: String,
    /// The method.
    pub(crate) operation: String,
    /// Orderings in the order of the arguments.
    pub(crate) orderings: Vec<String>,
}

/// Whether a name can be that of an atomic operation.
pub(super) fn may_be_one(name: &str) -> bool {
    matches!(
        name,
        "load" | "store" | "swap" | "fence" | "compiler_fence" | "update" | "try_update"
    ) || name.starts_with("fetch_")
        || name.starts_with("compare_")
}

/// Reads the call whose name stands at `at`: its place and orderings, none if no ordering is among its arguments.
pub(super) fn read(source: &Source, at: usize, end: usize) -> Option<(String, Vec<String>)> {
    let open = at + 1;
    if !source.is_open(open, b'(') || open >= end {
        return None;
    }
    let close = source.group_end(open)?;
    let is_fence = source.word(at).ends_with("fence");
    let is_method = at > 0 && source.is_punct(at - 1, b'.');
    if !is_method && !is_fence {
        return None;
    }
    let arguments = split_commas(source, open + 1, close);
    let orderings: Vec<String> = arguments
        .iter()
        .filter_map(|(from, to)| ordering(source, *from, *to))
        .collect();
    if orderings.is_empty() {
        return None;
    }
    let place = if is_method {
        source.compact(receiver_start(source, at - 1), at - 1)
    } else {
        String::new()
    };
    Some((place, orderings))
}

/// `Ordering::Acquire`, `Acquire`, or an expression that chooses between orderings, kept as written.
fn ordering(source: &Source, from: usize, to: usize) -> Option<String> {
    const NAMES: [&str; 5] = ["Relaxed", "Release", "Acquire", "AcqRel", "SeqCst"];
    let last = source.word(to - 1);
    let is_path = (from..to - 1).all(|at| source.is_ident(at) || source.is_punct(at, b':'));
    if is_path && NAMES.contains(&last) {
        return Some(last.to_owned());
    }
    let chooses = source.is_word(from, "if") || source.is_word(from, "match");
    let names_one = (from..to).any(|at| source.is_ident(at) && NAMES.contains(&source.word(at)));
    (chooses && names_one).then(|| source.compact(from, to))
}

/// The first token of the expression that ends before the `.` at `dot`.
fn receiver_start(source: &Source, dot: usize) -> usize {
    let mut at = dot;
    while at > 0 {
        let before = at - 1;
        if let Some(open) = source.group_start(before) {
            // A brace before a dot ends a block; what stands before that is not part of the receiver.
            if source.is_open(open, b'{') {
                return at;
            }
            at = open;
        } else if source.is_ident(before)
            || matches!(source.kind(before), Some(super::lexer::Kind::Literal))
        {
            if matches!(
                source.word(before),
                "return" | "in" | "mut" | "if" | "while" | "match" | "else" | "move"
            ) {
                return at;
            }
            at = before;
            if !(at > 0 && (source.is_punct(at - 1, b'.') || source.is_punct(at - 1, b':'))) {
                if at > 0 && source.is_punct(at - 1, b'$') {
                    return at - 1;
                }
                return at;
            }
        } else if source.is_punct(before, b'.') || source.is_punct(before, b'?') {
            at = before;
        } else if at >= 2 && source.is_joint(at - 2, b':', b':') {
            at -= 2;
        } else {
            return at;
        }
    }
    at
}
