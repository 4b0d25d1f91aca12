//! What became of a mutant, derived from what the layers said of it.

use crate::{Answer, BaselineStatus, Equivalent, Evidence, LayerName, Mutant, Said};

/// A test that takes this many times what it takes without the mutant hangs, and is not merely slow.
const FAR_QUICKER: u64 = 5;

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate<'a> {
    /// A layer noticed it.
    Killed(&'a Answer),
    /// A reviewer listed it as equivalent.
    Equivalent(&'a Equivalent),
    /// It does not build.
    Unviable {
        /// The compiler's message.
        message: &'a str,
    },
    /// A layer that could notice it passed with it.
    Survived,
    /// It was ended by a time limit too near to what the test takes anyway.
    TimedOut,
    /// No test of a layer that was asked executes it.
    Unreached,
    /// No layer that was asked can notice it: such a layer is missing, void, or was left out.
    Unseen,
    /// A layer that can notice it is ready and was not asked yet.
    Pending,
}

impl Fate<'_> {
    /// The word for it in reports.
    ///
    /// ```
    /// assert_eq!(assay_evidence::Fate::Survived.as_str(), "survived");
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Killed(_) => "killed",
            Self::Equivalent(_) => "equivalent",
            Self::Unviable { .. } => "unviable",
            Self::Survived => "survived",
            Self::TimedOut => "timed out",
            Self::Unreached => "unreached",
            Self::Unseen => "not seen",
            Self::Pending => "not asked",
        }
    }

    /// Whether it says something against the tests: it could have been noticed, and was not.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Survived | Self::TimedOut | Self::Unreached | Self::Unseen | Self::Pending
        )
    }
}

impl Answer {
    /// Whether the layer noticed the mutant: it said so, or a test hung that is far quicker without it.
    ///
    /// Loom and shuttle explore as many schedules as there are, so that a longer run of theirs is no hang.
    #[must_use]
    pub fn is_kill(&self) -> bool {
        match self.said {
            Said::Killed { .. } => true,
            Said::TimedOut {
                limit_ms,
                baseline_ms,
                ..
            } => {
                let explores = matches!(self.layer, LayerName::Loom | LayerName::Shuttle);
                !explores && limit_ms >= baseline_ms.saturating_mul(FAR_QUICKER)
            }
            Said::Survived | Said::Unreached | Said::Cut { .. } => false,
        }
    }

    /// The layer, and what it said of a mutant that it noticed.
    pub(crate) fn told(&self) -> String {
        let layer = self.layer;
        match &self.said {
            Said::Killed {
                test: Some(test),
                by,
            } => format!("{layer}: {test}: {by}"),
            Said::Killed { test: None, by } => format!("{layer}: {by}"),
            Said::TimedOut {
                test,
                limit_ms,
                baseline_ms,
            } => format!(
                "{layer}: {test} did not end in {limit_ms} ms, and takes {baseline_ms} ms without the mutant"
            ),
            Said::Survived | Said::Unreached | Said::Cut { .. } => layer.to_string(),
        }
    }

    /// Whether the layer could judge the mutant at all.
    ///
    /// ```
    /// use assay_evidence::Evidence;
    /// assert!(Evidence::example().mutants[1].answers[0].has_judged(), "it survived");
    /// ```
    #[must_use]
    pub fn has_judged(&self) -> bool {
        !matches!(self.said, Said::Cut { .. })
    }
}

impl Mutant {
    /// The answers that noticed it, in the order of the layers.
    pub fn kills(&self) -> impl Iterator<Item = &Answer> {
        self.answers.iter().filter(|answer| answer.is_kill())
    }
}

impl Evidence {
    /// What became of a mutant of this file.
    ///
    /// A kill is a kill, also of a mutant that is listed as equivalent: the list is then wrong, and the
    /// verdict says so.
    ///
    /// ```
    /// use assay_evidence::{Evidence, Fate};
    /// let evidence = Evidence::example();
    /// let fates = evidence.mutants.iter().map(|mutant| evidence.fate(mutant).as_str());
    /// assert!(fates.eq(["killed", "survived"]));
    /// ```
    #[must_use]
    pub fn fate<'a>(&'a self, mutant: &'a Mutant) -> Fate<'a> {
        if let Some(message) = &mutant.unviable {
            return Fate::Unviable { message };
        }
        if let Some(kill) = mutant.kills().next() {
            return Fate::Killed(kill);
        }
        if let Some(entry) = self.equivalent(mutant) {
            return Fate::Equivalent(entry);
        }
        if self.is_pending(mutant) {
            return Fate::Pending;
        }
        let any = |is: fn(&Said) -> bool| mutant.answers.iter().any(|a| is(&a.said));
        if any(|said| matches!(said, Said::TimedOut { .. })) {
            Fate::TimedOut
        } else if any(|said| *said == Said::Survived) {
            Fate::Survived
        } else if any(|said| *said == Said::Unreached) {
            Fate::Unreached
        } else {
            Fate::Unseen
        }
    }

    /// The reviewed entry that lists a mutant.
    pub(crate) fn equivalent(&self, mutant: &Mutant) -> Option<&Equivalent> {
        self.equivalents.iter().find(|e| e.mutant == mutant.id)
    }

    /// Whether a layer that is ready and could notice the mutant has not been asked, nor one that sees all that
    /// it sees.
    fn is_pending(&self, mutant: &Mutant) -> bool {
        let is_spoken_for = |layer: LayerName| {
            let mut answers = mutant.answers.iter();
            answers.any(|a| a.layer == layer || (a.has_judged() && layer.is_covered_by(a.layer)))
        };
        self.baselines.iter().any(|baseline| {
            baseline.status == BaselineStatus::Passed
                && mutant.operator.layers().contains(&baseline.layer)
                && !is_spoken_for(baseline.layer)
        })
    }
}
