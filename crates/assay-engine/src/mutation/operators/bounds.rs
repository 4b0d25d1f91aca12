//! `unsafe impl` blocks without a `Send` or `Sync` bound.

use assay_evidence::{Built, Mutant, Operator, Site, SiteKind};

use super::super::candidate::{Candidate, Form};
use super::super::text::{flat, replaced};
use super::shape::Range;
use crate::inventory::Sources;
use crate::inventory::source::Source;

/// One candidate for each `Send` or `Sync` bound of each built `unsafe impl`.
pub(super) fn find(sources: &Sources, sites: &[Site], found: &mut Vec<Candidate>) {
    for (file, scanned) in sources.files.iter().enumerate() {
        for (index, raw) in scanned.scan.sites.iter().enumerate() {
            let id = sources.sites.get(&(file, index));
            let site = id.and_then(|id| sites.iter().find(|site| site.id == *id));
            let Some(site) = site.filter(|s| s.kind == SiteKind::Impl && s.built == Built::Yes)
            else {
                continue;
            };
            let source = &scanned.source;
            for (taken, text) in bounds(source, raw.keyword, raw.head) {
                found.push(candidate(
                    file,
                    source,
                    raw.in_macro.is_some(),
                    site,
                    taken,
                    text,
                ));
            }
        }
    }
}

/// The bounds in the head of an impl: what is taken out, and the whole head without it.
fn bounds(source: &Source, keyword: usize, head: usize) -> Vec<(Range, String)> {
    let name = name_of_trait(source, keyword, head);
    (keyword..head)
        .filter(|at| matches!(source.word(*at), "Send" | "Sync") && Some(*at) != name)
        .filter_map(|at| {
            let range = with_its_joint(source, at)?;
            let text = replaced(source, keyword, head, &[(range.0, range.1, "")]);
            Some((range, text))
        })
        .collect()
}

/// The last segment of the implemented trait: the word before `for`.
fn name_of_trait(source: &Source, keyword: usize, head: usize) -> Option<usize> {
    let separator =
        (keyword..head).find(|at| source.is_word(*at, "for") && !source.is_punct(at + 1, b'<'))?;
    separator.checked_sub(1)
}

/// The bound with its `+`, or with its `:` where it is the only one.
fn with_its_joint(source: &Source, at: usize) -> Option<Range> {
    let mut from = at;
    while from >= 2 && source.is_joint(from - 2, b':', b':') {
        from -= 2;
        if source.is_ident(from - 1) {
            from -= 1;
        }
    }
    if source.is_punct(at + 1, b'+') {
        Some((from, at + 2))
    } else {
        let joint = from.checked_sub(1)?;
        let is_joint = source.is_punct(joint, b'+') || source.is_punct(joint, b':');
        is_joint.then_some((joint, at + 1))
    }
}

fn candidate(
    file: usize,
    source: &Source,
    in_macro: bool,
    site: &Site,
    taken: Range,
    text: String,
) -> Candidate {
    let keyword = (0..taken.0)
        .rev()
        .find(|at| source.is_word(*at, "unsafe"))
        .unwrap_or(taken.0);
    let head = (taken.1..source.len())
        .find(|at| source.is_open(*at, b'{'))
        .unwrap_or(taken.1);
    Candidate {
        operator: Operator::RemoveBound,
        form: Form::Alone,
        file,
        from: source.start(keyword) as usize,
        to: source.end(head - 1) as usize,
        mutated: text.clone(),
        in_macro,
        mutant: Mutant {
            id: String::new(),
            operator: Operator::RemoveBound,
            sites: vec![site.id.clone()],
            item: site.item.clone(),
            span: source.span(source.start(taken.0), source.end(taken.1 - 1)),
            original: flat(source, keyword, head),
            replacement: text,
            unviable: None,
            answers: Vec::new(),
        },
    }
}
