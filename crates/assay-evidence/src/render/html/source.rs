//! The audited source with the sites and their hits.

use std::collections::BTreeMap;

use super::super::escape::{html as esc, one_line};
use super::super::facts::{self, Facts, compact};
use super::put;
use crate::{Built, Probe, Site, SiteVerdict, SourceFile, Span};

/// Files with more lines stay folded.
const OPEN_LINES: usize = 400;

pub(super) fn files(facts: &Facts<'_>, out: &mut String) {
    if facts.evidence.files.is_empty() {
        return;
    }
    put!(out, "<section id=\"source\"><h2>Source</h2>");
    put!(
        out,
        "<p class=\"soft\">The second column counts how often the site on the line was executed, over all layers.</p>"
    );
    for (index, source) in facts.evidence.files.iter().enumerate() {
        file(facts, index, source, out);
    }
    put!(out, "</section>");
}

fn file(facts: &Facts<'_>, index: usize, source: &SourceFile, out: &mut String) {
    let sites = sites_by_line(facts, &source.path);
    let count: usize = sites.values().map(Vec::len).sum();
    let count = facts::plural(u64::try_from(count).unwrap_or(u64::MAX), "site");
    let lines = source.text.lines().count();
    let open = if lines <= OPEN_LINES && facts.evidence.files.len() <= 3 {
        " open"
    } else {
        ""
    };
    put!(
        out,
        "<details class=\"file\"{open}><summary><code>{}</code> <span class=\"soft\">{count}</span></summary>",
        esc(&one_line(&source.path))
    );
    put!(out, "<div class=\"code\" tabindex=\"0\"><table><tbody>");
    let covered = covered_lines(&sites);
    for (number, text) in (1_u32..).zip(source.text.lines()) {
        let class = covered.get(&number).copied().unwrap_or_default();
        let here = sites.get(&number).map(Vec::as_slice).unwrap_or_default();
        put!(
            out,
            "<tr id=\"L{index}-{number}\" class=\"{class}\"><td class=\"n\">{number}</td><td class=\"h\">{}</td><td class=\"c\">{}{}</td></tr>",
            hits(here),
            esc(text),
            notes(here),
        );
    }
    put!(out, "</tbody></table></div></details>");
}

/// A site of the file: its row in the matrix, its record and its verdict.
type Entry<'a> = (usize, &'a Site, &'a SiteVerdict);

fn sites_by_line<'a>(facts: &'a Facts<'_>, path: &str) -> BTreeMap<u32, Vec<Entry<'a>>> {
    let mut lines: BTreeMap<u32, Vec<Entry<'a>>> = BTreeMap::new();
    for (index, (site, verdict)) in facts.rows().enumerate() {
        if site.span.file == path {
            lines
                .entry(site.span.line)
                .or_default()
                .push((index, site, verdict));
        }
    }
    lines
}

/// The state of the innermost site that covers each line.
fn covered_lines(sites: &BTreeMap<u32, Vec<Entry<'_>>>) -> BTreeMap<u32, &'static str> {
    /// A span that claims more is drawn on its first lines only.
    const LONGEST: u32 = 2000;
    let mut covered = BTreeMap::new();
    for (_, site, verdict) in sites.values().flatten() {
        let last = site
            .span
            .end_line
            .min(site.span.line.saturating_add(LONGEST));
        for line in site.span.line..=last {
            covered.insert(line, verdict.state.as_str());
        }
    }
    covered
}

/// The executions of the sites of a line; nothing where no counter stands, since nobody knows then.
fn hits(sites: &[Entry<'_>]) -> String {
    let counted = |site: &Site| site.probe == Probe::Counted && site.built == Built::Yes;
    let mut counts = sites.iter().filter(|(_, site, _)| counted(site)).peekable();
    if counts.peek().is_none() {
        return String::new();
    }
    let all = counts.flat_map(|(_, _, v)| v.hits.values());
    compact(all.fold(0, |sum: u64, n| sum.saturating_add(*n)))
}

fn notes(sites: &[Entry<'_>]) -> String {
    let note = |(index, _, verdict): &Entry<'_>| {
        let layers: Vec<String> = verdict
            .hits
            .iter()
            .map(|(l, n)| format!("{l} {}", compact(*n)))
            .collect();
        let state = verdict.state.as_str();
        let word = facts::state_word(state);
        let layers = if layers.is_empty() {
            String::new()
        } else {
            format!(": {}", layers.join(", "))
        };
        format!("<a class=\"tag {state}\" href=\"#site-{index}\">{word}{layers}</a>")
    };
    sites.iter().map(note).collect()
}

/// A place in the source, as a link where the page holds the file.
pub(super) fn line_link(facts: &Facts<'_>, span: &Span) -> String {
    let text = esc(&one_line(&format!("{}:{}", span.file, span.line)));
    match facts
        .evidence
        .files
        .iter()
        .position(|f| f.path == span.file)
    {
        Some(index) => format!("<a href=\"#L{index}-{}\">{text}</a>", span.line),
        None => text,
    }
}
