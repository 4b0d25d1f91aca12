//! Values that are dropped although they were to be forgotten.

use assay_evidence::Operator;

use super::super::candidate::{Candidate, Form, Shown};
use super::super::functions::Region;
use super::super::text::flat;
use super::shape::call;

pub(super) fn find(region: &Region<'_>, found: &mut Vec<Candidate>) {
    let source = region.source();
    for at in region.tokens() {
        let is_path = |parent: &str| at >= 3 && source.is_word(at - 3, parent);
        let is_method = at > 0 && source.is_punct(at - 1, b'.');
        let Some(call) = call(source, at).filter(|call| call.arguments.len() == 1 && !is_method)
        else {
            continue;
        };
        let argument = flat(source, call.arguments[0].0, call.arguments[0].1);
        let (from, to) = call.whole;
        let operator = Operator::RemoveForget;
        if source.is_word(at, "forget") {
            let text = format!("core::mem::drop({argument})");
            found.push(Candidate::expression(region, operator, call.whole, &text));
        } else if source.is_word(at, "new") && is_path("ManuallyDrop") {
            // The type of the place changes with it, so both cannot stand in one build.
            let shown = Shown {
                from,
                to,
                replacement: argument.clone(),
            };
            let text = format!("({argument})");
            let form = Form::Alone;
            found.push(Candidate::new(
                region, operator, form, call.whole, text, shown,
            ));
        }
    }
}
