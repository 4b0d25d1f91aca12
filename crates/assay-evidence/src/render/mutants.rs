//! What every renderer says of mutants, before it is dressed.

use super::facts::{duration, plural};
use crate::{
    Baseline, BaselineStatus, Equivalent, Evidence, Fate, LayerName, Mutant, Operator, Said,
};

/// The words for fates, in the order of summaries.
const FATES: [&str; 8] = [
    "killed",
    "survived",
    "timed out",
    "unreached",
    "not seen",
    "not asked",
    "equivalent",
    "unviable",
];

/// What a layer has to do with a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Killed,
    Survived,
    TimedOut,
    Unreached,
    Cut,
    /// By its nature it cannot notice mutants of the operator.
    CannotSee,
    /// It could have; another layer had noticed the mutant before, or it does not build.
    NotAsked,
    NotRun,
    Void,
}

impl Cell {
    fn of(mutant: &Mutant, baseline: &Baseline) -> Self {
        if let Some(answer) = mutant.answers.iter().find(|a| a.layer == baseline.layer) {
            return match answer.said {
                _ if answer.is_kill() => Self::Killed,
                Said::Killed { .. } | Said::Survived => Self::Survived,
                Said::TimedOut { .. } => Self::TimedOut,
                Said::Unreached => Self::Unreached,
                Said::Cut { .. } => Self::Cut,
            };
        }
        if !mutant.operator.layers().contains(&baseline.layer) {
            return Self::CannotSee;
        }
        match baseline.status {
            BaselineStatus::Passed | BaselineStatus::NotNeeded => Self::NotAsked,
            BaselineStatus::Void { .. } => Self::Void,
            BaselineStatus::NotRun { .. } => Self::NotRun,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Survived => "survived",
            Self::TimedOut => "timed out",
            Self::Unreached => "unreached",
            Self::Cut => "cut",
            Self::CannotSee => "cannot see",
            Self::NotAsked => "not asked",
            Self::NotRun => "not run",
            Self::Void => "void",
        }
    }
}

/// The columns of the matrix: the layers that mutation knows of.
pub(super) fn columns(evidence: &Evidence) -> Vec<LayerName> {
    evidence.baselines.iter().map(|b| b.layer).collect()
}

/// A mutant's cells, in the order of the columns.
pub(super) fn cells(evidence: &Evidence, mutant: &Mutant) -> Vec<Cell> {
    let baselines = evidence.baselines.iter();
    baselines.map(|b| Cell::of(mutant, b)).collect()
}

/// How many mutants met which fate, for example `131 mutants: 120 killed, 11 equivalent`.
pub(super) fn summary(evidence: &Evidence) -> String {
    let mutants = &evidence.mutants;
    let fates: Vec<&str> = mutants.iter().map(|m| evidence.fate(m).as_str()).collect();
    let parts: Vec<String> = FATES
        .iter()
        .map(|word| (fates.iter().filter(|fate| *fate == word).count(), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let made = plural(count(mutants.len()), "mutant");
    format!("{made}: {}", parts.join(", "))
}

/// The mutants of one operator.
pub(super) struct Group {
    pub(super) operator: Operator,
    pub(super) made: usize,
    /// For example `unit 12, loom 3`.
    pub(super) killed: String,
    pub(super) equivalent: usize,
    pub(super) unviable: usize,
    pub(super) open: usize,
}

/// One group for each operator that made a mutant.
pub(super) fn groups(evidence: &Evidence) -> Vec<Group> {
    let group = |operator: Operator| {
        let mutants: Vec<&Mutant> = evidence
            .mutants
            .iter()
            .filter(|m| m.operator == operator)
            .collect();
        let number = |is: fn(&Fate<'_>) -> bool| {
            let fates = mutants.iter().map(|m| evidence.fate(m));
            fates.filter(|fate| is(fate)).count()
        };
        Group {
            operator,
            made: mutants.len(),
            killed: killed_by(evidence, &mutants),
            equivalent: number(|fate| matches!(fate, Fate::Equivalent(_))),
            unviable: number(|fate| matches!(fate, Fate::Unviable { .. })),
            open: number(|fate| fate.is_open()),
        }
    };
    let groups = Operator::ALL.into_iter().map(group);
    groups.filter(|group| group.made > 0).collect()
}

/// Kills by the first layer that noticed each.
fn killed_by(evidence: &Evidence, mutants: &[&Mutant]) -> String {
    let kills = |layer: LayerName| {
        let first = |m: &&&Mutant| matches!(evidence.fate(m), Fate::Killed(a) if a.layer == layer);
        mutants.iter().filter(first).count()
    };
    let parts: Vec<String> = LayerName::ALL
        .into_iter()
        .map(|layer| (layer, kills(layer)))
        .filter(|(_, kills)| *kills > 0)
        .map(|(layer, kills)| format!("{layer} {kills}"))
        .collect();
    if parts.is_empty() {
        "-".into()
    } else {
        parts.join(", ")
    }
}

/// Where a mutant stands and what it changes, in one line.
pub(super) fn change(mutant: &Mutant) -> String {
    let place = format!("{}:{}", mutant.span.file, mutant.span.line);
    let (operator, original) = (mutant.operator, &mutant.original);
    if mutant.replacement.is_empty() {
        return format!("{place} {operator}: `{original}` taken out");
    }
    format!(
        "{place} {operator}: `{original}` -> `{}`",
        mutant.replacement
    )
}

/// The mutants that speak against the tests, with what each layer said.
pub(super) fn open(evidence: &Evidence) -> Vec<(&Mutant, String)> {
    let open = evidence
        .mutants
        .iter()
        .filter(|m| evidence.fate(m).is_open());
    open.map(|m| (m, told(evidence, m))).collect()
}

/// What each layer said, or why it said nothing.
fn told(evidence: &Evidence, mutant: &Mutant) -> String {
    let said = |word: Cell| -> Option<String> {
        let layers = columns(evidence).into_iter().zip(cells(evidence, mutant));
        let names: Vec<String> = layers
            .filter(|(_, cell)| *cell == word)
            .map(|(layer, _)| format!("{layer}{}", part(mutant, layer)))
            .collect();
        (!names.is_empty()).then(|| format!("{}: {}", word.word(), names.join(", ")))
    };
    let cells = [
        Cell::Survived,
        Cell::TimedOut,
        Cell::Unreached,
        Cell::Cut,
        Cell::NotAsked,
        Cell::NotRun,
        Cell::Void,
        Cell::CannotSee,
    ];
    let parts: Vec<String> = cells.into_iter().filter_map(said).collect();
    parts.join("; ")
}

/// How many of the tests that execute a mutant a layer ran, where it did not run all of them.
fn part(mutant: &Mutant, layer: LayerName) -> String {
    let mut answers = mutant.answers.iter();
    match answers.find(|a| a.layer == layer) {
        Some(answer) if answer.said == Said::Survived && answer.tests < answer.reaching => {
            format!(" ({} of {} tests)", answer.tests, answer.reaching)
        }
        _ => String::new(),
    }
}

/// The mutants that are listed as equivalent and that nothing noticed.
pub(super) fn equivalents(evidence: &Evidence) -> Vec<(&Mutant, &Equivalent)> {
    let listed = evidence.mutants.iter().filter_map(|m| {
        let Fate::Equivalent(entry) = evidence.fate(m) else {
            return None;
        };
        Some((m, entry))
    });
    listed.collect()
}

/// What a reviewer said, and who and when.
pub(super) fn review(entry: &Equivalent) -> String {
    format!("{} ({}, {})", entry.reason, entry.reviewer, entry.date)
}

/// A layer's baseline in one line.
pub(super) fn baseline(baseline: &Baseline) -> String {
    match &baseline.status {
        BaselineStatus::Passed => {
            let tests = plural(baseline.tests.into(), "test");
            format!(
                "asked; without a mutant {tests} in {}",
                duration(baseline.run_ms)
            )
        }
        BaselineStatus::Void { reason } => format!("void: {reason}"),
        BaselineStatus::NotNeeded => "not needed: no mutant was left that it could notice".into(),
        BaselineStatus::NotRun { reason } => format!("not run: {reason}"),
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
