//! Shapes in tokens that the operators share: conditions, calls, statements.

use super::super::functions::Region;
use super::super::text::replaced;
use crate::inventory::cfg::split_commas;
use crate::inventory::extent::{angle_end, extent, path_start};
use crate::inventory::source::Source;

/// A range of tokens: the first, and the one after the last.
pub(crate) type Range = (usize, usize);

/// Macros that print their condition as written.
const ASSERTIONS: [&str; 6] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
];

/// An `if` or `while` whose condition is a plain expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Branch {
    pub(super) condition: Range,
    /// The braces of its block.
    pub(super) block: Range,
    /// The braces of the block behind `else`, where one is.
    pub(super) otherwise: Option<Range>,
}

/// The branch whose keyword stands at `at`; none for `if let` and for guards of match arms.
pub(super) fn branch(region: &Region<'_>, at: usize) -> Option<Branch> {
    let source = region.source();
    let mut open = at + 1;
    while !source.is_open(open, b'{') {
        let ends = open >= region.close
            || source.is_word(open, "let")
            || source.is_punct(open, b';')
            || source.is_joint(open, b'=', b'>');
        if ends {
            return None;
        }
        open = source.group_end(open).map_or(open + 1, |close| close + 1);
    }
    let close = source.group_end(open)?;
    let otherwise = source
        .is_word(close + 1, "else")
        .then_some(close + 2)
        .filter(|open| source.is_open(*open, b'{'))
        .and_then(|open| Some((open, source.group_end(open)?)));
    (open > at + 1).then_some(Branch {
        condition: (at + 1, open),
        block: (open, close),
        otherwise,
    })
}

/// A call of a function, a method or a macro.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Path, name and parentheses; of a method, the name and what follows.
    pub(super) whole: Range,
    /// The arguments.
    pub(super) arguments: Vec<Range>,
}

/// The macro call whose name stands at `at`.
pub(super) fn macro_call(source: &Source, at: usize) -> Option<Call> {
    let is_macro = source.is_ident(at) && source.is_punct(at + 1, b'!');
    let close = source.group_end(at + 2).filter(|_| is_macro)?;
    Some(Call {
        whole: (path_start(source, at), close + 1),
        arguments: split_commas(source, at + 3, close),
    })
}

/// The call whose name stands at `at`, type arguments passed over.
pub(super) fn call(source: &Source, at: usize) -> Option<Call> {
    let mut open = at + 1;
    if source.is_joint(open, b':', b':') && source.is_punct(open + 2, b'<') {
        open = angle_end(source, open + 2, source.len())?;
    }
    let is_call = source.is_ident(at) && source.is_open(open, b'(');
    let close = source.group_end(open).filter(|_| is_call)?;
    Some(Call {
        whole: (path_start(source, at), close + 1),
        arguments: split_commas(source, open + 1, close),
    })
}

/// Whether a name is that of an assertion.
pub(super) fn is_assertion(name: &str) -> bool {
    ASSERTIONS.contains(&name)
}

/// The change of a range as the change of the whole assertion around it, where one is: an assertion prints its
/// condition, and a choice inside it would change what it prints.
pub(crate) fn lifted(region: &Region<'_>, range: Range, mutated: String) -> (Range, String) {
    let source = region.source();
    let around = (region.open + 1..range.0)
        .filter(|at| is_assertion(source.word(*at)))
        .filter_map(|at| macro_call(source, at))
        .find(|call| range.1 < call.whole.1);
    match around {
        Some(call) => {
            let (from, to) = call.whole;
            let text = replaced(source, from, to, &[(range.0, range.1, &mutated)]);
            ((from, to), text)
        }
        None => (range, mutated),
    }
}

/// Tokens of a range, those inside groups left out.
pub(super) fn outside_groups(source: &Source, range: Range) -> impl Iterator<Item = usize> + '_ {
    let mut at = range.0;
    std::iter::from_fn(move || {
        let this = (at < range.1).then_some(at)?;
        at = source.group_end(at).map_or(at + 1, |close| close + 1);
        Some(this)
    })
}

/// The statements of a block of code, its last expression included; attributes belong to theirs.
pub(super) fn statements(source: &Source, block: Range) -> Vec<Range> {
    let (open, close) = block;
    let mut found = Vec::new();
    let mut at = open + 1;
    while at < close {
        if source.is_punct(at, b';') {
            at += 1;
            continue;
        }
        let mut first = at;
        while source.is_punct(first, b'#')
            && let Some(end) = source.group_end(first + 1)
        {
            first = end + 1;
        }
        let mut end = extent(source, first, close).max(first + 1).min(close);
        if source.is_punct(end, b';') {
            end += 1;
        }
        found.push((at, end));
        at = end;
    }
    found
}

/// The braces of every block of statements in a region, the body's own first.
pub(super) fn blocks(region: &Region<'_>) -> Vec<Range> {
    let source = region.source();
    let mut found = vec![(region.open, region.close)];
    for at in region.tokens() {
        let open = match source.word(at) {
            "unsafe" | "else" | "loop" => Some(at + 1).filter(|open| source.is_open(*open, b'{')),
            "if" | "while" => branch(region, at).map(|branch| branch.block.0),
            "for" | "match" => None,
            _ if source.is_joint(at, b'=', b'>') => {
                Some(at + 2).filter(|open| source.is_open(*open, b'{'))
            }
            _ => None,
        };
        found.extend(open.and_then(|open| Some((open, source.group_end(open)?))));
    }
    found
}
