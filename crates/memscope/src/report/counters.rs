//! Figures alone: what a live page or a monitoring system asks for each second.

use std::collections::BTreeMap;

use super::json::Json;
use crate::books;
use crate::usage::Usage;

/// The counters of the process, and those of the unfinished scopes by their names.
///
/// Scopes of one name are one entry, so that there are never more than the program has names. Nothing is kept of scopes
/// that have finished, other than what the process counts.
///
/// ```
/// use memscope::Scope;
/// use memscope::report::Counters;
///
/// let (first, second) = (Scope::for_request("query", 1), Scope::for_request("query", 2));
/// let counters = Counters::take();
/// # #[cfg(feature = "enabled")]
/// assert_eq!((counters.names[0].name, counters.names[0].scopes), ("query", 2));
/// // Plain numbers, for an event or a gauge of whatever library:
/// tracing::info!(
///     live_bytes = counters.process.live_bytes(),
///     live_blocks = counters.process.live(),
///     scopes = counters.scopes,
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// What the process allocated and freed, in all scopes and outside.
    pub process: Usage,
    /// Unfinished scopes.
    pub scopes: u64,
    /// The same by name, in the order of names.
    pub names: Vec<NameCounters>,
}

/// The unfinished scopes of one name.
///
/// ```
/// for name in memscope::report::Counters::take().names {
///     println!("{}: {} bytes in {} scopes", name.name, name.own.live_bytes(), name.scopes);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameCounters {
    /// The name.
    pub name: &'static str,
    /// Scopes of this name that have not finished.
    pub scopes: u64,
    /// Those of them that nobody can enter any more: they wait for their last blocks, or for scopes inside them.
    pub ended: u64,
    /// What was done in them, scopes inside them aside. The peak is the sum of theirs.
    pub own: Usage,
}

impl Counters {
    /// Looks at all counters. Complexity: the unfinished scopes times the threads; scopes neither begin nor end meanwhile.
    ///
    /// ```
    /// assert!(memscope::report::Counters::take().process.allocs < u64::MAX);
    /// ```
    #[must_use]
    pub fn take() -> Self {
        crate::outside(Self::look)
    }

    fn look() -> Self {
        let survey = books::survey(false);
        let mut names: BTreeMap<&'static str, NameCounters> = BTreeMap::new();
        for scope in survey.iter().skip(1) {
            let entry = names.entry(scope.name).or_insert(NameCounters {
                name: scope.name,
                scopes: 0,
                ended: 0,
                own: Usage::default(),
            });
            entry.scopes += 1;
            entry.ended += u64::from(scope.has_ended);
            let peak_bytes = entry.own.peak_bytes + scope.own.peak_bytes;
            entry.own = Usage {
                peak_bytes,
                ..entry.own.plus(&scope.own)
            };
        }
        Self {
            process: survey
                .first()
                .map_or_else(Usage::default, |process| process.inclusive),
            scopes: survey.len().saturating_sub(1) as u64,
            names: names.into_values().collect(),
        }
    }

    /// The counters as JSON: `process` (a usage, as in [`Report::to_json`](super::Report::to_json)), `scopes`, and
    /// `names`, each with `name`, `scopes`, `ended` and the usage `own`.
    ///
    /// ```
    /// assert!(memscope::report::Counters::take().to_json().starts_with(r#"{"process":{"live_blocks":"#));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        Json::object(|json| {
            json.usage("process", &self.process);
            json.number("scopes", self.scopes);
            json.objects("names", &self.names, |json, name| {
                json.string("name", name.name);
                json.number("scopes", name.scopes);
                json.number("ended", name.ended);
                json.usage("own", &name.own);
            });
        })
    }
}
