//! What every renderer says, before it is dressed.

use std::collections::HashMap;
use std::ops::Range;

use crate::{
    Allowance, Confidence, Evidence, Exercise, Finding, Layer, LayerName, LayerStatus,
    LayerVerdict, Outcome, Run, Severity, Site, SiteId, SiteKind, SiteVerdict, Span, Standing,
    TestCase, TestStatus, Verdict, verdict,
};

/// The evidence, its verdict, and the joins that reports need.
pub(super) struct Facts<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) verdict: Verdict,
    /// Layers that ran: the columns of the matrix.
    pub(super) columns: Vec<LayerName>,
    sites: HashMap<&'a SiteId, &'a Site>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(evidence: &'a Evidence) -> Self {
        let ran = |name: &LayerName| {
            evidence
                .layers
                .iter()
                .any(|l| l.name == *name && l.status == LayerStatus::Ran)
        };
        Self {
            evidence,
            verdict: verdict(evidence),
            columns: LayerName::ALL.into_iter().filter(ran).collect(),
            sites: evidence.sites.iter().map(|s| (&s.id, s)).collect(),
        }
    }

    pub(super) fn site(&self, id: &SiteId) -> Option<&'a Site> {
        self.sites.get(id).copied()
    }

    /// The sites with their verdicts, in the order of the file.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'a Site, &SiteVerdict)> {
        self.evidence.sites.iter().zip(&self.verdict.sites)
    }

    pub(super) fn layer(&self, name: LayerName) -> Option<&'a Layer> {
        self.evidence.layers.iter().find(|l| l.name == name)
    }

    /// Findings that stand, then those that the allow-list accepts.
    pub(super) fn findings(&self) -> (Vec<&'a Finding>, Vec<(&'a Finding, &'a Allowance)>) {
        let mut standing = Vec::new();
        let mut accepted = Vec::new();
        for finding in &self.evidence.findings {
            match self.evidence.allowance_of(finding) {
                Some(allowance) => accepted.push((finding, allowance)),
                None => standing.push(finding),
            }
        }
        (standing, accepted)
    }

    /// The numbers of sites by state, for example `12 exercised, 1 unexercised`.
    pub(super) fn site_summary(&self) -> String {
        let c = &self.verdict.counts;
        let parts = [
            (c.refuted, "refuted"),
            (c.unexercised, "unexercised"),
            (c.exercised, "exercised"),
            (c.controlled, "controlled"),
            (c.declarations, "declared"),
            (c.not_built, "not built here"),
            (c.undocumented, "undocumented"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        match c.total {
            0 => "no unsafe sites".into(),
            n => format!("{}: {}", plural(n.into(), "unsafe site"), parts.join(", ")),
        }
    }

    /// What was executed by what, for example `its tests, features default, std`.
    pub(super) fn exercise(&self) -> String {
        let subject = &self.evidence.subject;
        let what = match &subject.exercise {
            Exercise::Tests => format!("the tests of {}", subject.driver),
            Exercise::Bin { name } => format!("the program {name} of {}", subject.driver),
            Exercise::Example { name } => format!("the example {name} of {}", subject.driver),
            Exercise::Command { line } => format!("the command {line}"),
        };
        match subject.features.len() {
            0 => format!("{what}, no features"),
            1 => format!("{what}, feature {}", subject.features[0]),
            _ => format!("{what}, features {}", subject.features.join(", ")),
        }
    }

    /// The text of a file of the evidence.
    pub(super) fn text(&self, path: &str) -> Option<&'a str> {
        self.evidence
            .files
            .iter()
            .find(|f| f.path == path)
            .map(|f| f.text.as_str())
    }

    /// Whether a layer's passes count, for a column's head.
    pub(super) fn is_void(&self, layer: LayerName) -> bool {
        self.layer_verdict(layer)
            .is_some_and(|l| matches!(l.standing, Standing::Void { .. }))
    }

    fn layer_verdict(&self, layer: LayerName) -> Option<&LayerVerdict> {
        self.verdict.layers.iter().find(|l| l.layer == layer)
    }
}

/// A layer in one line: its standing, whether the crate needs it, its tool and notes.
pub(super) fn layer_line(facts: &Facts<'_>, verdict: &LayerVerdict) -> String {
    let mut parts = vec![verdict.standing.to_string()];
    if let Some(layer) = facts.layer(verdict.layer) {
        parts.extend(layer.tool.iter().cloned());
        parts.extend(layer.notes.iter().cloned());
    }
    parts.join("; ")
}

/// The word for a state in running text.
pub(super) fn state_word(word: &str) -> &str {
    if word == "not-built" {
        "not built here"
    } else {
        word
    }
}

/// The word for a kind of site.
pub(super) fn kind(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::Block => "block",
        SiteKind::Function => "function",
        SiteKind::Impl => "impl",
        SiteKind::Trait => "trait",
        SiteKind::ExternBlock => "extern block",
        SiteKind::Attribute => "attribute",
        SiteKind::StaticMut => "static mut",
        SiteKind::GlobalAsm => "global asm",
    }
}

/// Why a site has its state, where there is more to say than the state.
pub(super) fn why(site: &SiteVerdict) -> Option<String> {
    use crate::SiteState::{Controlled, Declaration, Exercised, NotBuilt, Refuted, Unexercised};
    match &site.state {
        Refuted { findings } => Some(format!("by {}", findings.join(", "))),
        NotBuilt { condition } => Some(condition.clone()),
        Unexercised { why } => Some(why.to_string()),
        Controlled { killed } => Some(format!("{} killed", plural((*killed).into(), "mutant"))),
        Declaration | Exercised => None,
    }
}

/// How a finding weighs, in one or two words.
pub(super) fn weight(finding: &Finding) -> &'static str {
    match (&finding.confidence, finding.class.severity()) {
        (Confidence::Inconclusive { .. }, _) => "inconclusive",
        (Confidence::Firm, Severity::Soundness) => "refutes",
        (Confidence::Firm, Severity::Leak) => "leak",
        (Confidence::Firm, Severity::Liveness) => "liveness",
        (Confidence::Firm, Severity::Test) => "test",
        (Confidence::Firm, Severity::Hygiene) => "hygiene",
    }
}

/// Where a finding was seen, one line a sighting.
pub(super) fn sightings(finding: &Finding) -> Vec<String> {
    let line = |s: &crate::Sighting| {
        let times = match (s.seen, s.executions) {
            (1, 1) => String::new(),
            (seen, executions) => format!(", in {seen} of {executions} executions"),
        };
        match &s.test {
            Some(test) => format!("{}: test {test}{times}", s.run),
            None => format!("{}{times}", s.run),
        }
    };
    finding.sightings.iter().map(line).collect()
}

/// One line for a frame of a stack.
pub(super) fn frame(frame: &crate::Frame) -> String {
    let mut text = frame.function.clone();
    if let Some(file) = &frame.file {
        text.push_str(&format!(" at {file}"));
        for number in [frame.line, frame.column].into_iter().flatten() {
            text.push_str(&format!(":{number}"));
        }
    }
    text
}

/// What became of a run, in a few words.
pub(super) fn outcome(run: &Run) -> String {
    match &run.outcome {
        Outcome::Passed => "passed".into(),
        Outcome::Failed => "failed".into(),
        Outcome::DidNotBuild { error } => format!("did not build: {error}"),
        Outcome::LimitReached { limit } => format!("limit reached: {limit}"),
        Outcome::Interrupted => "interrupted".into(),
    }
}

/// Numbers of tests by what became of them, zeros left out.
pub(super) fn tests(run: &Run) -> String {
    let t = run.tests;
    let parts = [
        (t.passed, "passed"),
        (t.failed, "failed"),
        (t.timed_out, "timed out"),
        (t.cut, "cut"),
        (t.ignored, "ignored"),
        (t.filtered, "filtered"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    if parts.is_empty() {
        "none".into()
    } else {
        parts.join(", ")
    }
}

/// Whether a run's planted bugs were caught, for example `caught data-race 20/20`.
pub(super) fn controls(evidence: &Evidence, run: &Run) -> String {
    let of_run = evidence.controls.iter().filter(|c| c.run == run.id);
    let text = |c: &crate::Control| {
        let word = if c.caught { "caught" } else { "missed" };
        format!("{word} {} {}/{}", c.class, c.caught_in, c.executions)
    };
    let parts: Vec<String> = of_run.map(text).collect();
    if parts.is_empty() {
        "none".into()
    } else {
        parts.join(", ")
    }
}

/// Tests of a run that did not simply pass, ignored ones left out, with what is known of them.
pub(super) fn cases(run: &Run) -> Vec<String> {
    let told = run.cases.iter().filter(|c| c.status != TestStatus::Ignored);
    let line = |c: &TestCase| {
        let word = match c.status {
            TestStatus::Failed => "failed",
            TestStatus::Ignored => "ignored",
            TestStatus::Cut => "cut",
            TestStatus::TimedOut => "timed out",
            TestStatus::ProbeFailure => "failed with counters only",
        };
        match &c.detail {
            Some(detail) => format!("{word}: {}: {detail}", c.name),
            None => format!("{word}: {}", c.name),
        }
    };
    told.map(line).collect()
}

/// A count in at most four characters: `999`, `1.2k`, `34k`, `5.6M`.
pub(super) fn compact(count: u64) -> String {
    const UNITS: [&str; 6] = ["k", "M", "G", "T", "P", "E"];
    let mut unit = 0;
    let mut tenths = count.saturating_mul(10) / 1000;
    if count < 1000 {
        return count.to_string();
    }
    if count > u64::MAX / 10 {
        return "max".into();
    }
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    if tenths < 100 {
        format!("{}.{}{}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{}{}", tenths / 10, UNITS[unit])
    }
}

/// A duration: `0.3 s`, `41 s`, `2 min 05 s`.
pub(super) fn duration(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        10_000..60_000 => format!("{} s", ms / 1000),
        _ => format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

/// `1 site`, `2 sites`.
pub(super) fn plural(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// The bytes of a span in a text; none where the text does not reach that far.
pub(super) fn byte_range(text: &str, span: &Span) -> Option<Range<usize>> {
    let start = byte_at(text, span.line, span.column)?;
    let end = byte_at(text, span.end_line, span.end_column)?;
    (start <= end).then_some(start..end)
}

fn byte_at(text: &str, line: u32, column: u32) -> Option<usize> {
    let line = usize::try_from(line.checked_sub(1)?).ok()?;
    let column = usize::try_from(column.checked_sub(1)?).ok()?;
    let mut start = 0;
    for _ in 0..line {
        start += text.get(start..)?.find('\n')? + 1;
    }
    let row = text.get(start..)?.split('\n').next()?;
    // A column past the end of its line points to its end: tools disagree about tabs.
    let offset = row.char_indices().nth(column).map_or(row.len(), |(i, _)| i);
    Some(start + offset)
}

#[cfg(test)]
mod tests {
    use super::{byte_range, compact, duration, plural};
    use crate::Span;

    #[test]
    fn counts_take_at_most_four_characters() {
        let counts = [
            0,
            999,
            1000,
            1234,
            9999,
            12_345,
            999_999,
            1_000_000,
            56_700_000,
            u64::MAX,
        ];
        let texts = counts.map(compact);
        assert_eq!(
            texts,
            [
                "0", "999", "1.0k", "1.2k", "9.9k", "12k", "999k", "1.0M", "56M", "max"
            ]
        );
    }

    #[test]
    fn durations_and_plurals_read_well() {
        assert_eq!(
            [340, 41_200, 125_000].map(duration),
            ["0.3 s", "41 s", "2 min 05 s"]
        );
        assert_eq!(
            [plural(1, "site"), plural(2, "site")],
            ["1 site", "2 sites"]
        );
    }

    #[test]
    fn spans_count_characters_and_survive_a_text_that_is_too_short() {
        let span = |line, column, end_line, end_column| Span {
            file: String::new(),
            line,
            column,
            end_line,
            end_column,
        };
        let text = "aü(\nbc\n";
        assert_eq!(byte_range(text, &span(1, 2, 1, 4)), Some(1..4));
        assert_eq!(byte_range(text, &span(2, 1, 2, 99)), Some(5..7));
        assert_eq!(byte_range(text, &span(9, 1, 9, 2)), None);
        assert_eq!(byte_range(text, &span(0, 0, 0, 0)), None);
    }
}
