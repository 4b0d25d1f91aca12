//! The parts of the page around the matrix and the source.

use super::super::escape::{html as esc, one_line};
use super::super::facts::{self, Facts, duration};
use super::source::line_link;
use super::{put, state_class};
use crate::{Evidence, Finding, LayerVerdict, Reason, Requirement, Run, Standing};

pub(super) fn summary(facts: &Facts<'_>, out: &mut String) {
    let subject = &facts.evidence.subject;
    let name = esc(&one_line(&subject.package));
    let version = esc(&one_line(&subject.version));
    put!(out, "<section id=\"summary\">");
    put!(
        out,
        "<h1>{name} <span class=\"version\">{version}</span></h1>"
    );
    let class = state_class(facts.verdict.state);
    put!(
        out,
        "<p class=\"state {class}\">{}</p>",
        facts.verdict.state.as_str()
    );
    put!(
        out,
        "<p class=\"about\">{}. Exercised by {}.</p>",
        esc(&facts.site_summary()),
        esc(&one_line(&facts.exercise()))
    );
    strip(facts, out);
    put!(out, "</section>");
}

/// The sites by state, as one strip with a legend. The strip is a table row of cells, so that its
/// widths are attributes and need no inline style.
fn strip(facts: &Facts<'_>, out: &mut String) {
    let c = facts.verdict.counts;
    let parts = [
        (c.refuted, "refuted"),
        (c.unexercised, "unexercised"),
        (c.exercised, "exercised"),
        (c.controlled, "controlled"),
        (c.declarations, "declaration"),
        (c.not_built, "not-built"),
    ];
    if c.total == 0 {
        return;
    }
    put!(
        out,
        "<svg class=\"strip\" viewBox=\"0 0 {} 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">",
        c.total
    );
    let mut x = 0;
    for (count, class) in parts {
        if count > 0 {
            put!(
                out,
                "<rect class=\"{class}\" x=\"{x}\" width=\"{count}\" height=\"1\"/>"
            );
        }
        x += count;
    }
    put!(out, "</svg><ul class=\"legend\">");
    for (count, class) in parts.iter().filter(|(n, _)| *n > 0) {
        put!(
            out,
            "<li><i class=\"{class}\"></i>{count} {}</li>",
            facts::state_word(class)
        );
    }
    put!(out, "</ul>");
}

pub(super) fn next(facts: &Facts<'_>, out: &mut String) {
    if facts.verdict.next.is_empty() {
        return;
    }
    put!(
        out,
        "<section id=\"next\"><h2>Next</h2><ol class=\"steps\">"
    );
    for step in &facts.verdict.next {
        put!(out, "<li>{}", esc(&one_line(&step.text)));
        if let Some(command) = &step.command {
            put!(
                out,
                "<pre class=\"command\"><code>{}</code></pre>",
                esc(&one_line(command))
            );
        }
        put!(out, "</li>");
    }
    put!(out, "</ol></section>");
}

pub(super) fn findings(facts: &Facts<'_>, out: &mut String) {
    let (standing, accepted) = facts.findings();
    if standing.is_empty() && accepted.is_empty() {
        return;
    }
    put!(out, "<section id=\"findings\"><h2>Findings</h2>");
    for finding in standing {
        card(facts, finding, out);
    }
    if !accepted.is_empty() {
        put!(
            out,
            "<h3>Accepted by the allow-list</h3><ul class=\"plain\">"
        );
    }
    for (finding, allowance) in &accepted {
        let title = esc(&one_line(&finding.title));
        let reason = esc(&one_line(&allowance.reason));
        put!(
            out,
            "<li><b>{}</b> {title}. <span class=\"soft\">{reason}</span></li>",
            finding.class
        );
    }
    if !accepted.is_empty() {
        put!(out, "</ul>");
    }
    put!(out, "</section>");
}

fn card(facts: &Facts<'_>, finding: &Finding, out: &mut String) {
    let weight = facts::weight(finding);
    let class = if weight == "refutes" {
        "refuted"
    } else {
        "unexercised"
    };
    put!(out, "<article class=\"finding {class}\">");
    put!(
        out,
        "<h3><span class=\"tag {class}\">{}</span> {}</h3>",
        finding.class,
        esc(&one_line(&finding.title))
    );
    let sites: Vec<String> = finding
        .sites
        .iter()
        .filter_map(|id| site_link(facts, id))
        .collect();
    let at = if sites.is_empty() {
        "unattributed".into()
    } else {
        sites.join(", ")
    };
    put!(
        out,
        "<p class=\"soft\">{weight}, {at}, <code>{}</code></p>",
        esc(&one_line(&finding.id))
    );
    let excerpt = super::super::excerpt::finding(facts, finding, false, 110);
    put!(
        out,
        "<pre class=\"excerpt\" tabindex=\"0\">{}</pre></article>",
        esc(&excerpt)
    );
}

fn site_link(facts: &Facts<'_>, id: &crate::SiteId) -> Option<String> {
    let index = facts.evidence.sites.iter().position(|s| s.id == *id)?;
    let item = esc(&one_line(&facts.evidence.sites[index].item));
    Some(format!("<a href=\"#site-{index}\">{item}</a>"))
}

pub(super) fn missing(facts: &Facts<'_>, out: &mut String) {
    if facts.verdict.missing.is_empty() {
        return;
    }
    put!(out, "<section id=\"missing\"><h2>Missing</h2>");
    let is_site = |r: &&Reason| {
        matches!(
            r,
            Reason::SiteUnexercised { .. } | Reason::SiteUndocumented { .. }
        )
    };
    let (sites, others): (Vec<_>, Vec<_>) = facts.verdict.missing.iter().partition(is_site);
    list(&others, out);
    if !sites.is_empty() {
        let open = if sites.len() <= 10 { " open" } else { "" };
        let count = facts::plural(u64::try_from(sites.len()).unwrap_or(u64::MAX), "reason");
        put!(
            out,
            "<details{open}><summary>{count} at single sites</summary>"
        );
        list(&sites, out);
        put!(out, "</details>");
    }
    put!(out, "</section>");
}

fn list(reasons: &[&Reason], out: &mut String) {
    put!(out, "<ul class=\"reasons\">");
    for reason in reasons {
        let (what, step) = (one_line(&reason.to_string()), one_line(&reason.next_step()));
        put!(
            out,
            "<li>{}<span class=\"soft\">{}</span></li>",
            esc(&what),
            esc(&step)
        );
    }
    put!(out, "</ul>");
}

pub(super) fn layers(facts: &Facts<'_>, out: &mut String) {
    put!(
        out,
        "<section id=\"layers\"><h2>Layers and runs</h2><dl class=\"layers\">"
    );
    for layer in &facts.verdict.layers {
        put!(
            out,
            "<div><dt>{}</dt><dd>{}</dd></div>",
            layer.layer,
            layer_text(facts, layer)
        );
    }
    put!(out, "</dl>");
    if !facts.evidence.runs.is_empty() {
        put!(
            out,
            "<table class=\"runs\"><thead><tr><th scope=\"col\">Run</th><th scope=\"col\">Outcome</th><th scope=\"col\">Tests</th><th scope=\"col\">Planted bug</th><th scope=\"col\" class=\"num\">Time</th></tr></thead><tbody>"
        );
        for run in &facts.evidence.runs {
            run_row(facts.evidence, run, out);
        }
        put!(out, "</tbody></table>");
    }
    put!(out, "</section>");
}

fn layer_text(facts: &Facts<'_>, layer: &LayerVerdict) -> String {
    let class = match layer.standing {
        Standing::Counts => "exercised",
        Standing::Void { .. } => "refuted",
        Standing::NotRun { .. } => "unexercised",
        Standing::NotApplicable { .. } => "declaration",
    };
    let (Requirement::Required { why }
    | Requirement::Either { why, .. }
    | Requirement::NotRequired { why }) = layer.requirement;
    let need = match layer.requirement {
        Requirement::Required { .. } => "required",
        Requirement::Either { .. } => "this or the other model checker",
        Requirement::NotRequired { .. } => "not called for",
    };
    let line = esc(&one_line(&facts::layer_line(facts, layer)));
    let sees: Vec<&str> = layer.layer.classes().iter().map(|c| c.as_str()).collect();
    format!(
        "<span class=\"{class} dot\">{line}</span><span class=\"soft\">{need}: {why}. Sees {}.</span>",
        sees.join(", ")
    )
}

fn run_row(evidence: &Evidence, run: &Run, out: &mut String) {
    let command = esc(&one_line(&crate::shell_line(&run.command)));
    let id = esc(&one_line(&run.id.0));
    let time = duration(run.build_ms.saturating_add(run.run_ms));
    let cached = if run.cached { " (cached)" } else { "" };
    let repeats = if run.repeats > 1 {
        format!(", {} times", run.repeats)
    } else {
        String::new()
    };
    let log = esc(&one_line(&run.log));
    put!(
        out,
        "<tr><th scope=\"row\"><details><summary>{id}</summary><code>{command}</code>"
    );
    let seed = run.seed.map(|s| format!(", seed {s}")).unwrap_or_default();
    put!(
        out,
        "<span class=\"soft\">log <code>{log}</code>{seed}</span>"
    );
    put!(
        out,
        "</details></th><td>{}{repeats}</td>",
        esc(&one_line(&facts::outcome(run)))
    );
    put!(out, "<td>{}{}</td>", facts::tests(run), cases(run));
    put!(out, "<td>{}</td>", facts::controls(evidence, run));
    put!(out, "<td class=\"num\">{time}{cached}</td></tr>");
}

fn cases(run: &Run) -> String {
    let case = |c: &String| format!("<span class=\"soft case\">{}</span>", esc(&one_line(c)));
    facts::cases(run).iter().map(case).collect()
}

/// Atomic operations, folded: they order the reader's work and decide nothing alone.
pub(super) fn lists(facts: &Facts<'_>, out: &mut String) {
    let evidence = facts.evidence;
    if evidence.atomics.is_empty() {
        return;
    }
    put!(out, "<section id=\"lists\"><h2>Atomics</h2>");
    if !evidence.atomics.is_empty() {
        let count = u64::try_from(evidence.atomics.len()).unwrap_or(u64::MAX);
        let count = facts::plural(count, "atomic operation");
        put!(
            out,
            "<details><summary>{count}</summary><ul class=\"reasons\">"
        );
        for atomic in &evidence.atomics {
            let text = format!(
                "{}.{}({})",
                atomic.place,
                atomic.operation,
                atomic.orderings.join(", ")
            );
            let text = if atomic.place.is_empty() {
                text[1..].to_string()
            } else {
                text
            };
            let (text, item) = (esc(&one_line(&text)), esc(&one_line(&atomic.item)));
            let place = line_link(facts, &atomic.span);
            put!(
                out,
                "<li><code>{text}</code><span class=\"soft\">{place} {item}</span></li>"
            );
        }
        put!(out, "</ul></details>");
    }
    put!(out, "</section>");
}

pub(super) fn footer(facts: &Facts<'_>, out: &mut String) {
    let evidence = facts.evidence;
    let tool = |t: &crate::ToolVersion| esc(&one_line(&format!("{} {}", t.name, t.version)));
    let tools: Vec<String> = evidence.environment.tools.iter().map(tool).collect();
    let host = esc(&one_line(&evidence.environment.host));
    put!(
        out,
        "<footer><p>{} on {host} with {}.",
        tool(&evidence.tool),
        tools.join(", ")
    );
    put!(
        out,
        "A verdict says what was executed under which layer and what was reported. An input that no test makes is seen by no layer.</p></footer>"
    );
}
