//! Statements in the wrong order: published before they are written, counted before they are written, dropped
//! before what guards the drop.

use std::collections::BTreeSet;

use assay_evidence::Operator;

use super::super::candidate::{Candidate, Form, Shown};
use super::super::functions::Region;
use super::super::text::flat;
use super::shape::{Range, blocks, call, outside_groups, statements};
use crate::inventory::source::Source;

/// Calls that write through a pointer or into a slot.
const WRITES: [&str; 10] = [
    "write",
    "write_unaligned",
    "write_volatile",
    "write_bytes",
    "copy_nonoverlapping",
    "copy_from_nonoverlapping",
    "copy_to_nonoverlapping",
    "write_copy_of_slice",
    "write_clone_of_slice",
    "replace",
];

/// Calls that end a value.
const DROPS: [&str; 3] = ["drop", "drop_in_place", "assume_init_drop"];

/// Names of fields and variables that count what is initialised.
const LENGTHS: [&str; 5] = ["len", "length", "filled", "init", "initialized"];

/// The names of functions that publish: an atomic store or exchange stands in them.
pub(super) fn publishers<'a>(regions: &'a [Region<'_>]) -> BTreeSet<&'a str> {
    let stores = |region: &&Region<'_>| {
        let atomics = region.scanned.scan.atomics.iter();
        let mut own = atomics.filter(|atomic| region.has(atomic.from));
        own.any(|atomic| publishes_by_itself(&atomic.operation, &atomic.orderings))
    };
    let publishing = regions.iter().filter(stores);
    publishing.map(Region::name).collect()
}

fn publishes_by_itself(operation: &str, orderings: &[String]) -> bool {
    let releases = orderings
        .first()
        .is_some_and(|ordering| matches!(ordering.as_str(), "Release" | "AcqRel" | "SeqCst"));
    releases && !matches!(operation, "load" | "fence" | "compiler_fence")
}

pub(super) fn find(region: &Region<'_>, publishers: &BTreeSet<&str>, found: &mut Vec<Candidate>) {
    let source = region.source();
    for block in blocks(region) {
        let statements = statements(source, block);
        for (index, later) in statements.iter().enumerate() {
            let kinds = kinds(region, *later, publishers);
            for (operator, wants_write) in kinds {
                let earlier = if wants_write {
                    statements[..index].iter().rfind(|s| writes(source, **s))
                } else {
                    index
                        .checked_sub(1)
                        .and_then(|before| statements.get(before))
                };
                if let Some(earlier) = earlier {
                    swap(region, operator, *earlier, *later, found);
                }
            }
        }
    }
}

/// What a statement does that must not come early; and whether the statement before it has to write.
fn kinds(
    region: &Region<'_>,
    statement: Range,
    publishers: &BTreeSet<&str>,
) -> Vec<(Operator, bool)> {
    let source = region.source();
    let mut kinds = Vec::new();
    if publishes(region, statement, publishers) {
        kinds.push((Operator::PublishBeforeWrite, true));
    }
    if sets_length(source, statement) {
        kinds.push((Operator::LengthBeforeWrite, true));
    }
    if calls_one(source, statement, &DROPS) {
        kinds.push((Operator::DropOrder, false));
    }
    kinds
}

fn publishes(region: &Region<'_>, statement: Range, publishers: &BTreeSet<&str>) -> bool {
    let source = region.source();
    let inside = |at: usize| statement.0 <= at && at < statement.1;
    let mut atomics = region.scanned.scan.atomics.iter();
    let by_itself =
        atomics.any(|a| inside(a.from) && publishes_by_itself(&a.operation, &a.orderings));
    let is_publisher =
        |at: usize| publishers.contains(source.word(at)) && source.is_open(at + 1, b'(');
    by_itself || (statement.0..statement.1).any(is_publisher)
}

/// `set_len(..)`, or an assignment to a field or variable that counts what is initialised.
fn sets_length(source: &Source, statement: Range) -> bool {
    let (from, to) = statement;
    (from..to).any(|at| {
        let is_call = source.is_word(at, "set_len") && source.is_open(at + 1, b'(');
        let is_length = LENGTHS.contains(&source.word(at));
        let plain = source.is_punct(at + 1, b'=') && !source.is_joint(at + 1, b'=', b'=');
        let adds = source.is_joint(at + 1, b'+', b'=');
        is_call || (is_length && (plain || adds) && !source.is_word(from, "let"))
    })
}

fn writes(source: &Source, statement: Range) -> bool {
    let assigns_through = (statement.0..statement.1).any(|at| {
        source.is_punct(at, b'*')
            && at == statement.0
            && (at..statement.1).any(|at| source.is_punct(at, b'='))
    });
    assigns_through || calls_one(source, statement, &WRITES)
}

fn calls_one(source: &Source, statement: Range, names: &[&str]) -> bool {
    (statement.0..statement.1)
        .any(|at| names.contains(&source.word(at)) && call(source, at).is_some())
}

/// The earlier statement behind the later one, with what stands between them in front of both.
fn swap(
    region: &Region<'_>,
    operator: Operator,
    earlier: Range,
    later: Range,
    found: &mut Vec<Candidate>,
) {
    let source = region.source();
    let all = (earlier.0, later.1);
    let leaves = |at: usize| matches!(source.word(at), "return" | "break" | "continue");
    let is_whole = |s: Range| source.is_punct(s.1 - 1, b';') || source.word(s.1 - 1) == "}";
    let is_own = (all.0..all.1).all(|at| region.has(at));
    if !is_own || (all.0..all.1).any(leaves) || !is_whole(earlier) || !is_whole(later) {
        return;
    }
    let first = flat(source, earlier.0, earlier.1);
    let rest = flat(source, earlier.1, later.1);
    let text = format!("{rest} {first}");
    let declares = |at: usize| source.is_word(at, "let");
    let form = if outside_groups(source, all).any(declares) {
        // What a statement declares must not end with a block around it.
        Form::Alone
    } else {
        Form::Statements
    };
    let shown = Shown {
        from: all.0,
        to: all.1,
        replacement: text.clone(),
    };
    found.push(Candidate::new(region, operator, form, all, text, shown));
}
