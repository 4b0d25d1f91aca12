//! What to do next, the most useful first.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Reason, Unexercised};
use crate::{CommandLine, Evidence, LayerName, LayerStatus};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Recommendation {
    /// What to do, in one line.
    pub text: String,
    /// The command that does it, or starts it, as one would type it in a POSIX shell.
    pub command: Option<String>,
}

impl Recommendation {
    /// Makes a sentence of the text.
    fn new(text: impl Into<String>, command: Option<String>) -> Self {
        let mut text: String = text.into();
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self { text, command }
    }
}

/// The recommendations: findings first, then what every further step builds on, then tools, then
/// tests, then text.
pub(super) fn recommend(
    evidence: &Evidence,
    refuted_by: &[String],
    missing: &[Reason],
) -> Vec<Recommendation> {
    let mut next = Vec::new();
    for id in refuted_by {
        let Some(finding) = evidence.findings.iter().find(|f| &f.id == id) else {
            continue;
        };
        next.push(Recommendation::new(
            format!(
                "mend the {} that {id} reports: {}",
                finding.class, finding.title
            ),
            finding.reproduce.as_ref().map(shell_line),
        ));
    }
    next.extend(interruptions(evidence, missing));
    next.extend(findings(missing));
    next.extend(tests(evidence, missing));
    next.extend(layers(evidence, missing));
    next.extend(sites(evidence, missing));
    next.extend(mutants(
        evidence,
        refuted_by.is_empty() && missing.is_empty(),
    ));
    next.dedup();
    next
}

fn interruptions(evidence: &Evidence, missing: &[Reason]) -> Vec<Recommendation> {
    let cut = |r: &&Reason| {
        matches!(
            r,
            Reason::Interrupted { .. } | Reason::RunInterrupted { .. }
        )
    };
    let first = missing.iter().find(cut);
    first
        .map(|r| Recommendation::new(r.next_step(), Some(audit(evidence, ""))))
        .into_iter()
        .collect()
}

fn findings(missing: &[Reason]) -> Vec<Recommendation> {
    let explain = |r: &Reason| match r {
        Reason::Inconclusive { finding, .. } | Reason::Stands { finding, .. } => {
            let command = format!("cargo assay explain {}", quote(finding));
            Some(Recommendation::new(
                format!("look into it: {r}"),
                Some(command),
            ))
        }
        Reason::AllowanceUnmatched { .. }
        | Reason::EquivalentUnmatched { .. }
        | Reason::EquivalentKilled { .. } => {
            Some(Recommendation::new(format!("{}: {r}", r.next_step()), None))
        }
        _ => None,
    };
    missing.iter().filter_map(explain).collect()
}

fn tests(evidence: &Evidence, missing: &[Reason]) -> Vec<Recommendation> {
    let step = |r: &Reason| {
        let run = match r {
            Reason::NoTests => return Some(Recommendation::new(r.next_step(), None)),
            Reason::TestFails { runs, .. } | Reason::TestHangs { runs, .. } => runs.first()?,
            Reason::DidNotBuild { run, .. }
            | Reason::LimitReached { run, .. }
            | Reason::FailedUnexplained { run } => run,
            _ => return None,
        };
        let run = evidence.runs.iter().find(|x| x.id == *run);
        let command = run.map(|x| shell_line(&x.command));
        Some(Recommendation::new(
            format!("{}: {r}", r.next_step()),
            command,
        ))
    };
    missing.iter().filter_map(step).collect()
}

fn layers(evidence: &Evidence, missing: &[Reason]) -> Vec<Recommendation> {
    let left_out = |r: &Reason| matches!(r, Reason::LayerNotRun { reason, .. } if reason == LayerStatus::LEFT_OUT);
    let all = missing
        .iter()
        .any(left_out)
        .then(|| Recommendation::new("audit again with every layer", Some(audit(evidence, ""))));
    let step = |r: &Reason| {
        let (layer, command) = match r {
            // The recommendation after an interruption is to go on, whatever is left.
            Reason::LayerNotRun { reason, .. }
                if [LayerStatus::LEFT_OUT, LayerStatus::INTERRUPTED].contains(&reason.as_str()) =>
            {
                return None;
            }
            Reason::LayerNotRun { layer, reason, .. } => {
                let other = LayerStatus::wants_other_exercise(reason);
                (*layer, obtain(evidence, *layer).filter(|_| !other))
            }
            Reason::LayerVoid { layer, .. } => (*layer, None),
            Reason::LayerNotApplicable { layer, .. } => (*layer, None),
            _ => return None,
        };
        Some(Recommendation::new(
            format!("For {layer}: {}", r.next_step()),
            command,
        ))
    };
    all.into_iter()
        .chain(missing.iter().filter_map(step))
        .collect()
}

fn obtain(evidence: &Evidence, layer: LayerName) -> Option<String> {
    let rustup = |components: &str| {
        let packages = format!("rustup component add --toolchain nightly {components}");
        format!(
            "{packages} && {}",
            audit(evidence, &format!(" --layers {layer}"))
        )
    };
    match layer {
        LayerName::Miri => Some(rustup("miri rust-src")),
        LayerName::Tsan => Some(rustup("rust-src")),
        LayerName::Memcheck => Some("apt-get install valgrind".into()),
        LayerName::Loom | LayerName::Shuttle => None,
        LayerName::Unit | LayerName::Alloc | LayerName::Asan => Some(audit(evidence, "")),
    }
}

/// One recommendation for all sites of a kind: a list of a hundred is no next step.
fn sites(evidence: &Evidence, missing: &[Reason]) -> Vec<Recommendation> {
    let inventory = format!(
        "cargo assay inventory -p {}",
        quote(&evidence.subject.package)
    );
    let never = |r: &Reason| match r {
        Reason::SiteUnexercised {
            at,
            why: Unexercised::NeverExecuted,
            ..
        } => Some(at.clone()),
        _ => None,
    };
    let hidden = |r: &Reason| match r {
        Reason::SiteUnexercised {
            at,
            why: Unexercised::NotCounted { .. },
            ..
        } => Some(at.clone()),
        _ => None,
    };
    let weak = |r: &Reason| match r {
        Reason::SiteUnexercised {
            at,
            why:
                Unexercised::OneLayer { .. }
                | Unexercised::NoJudge { .. }
                | Unexercised::OnlyVoid { .. },
            ..
        } => Some(at.clone()),
        _ => None,
    };
    let silent = |r: &Reason| match r {
        Reason::SiteUndocumented { at, .. } => Some(at.clone()),
        _ => None,
    };
    [
        summary("write tests that reach", missing, never, None),
        summary(
            "run, under a further layer, the tests of",
            missing,
            weak,
            None,
        ),
        summary(
            "review by hand, since no counter could be placed:",
            missing,
            hidden,
            None,
        ),
        summary(
            "write the SAFETY comment of",
            missing,
            silent,
            Some(inventory),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The tests that are missing, and, when nothing else is, whether they can fail at all.
fn mutants(evidence: &Evidence, is_complete: bool) -> Option<Recommendation> {
    let mutate = || format!("cargo assay mutate -p {}", quote(&evidence.subject.package));
    let mut open = evidence
        .mutants
        .iter()
        .filter(|m| evidence.fate(m).is_open());
    let Some(first) = open.next() else {
        let asked = !evidence.mutants.is_empty() || evidence.sites.is_empty() || !is_complete;
        let text = "find out whether the tests can fail";
        return (!asked).then(|| Recommendation::new(text, Some(mutate())));
    };
    let place = first.place();
    let others = match open.count() {
        0 => String::new(),
        1 => " and for 1 other mutant".to_owned(),
        n => format!(" and for {n} other mutants"),
    };
    let text = format!(
        "write a test that fails with {} in {place}{others}; what changes nothing, list in assay-mutants.toml",
        first.operator
    );
    Some(Recommendation::new(text, Some(mutate())))
}

fn summary(
    what: &str,
    missing: &[Reason],
    pick: impl Fn(&Reason) -> Option<String>,
    command: Option<String>,
) -> Option<Recommendation> {
    let places: Vec<String> = missing.iter().filter_map(pick).collect();
    let (first, rest) = places.split_first()?;
    let text = match rest.len() {
        0 => format!("{what} {first}"),
        1 => format!("{what} {first} and 1 other site"),
        n => format!("{what} {first} and {n} other sites"),
    };
    Some(Recommendation::new(text, command))
}

fn audit(evidence: &Evidence, more: &str) -> String {
    format!(
        "cargo assay audit -p {}{more}",
        quote(&evidence.subject.package)
    )
}

/// A command as one would type it, variables first.
pub(crate) fn shell_line(command: &CommandLine) -> String {
    let env = command.env.iter().map(|(k, v)| format!("{k}={}", quote(v)));
    let argv = command.argv.iter().map(|a| quote(a));
    env.chain(argv).collect::<Vec<_>>().join(" ")
}

/// Quotes a word for a POSIX shell where it needs it.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
