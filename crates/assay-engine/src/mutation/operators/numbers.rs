//! Comparisons at their boundary, and numbers that are one too large.

use assay_evidence::Operator;

use super::super::candidate::Candidate;
use super::super::functions::Region;
use super::super::text::{flat, replaced};
use super::shape::{Range, call, outside_groups};
use crate::inventory::lexer::Kind;
use crate::inventory::source::Source;

/// Functions whose last argument is an index, a length or a distance.
const COUNTED: [&str; 34] = [
    "add",
    "sub",
    "offset",
    "wrapping_add",
    "wrapping_sub",
    "wrapping_offset",
    "byte_add",
    "byte_sub",
    "get_unchecked",
    "get_unchecked_mut",
    "set_len",
    "copy",
    "copy_nonoverlapping",
    "copy_from",
    "copy_from_nonoverlapping",
    "copy_to",
    "copy_to_nonoverlapping",
    "swap_nonoverlapping",
    "write_bytes",
    "from_raw_parts",
    "from_raw_parts_mut",
    "slice_from_raw_parts",
    "slice_from_raw_parts_mut",
    "split_at",
    "split_at_mut",
    "split_at_unchecked",
    "split_at_mut_unchecked",
    "truncate",
    "with_capacity",
    "reserve",
    "reserve_exact",
    "array",
    "advance",
    "advance_mut",
];

pub(super) fn find(region: &Region<'_>, found: &mut Vec<Candidate>) {
    let source = region.source();
    for at in region.tokens() {
        comparison(region, at, found);
        index(region, at, found);
        step(region, at, found);
        if COUNTED.contains(&source.word(at))
            && let Some(last) = call(source, at).and_then(|call| call.arguments.last().copied())
        {
            one_more(region, last, found);
        }
    }
}

/// `<`, `<=`, `>` and `>=` with space around: what rustfmt writes so is no type argument.
fn comparison(region: &Region<'_>, at: usize, found: &mut Vec<Candidate>) {
    let source = region.source();
    let is_angle = source.is_punct(at, b'<') || source.is_punct(at, b'>');
    if !is_angle || !source.has_space_before(at) {
        return;
    }
    let has_equals = source.is_joint(at, source.byte(at), b'=');
    let to = at + 1 + usize::from(has_equals);
    if !source.has_space_before(to) {
        return;
    }
    let sign = source.word(at);
    let shifted = if has_equals {
        sign.to_owned()
    } else {
        format!("{sign}=")
    };
    let left = operand_start(source, region.open, at);
    let right = operand_end(source, to, region.close);
    if left == at || right == to {
        return;
    }
    let text = replaced(source, left, right, &[(at, to, &shifted)]);
    let operator = Operator::ShiftComparison;
    found.push(Candidate::expression(
        region,
        operator,
        (left, right),
        &text,
    ));
}

/// `place[index]`: the index, or the end of the range.
fn index(region: &Region<'_>, at: usize, found: &mut Vec<Candidate>) {
    let source = region.source();
    let Some(close) = source.group_end(at).filter(|_| source.is_open(at, b'[')) else {
        return;
    };
    let after_place = source.is_ident(at - 1) && !is_keyword(source.word(at - 1))
        || source
            .group_start(at - 1)
            .is_some_and(|open| !source.is_open(open, b'{'));
    let is_attribute = source.is_punct(at - 1, b'#') || source.is_punct(at - 1, b'!');
    if !after_place || is_attribute || close == at + 1 {
        return;
    }
    let inside = (at + 1, close);
    let outer =
        |wanted: &dyn Fn(usize) -> bool| outside_groups(source, inside).find(|at| wanted(*at));
    if outer(&|at| source.is_punct(at, b',') || source.is_punct(at, b';')).is_some() {
        return;
    }
    match outer(&|at| source.is_joint(at, b'.', b'.')) {
        None => one_more(region, inside, found),
        Some(dots) => {
            let from = dots + 2 + usize::from(source.is_punct(dots + 2, b'='));
            if from < close {
                one_more(region, (from, close), found);
            }
        }
    }
}

/// `+ 1`, `- 1`, `+= 1` and `-= 1`: the result is one larger.
fn step(region: &Region<'_>, at: usize, found: &mut Vec<Candidate>) {
    let source = region.source();
    if source.word(at) != "1" || at < 2 {
        return;
    }
    let assigns = source.is_punct(at - 1, b'=');
    let sign = at - 1 - usize::from(assigns);
    let is_joint = !assigns || source.is_joint(sign, source.byte(sign), b'=');
    let ends = !matches!(
        source.kind(at + 1),
        Some(Kind::Punct(b'*' | b'/' | b'%' | b'.'))
    ) && !source.is_joint(at + 1, b'<', b'<');
    let is_binary = source.is_ident(sign - 1)
        || source.group_start(sign - 1).is_some()
        || matches!(source.kind(sign - 1), Some(Kind::Literal));
    if !is_joint || !ends || !is_binary || !source.has_space_before(sign) {
        return;
    }
    let larger = match source.word(sign) {
        "+" => "2",
        "-" => "0",
        _ => return,
    };
    let operator = Operator::OffByOne;
    found.push(Candidate::expression(
        region,
        operator,
        (at, at + 1),
        larger,
    ));
}

/// An expression plus one.
fn one_more(region: &Region<'_>, range: Range, found: &mut Vec<Candidate>) {
    let text = flat(region.source(), range.0, range.1);
    let is_plain = range.1 == range.0 + 1;
    let text = if is_plain {
        format!("{text} + 1")
    } else {
        format!("({text}) + 1")
    };
    let operator = Operator::OffByOne;
    found.push(Candidate::expression(region, operator, range, &text));
}

/// The first token of the operand that ends before `at`. Only what binds less than a comparison ends it.
fn operand_start(source: &Source, open: usize, at: usize) -> usize {
    let mut from = at;
    while from > open + 1 {
        let before = from - 1;
        if let Some(group) = source.group_start(before) {
            // A block in front is a statement of its own.
            if source.is_open(group, b'{') {
                break;
            }
            from = group;
            continue;
        }
        let is_boundary = match source.kind(before) {
            Some(Kind::Open(_)) | None => true,
            Some(Kind::Punct(byte)) => {
                matches!(byte, b';' | b',' | b'=' | b'|')
                    || (byte == b'&' && source.is_joint(before.saturating_sub(1), b'&', b'&'))
                    || (byte == b'.' && source.is_joint(before.saturating_sub(1), b'.', b'.'))
                    || (byte == b'>' && source.is_joint(before.saturating_sub(1), b'=', b'>'))
            }
            _ => is_keyword(source.word(before)),
        };
        if is_boundary {
            break;
        }
        from = before;
    }
    from
}

/// Index just past the operand that starts at `from`.
fn operand_end(source: &Source, from: usize, close: usize) -> usize {
    let mut at = from;
    while at < close {
        let is_boundary = match source.kind(at) {
            Some(Kind::Open(b'{') | Kind::Close(_)) | None => true,
            Some(Kind::Punct(byte)) => {
                matches!(byte, b';' | b',' | b'=')
                    || source.is_joint(at, b'&', b'&')
                    || source.is_joint(at, b'|', b'|')
                    || source.is_joint(at, b'.', b'.')
            }
            _ => is_keyword(source.word(at)),
        };
        if is_boundary {
            break;
        }
        at = source.group_end(at).map_or(at + 1, |close| close + 1);
    }
    at
}

/// Keywords that no operand of a comparison holds at its outer level.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "if" | "else"
            | "while"
            | "match"
            | "return"
            | "in"
            | "let"
            | "break"
            | "move"
            | "for"
            | "loop"
            | "unsafe"
            | "mut"
            | "const"
            | "static"
            | "dyn"
            | "impl"
            | "where"
    )
}
