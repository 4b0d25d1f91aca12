//! A change that can be made, before it has a number.

use std::collections::HashMap;

use assay_evidence::{Mutant, Operator};

use super::functions::Region;
use super::operators::lifted;
use super::text::flat;
use crate::fingerprint::Fingerprint;

/// Digits of the hash that an identifier keeps.
const DIGITS: usize = 12;

/// How a change is put into the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// An expression: both are compiled, and one is chosen at run time.
    Expression,
    /// Whole statements: the same.
    Statements,
    /// It cannot stand beside the original: it has a build of its own.
    Alone,
}

/// A change of one place.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) operator: Operator,
    pub(super) form: Form,
    /// The index of its file.
    pub(super) file: usize,
    /// The bytes that are replaced.
    pub(super) from: usize,
    pub(super) to: usize,
    /// What replaces them, in one line.
    pub(super) mutated: String,
    /// Whether it stands in the body of a macro.
    pub(super) in_macro: bool,
    /// The record, its identifier not yet set.
    pub(super) mutant: Mutant,
}

/// What a candidate shows to people: the tokens that differ, and what they become.
pub(super) struct Shown {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) replacement: String,
}

impl Candidate {
    /// A change of the tokens `range` of a region to `mutated`.
    pub(super) fn new(
        region: &Region<'_>,
        operator: Operator,
        form: Form,
        range: (usize, usize),
        mutated: String,
        shown: Shown,
    ) -> Self {
        let source = region.source();
        let (from, to) = (source.start(range.0), source.end(range.1 - 1));
        let span = source.span(source.start(shown.from), source.end(shown.to - 1));
        Self {
            operator,
            form,
            file: region.file,
            from: from as usize,
            to: to as usize,
            mutated,
            in_macro: region.function.in_macro.is_some(),
            mutant: Mutant {
                id: String::new(),
                operator,
                sites: region.serves.clone(),
                item: region.function.item.clone(),
                span,
                original: flat(source, shown.from, shown.to),
                replacement: shown.replacement,
                unviable: None,
                answers: Vec::new(),
            },
        }
    }

    /// An expression that becomes another one, shown as it is; put into the text as a change of the whole
    /// assertion around it, where one is.
    pub(super) fn expression(
        region: &Region<'_>,
        operator: Operator,
        range: (usize, usize),
        mutated: &str,
    ) -> Self {
        let shown = Shown {
            from: range.0,
            to: range.1,
            replacement: mutated.to_owned(),
        };
        let (range, text) = lifted(region, range, mutated.to_owned());
        Self::new(region, operator, Form::Expression, range, text, shown)
    }
}

/// Sorts candidates and gives each its identifier, which survives edits elsewhere; equal changes of one item
/// are told apart by their order.
pub(super) fn name(package: &str, candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        let key = |c: &Candidate| (c.file, c.mutant.span.clone(), c.operator);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.mutant.replacement.cmp(&b.mutant.replacement))
    });
    let mut seen: HashMap<String, u32> = HashMap::new();
    for candidate in candidates {
        let mutant = &mut candidate.mutant;
        let parts = [
            package,
            &mutant.item,
            mutant.operator.as_str(),
            &mutant.original,
            &mutant.replacement,
        ];
        let base = Fingerprint::of(parts).to_string();
        let ordinal = seen.entry(base.clone()).or_default();
        mutant.id = Fingerprint::of([base, ordinal.to_string()]).to_string();
        mutant.id.truncate(DIGITS);
        *ordinal += 1;
    }
}
