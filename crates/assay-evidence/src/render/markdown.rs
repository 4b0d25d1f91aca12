//! The report for a repository or a pull request.

use std::fmt::Write as _;

use super::escape::{markdown as esc, markdown_block as block, markdown_code as code, one_line};
use super::facts::{self, Facts, compact, duration};
use super::mutants;
use crate::{Evidence, Finding};

/// The report as GitHub-flavoured Markdown.
///
/// ```
/// use assay_evidence::{Evidence, render};
/// let report = render::markdown(&Evidence::example());
/// assert!(report.starts_with("# ring 0.3.0: INCOMPLETE\n"));
/// assert!(report.contains("| unexercised | `src/slot.rs:9` | `ring::Slot<T>::write` |"));
/// ```
#[must_use]
pub fn markdown(evidence: &Evidence) -> String {
    let facts = Facts::of(evidence);
    let mut out = String::new();
    head(&facts, &mut out);
    matrix(&facts, &mut out);
    layers(&facts, &mut out);
    runs(&facts, &mut out);
    findings(&facts, &mut out);
    details(&facts, &mut out);
    mutation(&facts, &mut out);
    missing(&facts, &mut out);
    environment(&facts, &mut out);
    out
}

macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($arg:tt)*) => {
        writeln!($out, $($arg)*).expect("writing to a String does not fail")
    };
}

fn head(facts: &Facts<'_>, out: &mut String) {
    let subject = &facts.evidence.subject;
    let state = facts.verdict.state.as_str();
    line!(
        out,
        "# {} {}: {state}\n",
        esc(&subject.package),
        esc(&subject.version)
    );
    line!(
        out,
        "{}. Exercised by {}.",
        esc(&facts.site_summary()),
        esc(&facts.exercise())
    );
}

fn matrix(facts: &Facts<'_>, out: &mut String) {
    if facts.evidence.sites.is_empty() {
        return;
    }
    line!(out, "\n## Sites by layer\n");
    let heads: Vec<String> = facts
        .columns
        .iter()
        .map(|l| {
            if facts.is_void(*l) {
                format!("{l} (void)")
            } else {
                l.to_string()
            }
        })
        .collect();
    let columns: String = heads.iter().map(|h| format!(" {h} |")).collect();
    line!(out, "| state | place | item |{columns} why |");
    line!(out, "|---|---|---|{}---|", "--:|".repeat(heads.len()));
    for (site, verdict) in facts.rows() {
        let cell = |l| verdict.hits.get(l).map_or("-".into(), |n| compact(*n));
        let cells: String = facts
            .columns
            .iter()
            .map(|l| format!(" {} |", cell(l)))
            .collect();
        let place = code(&format!("{}:{}", site.span.file, site.span.line));
        let why = facts::why(verdict)
            .map(|w| format!("{} ", esc(&w)))
            .unwrap_or_default();
        let undocumented = if verdict.documented {
            ""
        } else {
            "undocumented "
        };
        let state = facts::state_word(verdict.state.as_str());
        line!(
            out,
            "| {state} | {place} | {} |{cells} {why}{undocumented}|",
            code(&site.item)
        );
    }
}

fn layers(facts: &Facts<'_>, out: &mut String) {
    line!(out, "\n## Layers\n");
    for layer in &facts.verdict.layers {
        line!(
            out,
            "- **{}**: {}",
            layer.layer,
            esc(&facts::layer_line(facts, layer))
        );
    }
}

fn runs(facts: &Facts<'_>, out: &mut String) {
    if facts.evidence.runs.is_empty() {
        return;
    }
    line!(out, "\n## Runs\n");
    line!(
        out,
        "| run | outcome | tests | planted bug | time |\n|---|---|---|---|--:|"
    );
    for run in &facts.evidence.runs {
        let time = duration(run.build_ms.saturating_add(run.run_ms));
        let cached = if run.cached { " (cached)" } else { "" };
        let repeats = if run.repeats > 1 {
            format!(", {} times", run.repeats)
        } else {
            String::new()
        };
        line!(
            out,
            "| {} | {}{repeats} | {} | {} | {time}{cached} |",
            code(&run.id.0),
            esc(&facts::outcome(run)),
            facts::tests(run),
            facts::controls(facts.evidence, run),
        );
    }
}

/// Tests that did not simply pass, by run.
fn details(facts: &Facts<'_>, out: &mut String) {
    let mut head = false;
    for run in &facts.evidence.runs {
        for case in facts::cases(run) {
            if !std::mem::replace(&mut head, true) {
                line!(out, "\n## Tests that did not simply pass\n");
            }
            line!(out, "- {} {}", code(&run.id.0), esc(&case));
        }
    }
}

fn mutation(facts: &Facts<'_>, out: &mut String) {
    let evidence = facts.evidence;
    if evidence.mutants.is_empty() {
        return;
    }
    line!(out, "\n## Mutants\n\n{}.\n", mutants::summary(evidence));
    line!(
        out,
        "| operator | made | open | equivalent | unviable | killed by |\n|---|--:|--:|--:|--:|---|"
    );
    for group in mutants::groups(evidence) {
        line!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            group.operator,
            group.made,
            group.open,
            group.equivalent,
            group.unviable,
            group.killed
        );
    }
    line!(out);
    for baseline in &evidence.baselines {
        let text = esc(&mutants::baseline(baseline));
        line!(out, "- **{}**: {text}", baseline.layer);
    }
    let open = mutants::open(evidence);
    if !open.is_empty() {
        line!(out, "\n### Mutants that no test noticed\n");
    }
    for (mutant, told) in open {
        let (id, change) = (code(&mutant.id), esc(&mutants::change(mutant)));
        line!(
            out,
            "- {id} {change} in {}: {}",
            esc(&mutant.item),
            esc(&told)
        );
    }
    let listed = mutants::equivalents(evidence);
    if !listed.is_empty() {
        line!(out, "\n### Mutants listed as equivalent\n");
    }
    for (mutant, entry) in listed {
        let (id, change) = (code(&mutant.id), esc(&mutants::change(mutant)));
        line!(out, "- {id} {change}: {}", esc(&mutants::review(entry)));
    }
}

fn findings(facts: &Facts<'_>, out: &mut String) {
    let (standing, accepted) = facts.findings();
    if !standing.is_empty() {
        line!(out, "\n## Findings");
    }
    for finding in standing {
        describe(facts, finding, out);
    }
    if !accepted.is_empty() {
        line!(out, "\n## Accepted by the allow-list\n");
    }
    for (finding, allowance) in accepted {
        let title = format!("{}: {}", finding.class, finding.title);
        line!(
            out,
            "- {} {}. Reason: {}",
            code(&finding.id),
            esc(&title),
            esc(&allowance.reason)
        );
    }
}

fn describe(facts: &Facts<'_>, finding: &Finding, out: &mut String) {
    line!(
        out,
        "\n### {} ({})\n",
        esc(&finding.title),
        facts::weight(finding)
    );
    line!(out, "{} {}", finding.class, code(&finding.id));
    line!(out);
    line!(
        out,
        "{}",
        block("text", &super::excerpt::finding(facts, finding, false, 100))
    );
    if let Some(command) = &finding.reproduce {
        line!(
            out,
            "{}",
            block("sh", &one_line(&crate::shell_line(command)))
        );
    }
    out.truncate(out.trim_end().len());
    line!(out);
}

fn missing(facts: &Facts<'_>, out: &mut String) {
    if !facts.verdict.missing.is_empty() {
        line!(out, "\n## Missing\n");
    }
    for reason in &facts.verdict.missing {
        line!(
            out,
            "- {}; {}",
            esc(&reason.to_string()),
            esc(&reason.next_step())
        );
    }
    if !facts.verdict.next.is_empty() {
        line!(out, "\n## Next\n");
    }
    for (number, step) in facts.verdict.next.iter().enumerate() {
        line!(out, "{}. {}", number + 1, esc(&step.text));
        if let Some(command) = &step.command {
            line!(out, "   {}", code(command));
        }
    }
}

fn environment(facts: &Facts<'_>, out: &mut String) {
    let evidence = facts.evidence;
    let tool = format!("{} {}", evidence.tool.name, evidence.tool.version);
    let host = &evidence.environment.host;
    let tools = evidence.environment.tools.iter();
    let tools: Vec<String> = tools.map(|t| format!("{} {}", t.name, t.version)).collect();
    line!(
        out,
        "\n{} on {} with {}.",
        esc(&tool),
        esc(host),
        esc(&tools.join(", "))
    );
}
