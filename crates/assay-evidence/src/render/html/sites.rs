//! The site x layer matrix and its filters.

use std::collections::BTreeSet;

use super::super::escape::{html as esc, one_line};
use super::super::facts::{self, Facts, compact};
use super::put;
use super::source::line_link;
use crate::{LayerName, Site, SiteVerdict};

pub(super) fn matrix(facts: &Facts<'_>, out: &mut String) {
    put!(out, "<section id=\"sites\"><h2>Sites by layer</h2>");
    if facts.evidence.sites.is_empty() {
        put!(out, "<p>The crate has no unsafe sites.</p></section>");
        return;
    }
    filters(facts, out);
    put!(
        out,
        "<table class=\"matrix\"><thead><tr><th scope=\"col\">State</th><th scope=\"col\">Site</th>"
    );
    for layer in &facts.columns {
        let void = if facts.is_void(*layer) {
            " class=\"num void\" title=\"void: its hits do not count\""
        } else {
            " class=\"num\""
        };
        put!(out, "<th scope=\"col\"{void}>{layer}</th>");
    }
    put!(out, "</tr></thead><tbody>");
    for (index, (site, verdict)) in facts.rows().enumerate() {
        row(facts, index, site, verdict, out);
    }
    put!(out, "</tbody></table>");
    put!(
        out,
        "<p class=\"none\" hidden>No site matches these filters.</p></section>"
    );
}

/// The controls; the script shows them, since without it they would do nothing.
fn filters(facts: &Facts<'_>, out: &mut String) {
    let states: BTreeSet<&str> = facts
        .verdict
        .sites
        .iter()
        .map(|s| s.state.as_str())
        .collect();
    let kinds: BTreeSet<&str> = facts
        .evidence
        .sites
        .iter()
        .map(|s| facts::kind(s.kind))
        .collect();
    put!(out, "<form class=\"filters\" role=\"search\" hidden>");
    put!(
        out,
        "<label class=\"search\">Search<input id=\"f-text\" type=\"search\" placeholder=\"item, file, operation\" autocomplete=\"off\" aria-keyshortcuts=\"/\"></label>"
    );
    let states: Vec<(&str, &str)> = states.iter().map(|s| (*s, facts::state_word(s))).collect();
    select("f-state", "State", &states, out);
    let layers: Vec<(String, String)> = facts
        .columns
        .iter()
        .flat_map(|l| {
            [
                (l.to_string(), format!("under {l}")),
                (format!("!{l}"), format!("not under {l}")),
            ]
        })
        .collect();
    let layers: Vec<(&str, &str)> = layers
        .iter()
        .map(|(v, t)| (v.as_str(), t.as_str()))
        .collect();
    select("f-layer", "Executed", &layers, out);
    let kinds: Vec<(&str, &str)> = kinds.iter().map(|k| (*k, *k)).collect();
    select("f-kind", "Kind", &kinds, out);
    put!(out, "<button type=\"reset\">Clear</button>");
    put!(
        out,
        "<output id=\"f-count\" aria-live=\"polite\"></output></form>"
    );
}

fn select(id: &str, label: &str, options: &[(&str, &str)], out: &mut String) {
    put!(
        out,
        "<label>{label}<select id=\"{id}\"><option value=\"\">any</option>"
    );
    for (value, text) in options {
        put!(out, "<option value=\"{value}\">{text}</option>");
    }
    put!(out, "</select></label>");
}

fn row(facts: &Facts<'_>, index: usize, site: &Site, verdict: &SiteVerdict, out: &mut String) {
    let state = verdict.state.as_str();
    let kind = facts::kind(site.kind);
    let layers: Vec<&str> = verdict.hits.keys().map(|l| l.as_str()).collect();
    put!(
        out,
        "<tr id=\"site-{index}\" data-state=\"{state}\" data-kind=\"{kind}\" data-layers=\"{}\">",
        layers.join(" ")
    );
    put!(
        out,
        "<td class=\"st\"><span class=\"tag {state}\">{}</span></td>",
        facts::state_word(state)
    );
    put!(
        out,
        "<th scope=\"row\"><span class=\"item\">{}</span>",
        esc(&one_line(&site.item))
    );
    put!(
        out,
        "<span class=\"soft\">{} {}</span>",
        line_link(facts, &site.span),
        details(site)
    );
    if let Some(why) = facts::why(verdict) {
        put!(out, "<span class=\"why\">{}</span>", esc(&one_line(&why)));
    }
    if !verdict.documented {
        put!(out, "<span class=\"why\">undocumented</span>");
    }
    put!(out, "</th>");
    for layer in &facts.columns {
        cell(*layer, verdict, out);
    }
    put!(out, "</tr>");
}

fn details(site: &Site) -> String {
    let operations: Vec<String> = site.operations.iter().map(operation).collect();
    let mut parts = vec![facts::kind(site.kind).to_string()];
    if !operations.is_empty() {
        parts.push(operations.join(", "));
    }
    if let Some(expansion) = &site.expansion {
        let calls = u64::try_from(expansion.calls.len()).unwrap_or(u64::MAX);
        let name = esc(&one_line(&expansion.macro_name));
        parts.push(format!("{name}! at {}", facts::plural(calls, "place")));
    }
    parts.join(" \u{b7} ")
}

/// The operation by its name in the JSON.
fn operation(operation: &crate::Operation) -> String {
    let name = serde_json::to_value(operation).ok();
    name.and_then(|v| v.as_str().map(|s| s.replace('-', " ")))
        .unwrap_or_default()
}

fn cell(layer: LayerName, verdict: &SiteVerdict, out: &mut String) {
    match verdict.hits.get(&layer) {
        Some(count) => put!(
            out,
            "<td class=\"num\" data-l=\"{layer}\" title=\"{count}\">{}</td>",
            compact(*count)
        ),
        None => put!(
            out,
            "<td class=\"num zero\" data-l=\"{layer}\">\u{2013}</td>"
        ),
    }
}
