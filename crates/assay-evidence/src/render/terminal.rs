//! The report for a terminal.

use anstyle::{AnsiColor, Style};

use super::escape::one_line;
use super::excerpt;
use super::facts::{self, Facts, compact, duration, plural};
use super::mutants;
use crate::{Evidence, LayerName, Reason, Run, Site, SiteState, SiteVerdict, State};

/// How a report for a terminal is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Whether to colour by ANSI escape sequences.
    pub colour: bool,
    /// Columns of the terminal. Below 40, 40 are assumed.
    pub width: usize,
}

impl Default for Layout {
    /// A file or a pipe: 100 columns, no colour.
    fn default() -> Self {
        Self {
            colour: false,
            width: 100,
        }
    }
}

/// The report for a terminal: the site x layer matrix, the layers and why some did not run, the
/// runs, the findings with their source, what is missing, the verdict, and what to do next.
///
/// ```
/// use assay_evidence::{Evidence, render};
/// let report = render::terminal(&Evidence::example(), render::Layout::default());
/// assert!(report.starts_with("ring 0.3.0: INCOMPLETE\n"));
/// assert!(report.lines().all(|line| line.chars().count() <= 100));
/// ```
#[must_use]
pub fn terminal(evidence: &Evidence, layout: Layout) -> String {
    let mut report = Report {
        facts: Facts::of(evidence),
        colour: layout.colour,
        width: layout.width.max(40),
        out: String::new(),
    };
    report.head();
    report.matrix();
    report.layers();
    report.runs();
    report.findings();
    report.mutants();
    report.missing();
    report.verdict();
    report.out
}

/// What became of each mutant, for a terminal: by operator, then those that no test noticed, then those that are
/// listed as equivalent.
///
/// ```
/// use assay_evidence::{Evidence, render};
/// let report = render::mutation(&Evidence::example(), render::Layout::default());
/// assert!(report.contains("2 mutants: 1 killed, 1 survived"));
/// ```
#[must_use]
pub fn mutation(evidence: &Evidence, layout: Layout) -> String {
    let mut report = Report {
        facts: Facts::of(evidence),
        colour: layout.colour,
        width: layout.width.max(40),
        out: String::new(),
    };
    report.subject("mutants");
    report.mutants();
    report.reviewed();
    report.out
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

struct Report<'a> {
    facts: Facts<'a>,
    colour: bool,
    width: usize,
    out: String,
}

impl Report<'_> {
    fn head(&mut self) {
        let state = self.state();
        self.subject(&state);
        self.wrapped("", &self.facts.site_summary());
        let exercise = format!("exercised by {}", self.facts.exercise());
        self.wrapped("", &one_line(&exercise));
    }

    /// The package, and what is said of it.
    fn subject(&mut self, said: &str) {
        let subject = &self.facts.evidence.subject;
        let name = one_line(&format!("{} {}", subject.package, subject.version));
        let name = self.paint(BOLD, &name);
        self.line(&format!("{name}: {said}"));
    }

    fn state(&self) -> String {
        let style = match self.facts.verdict.state {
            State::Supported { .. } => GREEN,
            State::Incomplete => YELLOW,
            State::Refuted => RED,
        };
        self.paint(style, self.facts.verdict.state.as_str())
    }

    fn matrix(&mut self) {
        if self.facts.evidence.sites.is_empty() {
            return;
        }
        self.section("Sites by layer");
        const STATE: usize = 13;
        const LEAST: usize = 30;
        let cells: usize = self.facts.columns.iter().map(|l| column_width(*l)).sum();
        let place = self.width.saturating_sub(STATE + cells).min(72);
        if place >= LEAST {
            self.wide_head(STATE, place);
        }
        let rows: Vec<(&Site, SiteVerdict)> =
            self.facts.rows().map(|(s, v)| (s, v.clone())).collect();
        for (site, verdict) in rows {
            if place >= LEAST {
                self.wide_row(site, &verdict, STATE, place);
            } else {
                self.narrow_row(site, &verdict);
            }
        }
        let void = self.facts.columns.iter().any(|l| self.facts.is_void(*l));
        if void {
            self.wrapped("", "* void: the hits of this layer do not count");
        }
    }

    fn wide_head(&mut self, state: usize, place: usize) {
        let mut line = format!("{:state$}{:place$}", "state", "site");
        for layer in &self.facts.columns {
            let star = if self.facts.is_void(*layer) { "*" } else { "" };
            let name = format!("{layer}{star}");
            line.push_str(&format!("{name:>width$}", width = column_width(*layer)));
        }
        let line = self.paint(DIM, line.trim_end());
        self.line(&line);
    }

    fn wide_row(&mut self, site: &Site, verdict: &SiteVerdict, state: usize, place: usize) {
        let word = verdict.state.as_str();
        let mut line = self.paint(state_style(&verdict.state), word);
        line.push_str(&" ".repeat(state.saturating_sub(word.len())));
        line.push_str(&format!("{:place$}", shorten(&place_of(site), place - 1)));
        let mut cells = String::new();
        for layer in &self.facts.columns {
            let count = verdict.hits.get(layer).map_or("-".into(), |n| compact(*n));
            cells.push_str(&format!("{count:>width$}", width = column_width(*layer)));
        }
        line.push_str(&cells);
        self.line(&line);
    }

    fn narrow_row(&mut self, site: &Site, verdict: &SiteVerdict) {
        let word = verdict.state.as_str();
        let place = shorten(&place_of(site), self.width.saturating_sub(word.len() + 2));
        let word = self.paint(state_style(&verdict.state), word);
        self.line(&format!("{word}  {place}"));
        let hits: Vec<String> = verdict
            .hits
            .iter()
            .map(|(l, n)| format!("{l} {}", compact(*n)))
            .collect();
        if !hits.is_empty() {
            self.wrapped("    ", &hits.join(", "));
        }
    }

    fn runs(&mut self) {
        let evidence = self.facts.evidence;
        if evidence.runs.is_empty() {
            return;
        }
        self.section("Runs");
        let name = evidence
            .runs
            .iter()
            .map(|r| r.id.0.chars().count())
            .max()
            .unwrap_or(0)
            .min(self.width / 3);
        for run in &evidence.runs {
            let id = shorten(&one_line(&run.id.0), name);
            let time = duration(run.build_ms.saturating_add(run.run_ms));
            let cached = if run.cached { ", cached" } else { "" };
            let repeats = if run.repeats > 1 {
                format!(" x{}", run.repeats)
            } else {
                String::new()
            };
            let text = format!(
                "{}{repeats}{cached}; tests: {}; planted bug: {}",
                facts::outcome(run),
                facts::tests(run),
                facts::controls(evidence, run),
            );
            self.hanging(&format!("{id:name$}  {time:>10}  "), &one_line(&text));
            self.cases(run);
        }
    }

    fn cases(&mut self, run: &Run) {
        const LISTED: usize = 5;
        let cases = facts::cases(run);
        for case in cases.iter().take(LISTED) {
            self.hanging("  - ", &one_line(case));
        }
        if cases.len() > LISTED {
            self.line(&format!("  - and {} more", cases.len() - LISTED));
        }
    }

    fn mutants(&mut self) {
        let evidence = self.facts.evidence;
        if evidence.mutants.is_empty() {
            return;
        }
        self.section("Mutants");
        self.wrapped("", &mutants::summary(evidence));
        self.operators();
        for baseline in &evidence.baselines {
            let line = one_line(&mutants::baseline(baseline));
            self.hanging(&format!("{:10}", baseline.layer), &line);
        }
        let open = mutants::open(evidence);
        if !open.is_empty() {
            self.section("Mutants that no test noticed");
        }
        for (mutant, told) in open {
            let text = format!("{} in {}: {told}", mutants::change(mutant), mutant.item);
            self.hanging(&format!("{}  ", one_line(&mutant.id)), &one_line(&text));
        }
        let listed = mutants::equivalents(evidence);
        if !listed.is_empty() {
            self.section("Mutants listed as equivalent");
        }
        for (mutant, entry) in listed {
            let text = format!("{}: {}", mutants::change(mutant), mutants::review(entry));
            self.hanging(&format!("{}  ", one_line(&mutant.id)), &one_line(&text));
        }
    }

    fn operators(&mut self) {
        let head = format!(
            "{:22}{:>5}{:>6}{:>12}{:>10}  killed by",
            "operator", "made", "open", "equivalent", "unviable"
        );
        let head = self.paint(DIM, &head);
        self.line(&head);
        for group in mutants::groups(self.facts.evidence) {
            let row = format!(
                "{:22}{:>5}{:>6}{:>12}{:>10}  ",
                group.operator, group.made, group.open, group.equivalent, group.unviable
            );
            self.hanging(&row, &group.killed);
        }
    }

    fn layers(&mut self) {
        self.section("Layers");
        let lines: Vec<(LayerName, String)> = self
            .facts
            .verdict
            .layers
            .iter()
            .map(|l| (l.layer, facts::layer_line(&self.facts, l)))
            .collect();
        for (layer, line) in lines {
            self.hanging(&format!("{layer:10}"), &one_line(&line));
        }
    }

    fn findings(&mut self) {
        let (standing, accepted) = self.facts.findings();
        if !standing.is_empty() {
            self.section("Findings");
            for finding in standing {
                let text = excerpt::finding(&self.facts, finding, self.colour, self.width);
                self.line(&text);
                self.line("");
            }
            self.out.pop();
        }
        if !accepted.is_empty() {
            self.section("Accepted by the allow-list");
            for (finding, allowance) in accepted {
                let text = format!("{}: {}; {}", finding.class, finding.title, allowance.reason);
                self.hanging(&format!("{}  ", one_line(&finding.id)), &one_line(&text));
            }
        }
    }

    fn missing(&mut self) {
        const LISTED: usize = 20;
        let reasons = self.facts.verdict.missing.clone();
        if reasons.is_empty() {
            return;
        }
        self.section("Missing");
        let (sites, others): (Vec<Reason>, Vec<Reason>) = reasons.into_iter().partition(|r| {
            matches!(
                r,
                Reason::SiteUnexercised { .. } | Reason::SiteUndocumented { .. }
            )
        });
        for reason in others.iter().chain(sites.iter().take(LISTED)) {
            self.hanging("- ", &one_line(&reason.to_string()));
        }
        if sites.len() > LISTED {
            let rest = u64::try_from(sites.len() - LISTED).unwrap_or(u64::MAX);
            self.line(&format!("- and {} of the same kinds", plural(rest, "site")));
        }
    }

    /// What is wrong with the list of equivalents.
    fn reviewed(&mut self) {
        let mut wrong = self.facts.verdict.missing.clone();
        wrong.retain(Reason::is_of_equivalents);
        if !wrong.is_empty() {
            self.section("The list of equivalent mutants is wrong");
        }
        for reason in wrong {
            let text = format!("{reason}; {}", reason.next_step());
            self.hanging("- ", &one_line(&text));
        }
    }

    fn verdict(&mut self) {
        self.section("Verdict");
        let state = self.state();
        self.line(&state);
        let next = self.facts.verdict.next.clone();
        if next.is_empty() {
            return;
        }
        self.section("Next");
        for (number, step) in next.iter().enumerate() {
            self.hanging(&format!("{}. ", number + 1), &one_line(&step.text));
            if let Some(command) = &step.command {
                // A command is kept on one line, so that it can be copied.
                let command = self.paint(BOLD, &one_line(command));
                self.line(&format!("   {command}"));
            }
        }
    }

    fn section(&mut self, title: &str) {
        let title = self.paint(BOLD, title);
        self.out.push('\n');
        self.line(&title);
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.into()
        }
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end_matches(' '));
        self.out.push('\n');
    }

    fn wrapped(&mut self, indent: &str, text: &str) {
        for part in wrap(text, self.width.saturating_sub(indent.len())) {
            self.line(&format!("{indent}{part}"));
        }
    }

    /// Text behind a head, later lines indented by the head's width, broken at spaces.
    fn hanging(&mut self, head: &str, text: &str) {
        let indent = head.chars().count();
        let room = self.width.saturating_sub(indent).max(12);
        for (i, part) in wrap(text, room).iter().enumerate() {
            let start = if i == 0 {
                head.to_string()
            } else {
                " ".repeat(indent)
            };
            self.line(&format!("{start}{part}"));
        }
    }
}

fn column_width(layer: LayerName) -> usize {
    layer.as_str().len().max(4) + 2
}

fn state_style(state: &SiteState) -> Style {
    match state {
        SiteState::Refuted { .. } => RED,
        SiteState::Unexercised { .. } => YELLOW,
        SiteState::Exercised | SiteState::Controlled { .. } => GREEN,
        SiteState::NotBuilt { .. } | SiteState::Declaration => DIM,
    }
}

fn place_of(site: &Site) -> String {
    one_line(&format!(
        "{}:{} {}",
        site.span.file, site.span.line, site.item
    ))
}

/// Shortens in the middle: both the file and the end of the item path tell sites apart.
fn shorten(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= width {
        return text.into();
    }
    let keep = width.saturating_sub(2);
    let front = keep / 2;
    let head: String = chars[..front].iter().collect();
    let tail: String = chars[chars.len() - (keep - front)..].iter().collect();
    format!("{head}..{tail}")
}

/// Breaks at spaces; a word that is too long is broken anywhere.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + word.len() > width {
            lines.push(String::new());
            used = 0;
        }
        while used == 0 && word.len() > width {
            let rest = word.split_off(width);
            lines.last_mut().expect("never empty").extend(word);
            lines.push(String::new());
            word = rest;
        }
        let line = lines.last_mut().expect("never empty");
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        used += word.len();
        line.extend(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{shorten, wrap};

    #[test]
    fn long_text_wraps_at_spaces_and_long_words_break() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("a bbbbbbb c", 3), ["a", "bbb", "bbb", "b c"]);
        assert_eq!(wrap("", 3), [""]);
    }

    #[test]
    fn places_are_shortened_in_the_middle() {
        assert_eq!(
            shorten("src/raw/ring.rs:28 ring::push", 20),
            "src/raw/r..ing::push"
        );
        assert_eq!(shorten("short", 20), "short");
    }
}
