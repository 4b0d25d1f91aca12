//! Mutants by layer: what was noticed, what was not, and what could not be.

use super::super::escape::{html as esc, one_line};
use super::super::facts::Facts;
use super::super::mutants::{self, Cell};
use super::put;
use super::source::line_link;
use crate::{Evidence, Fate, Mutant};

pub(super) fn section(facts: &Facts<'_>, out: &mut String) {
    let evidence = facts.evidence;
    if evidence.mutants.is_empty() {
        return;
    }
    put!(out, "<section id=\"mutants\"><h2>Mutants</h2>");
    put!(out, "<p>{}.</p>", mutants::summary(evidence));
    operators(evidence, out);
    put!(out, "<ul class=\"plain\">");
    for baseline in &evidence.baselines {
        let text = esc(&one_line(&mutants::baseline(baseline)));
        put!(out, "<li><b>{}</b> {text}</li>", baseline.layer);
    }
    put!(out, "</ul>");
    let open = |m: &&Mutant| evidence.fate(m).is_open();
    let (open, settled): (Vec<&Mutant>, Vec<&Mutant>) = evidence.mutants.iter().partition(open);
    if !open.is_empty() {
        put!(out, "<h3>Not noticed by any test</h3>");
        matrix(facts, &open, out);
    }
    if !settled.is_empty() {
        put!(
            out,
            "<details><summary>Noticed, equivalent or unviable: {}</summary>",
            settled.len()
        );
        matrix(facts, &settled, out);
        put!(out, "</details>");
    }
    put!(out, "</section>");
}

fn operators(evidence: &Evidence, out: &mut String) {
    put!(
        out,
        "<table class=\"runs\"><thead><tr><th scope=\"col\">Operator</th>"
    );
    for head in ["Made", "Open", "Equivalent", "Unviable"] {
        put!(out, "<th scope=\"col\" class=\"num\">{head}</th>");
    }
    put!(out, "<th scope=\"col\">Killed by</th></tr></thead><tbody>");
    for group in mutants::groups(evidence) {
        put!(out, "<tr><th scope=\"row\">{}</th>", group.operator);
        for number in [group.made, group.open, group.equivalent, group.unviable] {
            put!(out, "<td class=\"num\">{number}</td>");
        }
        put!(out, "<td>{}</td></tr>", group.killed);
    }
    put!(out, "</tbody></table>");
}

fn matrix(facts: &Facts<'_>, mutants: &[&Mutant], out: &mut String) {
    put!(out, "<table class=\"matrix\"><thead><tr>");
    put!(
        out,
        "<th scope=\"col\">Fate</th><th scope=\"col\">Mutant</th>"
    );
    for layer in mutants::columns(facts.evidence) {
        put!(out, "<th scope=\"col\" class=\"num\">{layer}</th>");
    }
    put!(out, "</tr></thead><tbody>");
    for mutant in mutants {
        row(facts, mutant, out);
    }
    put!(out, "</tbody></table>");
}

fn row(facts: &Facts<'_>, mutant: &Mutant, out: &mut String) {
    let fate = facts.evidence.fate(mutant);
    let class = match fate {
        Fate::Killed(_) => "exercised",
        Fate::Equivalent(_) | Fate::Unviable { .. } => "declaration",
        _ => "unexercised",
    };
    put!(
        out,
        "<tr><td class=\"st\"><span class=\"tag {class}\">{}</span></td>",
        fate.as_str()
    );
    let code = |text: &str| format!("<code>{}</code>", esc(&one_line(text)));
    let to = if mutant.replacement.is_empty() {
        "taken out".to_owned()
    } else {
        format!("\u{2192} {}", code(&mutant.replacement))
    };
    put!(
        out,
        "<th scope=\"row\"><span class=\"item\">{} {to}</span>",
        code(&mutant.original)
    );
    put!(
        out,
        "<span class=\"soft\">{} {} \u{b7} {} \u{b7} {}</span>",
        line_link(facts, &mutant.span),
        esc(&one_line(&mutant.item)),
        mutant.operator,
        esc(&one_line(&mutant.id))
    );
    if let Some(why) = why(&fate) {
        put!(out, "<span class=\"why\">{}</span>", esc(&one_line(&why)));
    }
    put!(out, "</th>");
    let layers = mutants::columns(facts.evidence).into_iter();
    for (layer, cell) in layers.zip(mutants::cells(facts.evidence, mutant)) {
        let class = match cell {
            Cell::Killed => "exercised dot",
            Cell::Survived | Cell::TimedOut | Cell::Unreached => "unexercised dot",
            _ => "soft",
        };
        put!(
            out,
            "<td class=\"num\" data-l=\"{layer}\"><span class=\"{class}\">{}</span></td>",
            cell.word()
        );
    }
    put!(out, "</tr>");
}

fn why(fate: &Fate<'_>) -> Option<String> {
    match fate {
        Fate::Killed(answer) => Some(answer.told()),
        Fate::Equivalent(entry) => Some(mutants::review(entry)),
        Fate::Unviable { message } => Some((*message).to_owned()),
        _ => None,
    }
}
