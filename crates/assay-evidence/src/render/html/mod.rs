//! The report as one HTML page that needs nothing but itself.

mod mutants;
mod policy;
mod sections;
mod sites;
mod source;

use super::escape::{html as esc, one_line};
use super::facts::Facts;
use crate::{Evidence, State};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Writes a line of HTML. Every argument that is not a number, a constant of this crate or made by
/// another function of this module goes through `esc`.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {{
        use std::fmt::Write as _;
        writeln!($out, $($arg)*).expect("writing to a String does not fail");
    }};
}
use put;

/// The report as one HTML page.
///
/// It loads nothing, and its content security policy lets no script run but its own. It can be
/// read without JavaScript; with it, sites can be searched and filtered.
///
/// ```
/// use assay_evidence::{Evidence, render};
/// let page = render::html(&Evidence::example());
/// assert!(page.starts_with("<!doctype html>"));
/// assert!(page.contains("ring::Slot&lt;T&gt;::read"));
/// ```
#[must_use]
pub fn html(evidence: &Evidence) -> String {
    let facts = Facts::of(evidence);
    let mut out = String::new();
    head(&facts, &mut out);
    sections::summary(&facts, &mut out);
    sections::next(&facts, &mut out);
    sections::findings(&facts, &mut out);
    sites::matrix(&facts, &mut out);
    mutants::section(&facts, &mut out);
    sections::missing(&facts, &mut out);
    sections::layers(&facts, &mut out);
    sections::lists(&facts, &mut out);
    source::files(&facts, &mut out);
    sections::footer(&facts, &mut out);
    put!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>");
    out
}

fn head(facts: &Facts<'_>, out: &mut String) {
    let subject = &facts.evidence.subject;
    let name = esc(&one_line(&format!(
        "{} {}",
        subject.package, subject.version
    )));
    let state = facts.verdict.state.as_str();
    let class = state_class(facts.verdict.state);
    put!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
    );
    let policy = policy::content_security_policy(SCRIPT);
    put!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"
    );
    put!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    );
    put!(
        out,
        "<title>{name}: {state}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    );
    put!(
        out,
        "<a class=\"skip\" href=\"#sites\">Skip to the sites</a>"
    );
    put!(out, "<header class=\"top\"><div class=\"bar\">");
    put!(out, "<a class=\"name\" href=\"#summary\">{name}</a>");
    put!(out, "<span class=\"verdict {class}\">{state}</span>");
    put!(out, "<nav aria-label=\"Sections\">{}</nav>", links(facts));
    put!(
        out,
        "<button type=\"button\" class=\"theme\" hidden>Theme</button>"
    );
    put!(out, "</div></header>\n<main>");
}

fn links(facts: &Facts<'_>) -> String {
    let present = [
        ("next", "Next", !facts.verdict.next.is_empty()),
        ("findings", "Findings", !facts.evidence.findings.is_empty()),
        ("sites", "Sites", true),
        ("mutants", "Mutants", !facts.evidence.mutants.is_empty()),
        ("missing", "Missing", !facts.verdict.missing.is_empty()),
        ("layers", "Layers", true),
        ("source", "Source", !facts.evidence.files.is_empty()),
    ];
    let link = |(id, text, _): &(&str, &str, bool)| format!("<a href=\"#{id}\">{text}</a>");
    present
        .iter()
        .filter(|(_, _, shown)| *shown)
        .map(link)
        .collect()
}

fn state_class(state: State) -> &'static str {
    match state {
        State::Refuted => "refuted",
        State::Incomplete => "unexercised",
        State::Supported { .. } => "exercised",
    }
}
