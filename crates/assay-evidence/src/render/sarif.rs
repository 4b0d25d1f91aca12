//! The report as SARIF 2.1.0, for code scanning services and editors.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::escape::{one_line, uri, visible};
use super::facts::{Facts, sightings};
use super::mutants;
use crate::{
    Allowance, BugClass, Completion, Confidence, Evidence, Finding, Frame, Mutant, Severity, Site,
    Span, Stack, exit_code,
};

/// The report as SARIF 2.1.0.
///
/// Findings are results: `error` where one refutes, `warning` else, `note` for hygiene; an
/// inconclusive one is of kind `review`, an accepted one is suppressed with its reason. A mutant that
/// no test noticed is a `note`. What is
/// missing stands as notifications of the invocation, the verdict in the run's properties.
///
/// ```
/// use assay_evidence::{Evidence, render};
/// let log: serde_json::Value = serde_json::from_str(&render::sarif(&Evidence::example()))?;
/// assert_eq!(log["version"], "2.1.0");
/// assert_eq!(log["runs"][0]["properties"]["verdict"], "INCOMPLETE");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn sarif(evidence: &Evidence) -> String {
    let facts = Facts::of(evidence);
    let classes: BTreeSet<BugClass> = evidence.findings.iter().map(|f| f.class).collect();
    let mut rules: Vec<Value> = classes.iter().map(|c| rule(*c)).collect();
    let open = mutants::open(evidence);
    if !open.is_empty() {
        rules.push(mutant_rule());
    }
    let (standing, accepted) = facts.findings();
    let standing = standing.into_iter().map(|f| result(&facts, f, None));
    let accepted = accepted
        .into_iter()
        .map(|(f, a)| result(&facts, f, Some(a)));
    let mutants = open.iter().map(|(mutant, told)| unnoticed(mutant, told));
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": one_line(&evidence.tool.name),
                "version": one_line(&evidence.tool.version),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "PACKAGE": {
                "description": { "text": "The root of the audited package." },
            }},
            "artifacts": artifacts(evidence),
            "invocations": [invocation(&facts)],
            "results": standing.chain(accepted).chain(mutants).collect::<Vec<_>>(),
            "properties": {
                "package": one_line(&evidence.subject.package),
                "packageVersion": one_line(&evidence.subject.version),
                "verdict": facts.verdict.state.as_str(),
                "sites": facts.site_summary(),
            },
        }],
    });
    crate::json::pretty(&log)
}

fn rule(class: BugClass) -> Value {
    json!({
        "id": class.as_str(),
        "name": camel(class.as_str()),
        "shortDescription": { "text": describe(class) },
        "defaultConfiguration": { "level": level(class) },
        "properties": { "severity": class.severity() },
    })
}

const UNNOTICED: &str = "unnoticed-mutant";

fn mutant_rule() -> Value {
    json!({
        "id": UNNOTICED,
        "name": camel(UNNOTICED),
        "shortDescription": { "text": "A change to unsafe-relevant code that no test noticed." },
        "defaultConfiguration": { "level": "note" },
    })
}

fn unnoticed(mutant: &Mutant, told: &str) -> Value {
    let text = format!("{}: {told}", mutants::change(mutant));
    json!({
        "ruleId": UNNOTICED,
        "kind": "fail",
        "level": "note",
        "message": { "text": one_line(&text) },
        "partialFingerprints": { "assayMutant/v1": one_line(&mutant.id) },
        "locations": [location(&mutant.span, Some(&mutant.item))],
    })
}

fn level(class: BugClass) -> &'static str {
    match class.severity() {
        Severity::Soundness => "error",
        Severity::Leak | Severity::Liveness | Severity::Test => "warning",
        Severity::Hygiene => "note",
    }
}

fn camel(name: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    name.split('-').map(capital).collect()
}

fn describe(class: BugClass) -> &'static str {
    match class {
        BugClass::OutOfBounds => "An access outside its allocation.",
        BugClass::UseAfterFree => "An access to memory that was freed or whose scope ended.",
        BugClass::InvalidFree => "A second free, or the free of something that is no allocation.",
        BugClass::WrongLayout => "A free or realloc with another layout than the allocation's.",
        BugClass::UninitialisedRead => "A read of memory that was never written.",
        BugClass::DataRace => "Two threads access one place without order, and one of them writes.",
        BugClass::Aliasing => "A reference was used against the aliasing model.",
        BugClass::Misaligned => "An access that is less aligned than its type.",
        BugClass::InvalidValue => "A value that its type does not allow.",
        BugClass::Precondition => "A precondition of the standard library was not met.",
        BugClass::MemoryFault => "The process was ended by a memory fault.",
        BugClass::OtherUndefined => "Undefined behaviour of another kind.",
        BugClass::Leak => "Memory that was not freed and cannot be reached.",
        BugClass::Deadlock => "Threads that wait for each other.",
        BugClass::Hang => "A test that did not end in its time.",
        BugClass::TestFailure => "A test of the crate that fails.",
        BugClass::MissingSafety => "An unsafe site without a stated reason.",
    }
}

fn artifacts(evidence: &Evidence) -> Vec<Value> {
    let artifact = |f: &crate::SourceFile| {
        let mut artifact = json!({ "location": artifact(&f.path), "sourceLanguage": "rust" });
        if !f.sha256.is_empty() {
            artifact["hashes"] = json!({ "sha-256": one_line(&f.sha256) });
        }
        artifact
    };
    evidence.files.iter().map(artifact).collect()
}

fn artifact(path: &str) -> Value {
    let uri = uri(path);
    if uri.starts_with("file:") {
        json!({ "uri": uri })
    } else {
        json!({ "uri": uri, "uriBaseId": "PACKAGE" })
    }
}

fn invocation(facts: &Facts<'_>) -> Value {
    let notifications = facts.verdict.missing.iter().map(|reason| {
        let text = format!(
            "{}; {}",
            one_line(&reason.to_string()),
            one_line(&reason.next_step())
        );
        json!({ "level": "warning", "message": { "text": text } })
    });
    json!({
        "executionSuccessful": facts.evidence.completion == Completion::Complete,
        "exitCode": exit_code::of(&facts.verdict),
        "toolExecutionNotifications": notifications.collect::<Vec<_>>(),
    })
}

fn result(facts: &Facts<'_>, finding: &Finding, accepted: Option<&Allowance>) -> Value {
    let sites: Vec<&Site> = finding
        .sites
        .iter()
        .filter_map(|id| facts.site(id))
        .collect();
    let primary = finding.span.as_ref().or(sites.first().map(|s| &s.span));
    let mut result = Map::new();
    result.insert("ruleId".into(), finding.class.as_str().into());
    // The standard asks for level `none` with every kind but `fail`.
    let (kind, level) = match &finding.confidence {
        Confidence::Firm => ("fail", level(finding.class)),
        Confidence::Inconclusive { .. } => ("review", "none"),
    };
    result.insert("kind".into(), kind.into());
    result.insert("level".into(), level.into());
    result.insert("message".into(), json!({ "text": message(finding) }));
    result.insert(
        "partialFingerprints".into(),
        json!({ "assayFinding/v1": one_line(&finding.id) }),
    );
    let place = primary.map_or_else(|| elsewhere(facts, finding), |span| location(span, None));
    result.insert("locations".into(), json!([place]));
    if !sites.is_empty() {
        let related = sites.iter().enumerate().map(|(i, site)| {
            let mut place = location(&site.span, Some(&site.item));
            place["id"] = (i + 1).into();
            let text = format!(
                "unsafe site {} in {}",
                one_line(&site.id.0),
                one_line(&site.item)
            );
            place["message"] = json!({ "text": text });
            place
        });
        result.insert("relatedLocations".into(), related.collect());
    }
    if !finding.stacks.is_empty() {
        // The standard asks for different stacks.
        let mut stacks: Vec<Value> = Vec::new();
        for stack in finding.stacks.iter().map(stack) {
            if !stacks.contains(&stack) {
                stacks.push(stack);
            }
        }
        result.insert("stacks".into(), stacks.into());
    }
    let suppression =
        |a: &Allowance| json!({ "kind": "external", "justification": visible(&a.reason) });
    result.insert(
        "suppressions".into(),
        accepted.map(suppression).into_iter().collect(),
    );
    Value::Object(result)
}

/// A place for a finding that names none, since services refuse results without: the first frame
/// in the audited source, else the manifest.
fn elsewhere(facts: &Facts<'_>, finding: &Finding) -> Value {
    let frames = finding.stacks.iter().flat_map(|s| &s.frames);
    let known = |f: &&Frame| {
        f.file
            .as_deref()
            .is_some_and(|file| facts.text(file).is_some())
    };
    match frames.into_iter().find(known) {
        Some(found) => json!({ "physicalLocation": physical(found) }),
        None => json!({ "physicalLocation": { "artifactLocation": artifact("Cargo.toml") } }),
    }
}

fn message(finding: &Finding) -> String {
    let mut lines = vec![one_line(&finding.title)];
    if finding.sites.is_empty() && finding.class.severity() == Severity::Soundness {
        lines.push("Attributed to no unsafe site.".into());
    }
    if let Confidence::Inconclusive { reason } = &finding.confidence {
        lines.push(format!("Inconclusive: {}", one_line(reason)));
    }
    lines.extend(
        sightings(finding)
            .iter()
            .map(|s| format!("Seen in {}", one_line(s))),
    );
    if let Some(command) = &finding.reproduce {
        lines.push(format!(
            "Show it again: {}",
            one_line(&crate::shell_line(command))
        ));
    }
    lines.join("\n")
}

fn location(span: &Span, item: Option<&str>) -> Value {
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": artifact(&span.file),
        "region": {
            "startLine": span.line.max(1),
            "startColumn": span.column.max(1),
            "endLine": span.end_line.max(1),
            "endColumn": span.end_column.max(1),
        },
    }});
    if let Some(item) = item {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": one_line(item) }]);
    }
    location
}

fn stack(stack: &Stack) -> Value {
    let frames: Vec<Value> = stack.frames.iter().map(frame).collect();
    json!({ "message": { "text": one_line(&stack.label) }, "frames": frames })
}

fn frame(frame: &Frame) -> Value {
    let mut location = json!({
        "logicalLocations": [{ "fullyQualifiedName": one_line(&frame.function) }],
    });
    if frame.file.is_some() {
        location["physicalLocation"] = physical(frame);
    }
    json!({ "location": location })
}

fn physical(frame: &Frame) -> Value {
    let mut place =
        json!({ "artifactLocation": artifact(frame.file.as_deref().unwrap_or_default()) });
    if let Some(line) = frame.line.filter(|l| *l > 0) {
        place["region"] = json!({ "startLine": line });
        if let Some(column) = frame.column.filter(|c| *c > 0) {
            place["region"]["startColumn"] = column.into();
        }
    }
    place
}
