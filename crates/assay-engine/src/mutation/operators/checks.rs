//! Checks that are gone or turned round: assertions, early returns, and conditions around a site.

use assay_evidence::Operator;

use super::super::candidate::Candidate;
use super::super::functions::Region;
use super::super::text::flat;
use super::shape::{Range, branch, macro_call};

/// Macros that end the function.
const ENDS: [&str; 4] = ["panic", "unreachable", "unimplemented", "todo"];

pub(super) fn find(region: &Region<'_>, found: &mut Vec<Candidate>) {
    let source = region.source();
    for at in region.tokens() {
        match source.word(at) {
            "assert" | "assert_eq" | "assert_ne" => assertion(region, at, found),
            "if" => condition(region, at, found),
            "while" => repetition(region, at, found),
            _ => {}
        }
    }
}

/// A debug assertion is no check of the code that ships, so only those of every build count.
fn assertion(region: &Region<'_>, at: usize, found: &mut Vec<Candidate>) {
    let source = region.source();
    let Some(call) = macro_call(source, at) else {
        return;
    };
    let mut gone = Candidate::expression(region, Operator::DropCheck, call.whole, "()");
    gone.mutant.replacement.clear();
    found.push(gone);
    if source.is_word(at, "assert")
        && let Some(condition) = call.arguments.first()
    {
        negate(region, *condition, found);
    }
}

/// The condition of an `if` that leaves the function or the loop, or that stands before a site.
fn condition(region: &Region<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(branch) = branch(region, at) else {
        return;
    };
    let holds = |block: Range| region.holds_site(block.0, block.1);
    let without_check = if leaves(region, branch.block) || branch.otherwise.is_some_and(holds) {
        "false"
    } else if holds(branch.block) {
        "true"
    } else {
        return;
    };
    let operator = Operator::DropCheck;
    let condition = branch.condition;
    let candidate = Candidate::expression(region, operator, condition, without_check);
    found.push(candidate);
    negate(region, condition, found);
}

/// The condition of a loop around a site.
fn repetition(region: &Region<'_>, at: usize, found: &mut Vec<Candidate>) {
    if let Some(branch) = branch(region, at)
        && region.holds_site(branch.block.0, branch.block.1)
    {
        negate(region, branch.condition, found);
    }
}

fn negate(region: &Region<'_>, condition: Range, found: &mut Vec<Candidate>) {
    let text = flat(region.source(), condition.0, condition.1);
    let text = format!("!({text})");
    let operator = Operator::NegateCheck;
    found.push(Candidate::expression(region, operator, condition, &text));
}

/// Whether a block ends more than itself.
fn leaves(region: &Region<'_>, block: Range) -> bool {
    let source = region.source();
    (block.0..block.1).any(|at| {
        let word = source.word(at);
        let is_end = ENDS.contains(&word) && source.is_punct(at + 1, b'!');
        is_end || matches!(word, "return" | "break" | "continue")
    })
}
