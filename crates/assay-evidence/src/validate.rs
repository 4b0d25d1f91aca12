//! The invariants of [`Evidence`], checked.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;

use crate::canonical::{
    RunOrder, atomic_key, control_key, finding_key, hit_key, mutant_key, sighting_key, site_key,
};
use crate::{BaselineStatus, Evidence, Finding, LayerName, SCHEMA_VERSION, Span};

/// One broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The number of the invariant in the documentation of [`Evidence`].
    pub invariant: u8,
    /// Where, as a path into the JSON, for example `hits[3].site`.
    pub at: String,
    /// What is wrong, as a lower-case fragment.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} (invariant {})",
            self.at, self.what, self.invariant
        )
    }
}

/// The error of [`Evidence::validate`]: every violation that was found, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(Vec<Violation>);

impl Invalid {
    /// The violations, at least one.
    ///
    /// ```
    /// use assay_evidence::Evidence;
    /// let mut evidence = Evidence::example();
    /// evidence.hits[0].count = 0;
    /// assert_eq!(evidence.validate().unwrap_err().violations()[0].at, "hits[0].count");
    /// ```
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 3;
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(ToString::to_string).collect();
        f.write_str(&shown.join("; "))?;
        match self.0.len() {
            n if n > SHOWN => write!(f, "; and {} more", n - SHOWN),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Invalid {}

impl Evidence {
    /// Checks the numbered invariants.
    ///
    /// Takes O(n log n) in the number of records.
    ///
    /// # Errors
    /// Every violation that was found.
    ///
    /// ```
    /// use assay_evidence::{Evidence, RunId};
    /// let mut evidence = Evidence::example();
    /// assert!(evidence.validate().is_ok());
    ///
    /// evidence.hits[0].run = RunId("alloc/absent".into());
    /// let error = evidence.validate().unwrap_err();
    /// assert_eq!(error.violations()[0].invariant, 2);
    /// assert_eq!(error.to_string(), "hits[0].run: no run `alloc/absent` (invariant 2)");
    /// ```
    pub fn validate(&self) -> Result<(), Invalid> {
        let mut check = Check {
            evidence: self,
            violations: Vec::new(),
        };
        check.identifiers();
        check.references();
        check.findings();
        check.allowances();
        check.mutants();
        check.spans();
        check.numbers();
        check.order();
        if check.violations.is_empty() {
            Ok(())
        } else {
            Err(Invalid(check.violations))
        }
    }
}

struct Check<'a> {
    evidence: &'a Evidence,
    violations: Vec<Violation>,
}

impl<'a> Check<'a> {
    fn report(&mut self, invariant: u8, at: String, what: impl Into<String>) {
        self.violations.push(Violation {
            invariant,
            at,
            what: what.into(),
        });
    }

    fn identifiers(&mut self) {
        let e = self.evidence;
        if e.schema_version != SCHEMA_VERSION {
            self.report(
                1,
                "schema_version".into(),
                format!("is not {SCHEMA_VERSION}"),
            );
        }
        self.unique("sites", "id", e.sites.iter().map(|s| &s.id));
        self.unique("runs", "id", e.runs.iter().map(|r| &r.id));
        self.unique("findings", "id", e.findings.iter().map(|f| &f.id));
        self.unique("layers", "name", e.layers.iter().map(|l| l.name));
        self.unique("files", "path", e.files.iter().map(|f| &f.path));
        self.unique("hits", "site", e.hits.iter().map(hit_key));
        self.unique("mutants", "id", e.mutants.iter().map(|m| &m.id));
        self.unique("baselines", "layer", e.baselines.iter().map(|b| b.layer));
        self.unique(
            "equivalents",
            "mutant",
            e.equivalents.iter().map(|q| &q.mutant),
        );
        self.unique(
            "measurements",
            "name",
            e.measurements.iter().map(|m| &m.name),
        );
        for (i, mutant) in e.mutants.iter().enumerate() {
            let at = format!("mutants[{i}].answers");
            self.unique(&at, "layer", mutant.answers.iter().map(|a| a.layer));
        }
    }

    fn unique<K: Hash + Eq>(&mut self, list: &str, field: &str, keys: impl Iterator<Item = K>) {
        let mut seen = HashSet::new();
        for (i, key) in keys.enumerate() {
            if !seen.insert(key) {
                self.report(1, format!("{list}[{i}].{field}"), "stands twice");
            }
        }
    }

    fn references(&mut self) {
        let e = self.evidence;
        let sites: HashSet<&str> = e.sites.iter().map(|s| s.id.0.as_str()).collect();
        let runs: HashSet<&str> = e.runs.iter().map(|r| r.id.0.as_str()).collect();
        let findings: HashSet<&str> = e.findings.iter().map(|f| f.id.as_str()).collect();
        for (i, hit) in e.hits.iter().enumerate() {
            self.names(&sites, "site", &hit.site.0, || format!("hits[{i}].site"));
            self.names(&runs, "run", &hit.run.0, || format!("hits[{i}].run"));
        }
        for (i, control) in e.controls.iter().enumerate() {
            self.names(&runs, "run", &control.run.0, || {
                format!("controls[{i}].run")
            });
        }
        for (i, finding) in e.findings.iter().enumerate() {
            for (j, site) in finding.sites.iter().enumerate() {
                self.names(&sites, "site", &site.0, || {
                    format!("findings[{i}].sites[{j}]")
                });
            }
            for (j, s) in finding.sightings.iter().enumerate() {
                self.names(&runs, "run", &s.run.0, || {
                    format!("findings[{i}].sightings[{j}].run")
                });
            }
        }
        for (i, mutant) in e.mutants.iter().enumerate() {
            for (j, site) in mutant.sites.iter().enumerate() {
                self.names(&sites, "site", &site.0, || {
                    format!("mutants[{i}].sites[{j}]")
                });
            }
        }
        for (i, allowance) in e.allowances.iter().enumerate() {
            for (j, id) in allowance.matched.iter().enumerate() {
                self.names(&findings, "finding", id, || {
                    format!("allowances[{i}].matched[{j}]")
                });
            }
        }
    }

    fn names(
        &mut self,
        known: &HashSet<&str>,
        what: &str,
        name: &str,
        at: impl FnOnce() -> String,
    ) {
        if !known.contains(name) {
            self.report(2, at(), format!("no {what} `{name}`"));
        }
    }

    fn findings(&mut self) {
        for (i, finding) in self.evidence.findings.iter().enumerate() {
            if finding.severity != finding.class.severity() {
                self.report(
                    4,
                    format!("findings[{i}].severity"),
                    "is not that of its class",
                );
            }
            let distinct: HashSet<_> = finding.sites.iter().collect();
            if finding.sites.len() > 3 || distinct.len() < finding.sites.len() {
                self.report(
                    5,
                    format!("findings[{i}].sites"),
                    "are not at most three different",
                );
            }
        }
    }

    fn allowances(&mut self) {
        let e = self.evidence;
        for (i, finding) in e.findings.iter().enumerate() {
            let Some(index) = finding.allowed_by else {
                continue;
            };
            if e.allowance_of(finding).is_none() {
                let what = format!("allowances[{index}] does not accept it");
                self.report(6, format!("findings[{i}].allowed_by"), what);
            }
        }
        for (i, allowance) in e.allowances.iter().enumerate() {
            if allowance.reason.trim().is_empty() {
                self.report(6, format!("allowances[{i}].reason"), "is empty");
            }
        }
    }

    fn mutants(&mut self) {
        let e = self.evidence;
        let passed = e
            .baselines
            .iter()
            .filter(|b| b.status == BaselineStatus::Passed);
        let ready: HashSet<LayerName> = passed.map(|b| b.layer).collect();
        for (i, mutant) in e.mutants.iter().enumerate() {
            if mutant.unviable.is_some() && !mutant.answers.is_empty() {
                self.report(
                    9,
                    format!("mutants[{i}].answers"),
                    "are of one that does not build",
                );
            }
            for (j, answer) in mutant.answers.iter().enumerate() {
                if !ready.contains(&answer.layer) {
                    let what = format!("has no baseline of {} that passed", answer.layer);
                    self.report(9, format!("mutants[{i}].answers[{j}].layer"), what);
                }
            }
        }
        for (i, mutant) in e.mutants.iter().enumerate() {
            for (j, answer) in mutant.answers.iter().enumerate() {
                if answer.tests > answer.reaching {
                    let at = format!("mutants[{i}].answers[{j}].tests");
                    self.report(8, at, "are more than execute it");
                }
            }
        }
        for (i, entry) in e.equivalents.iter().enumerate() {
            let said = [&entry.reason, &entry.reviewer, &entry.date];
            if said.iter().any(|text| text.trim().is_empty()) {
                let what = "has no reason, no reviewer or no date";
                self.report(10, format!("equivalents[{i}]"), what);
            }
        }
    }

    fn spans(&mut self) {
        let e = self.evidence;
        for (i, site) in e.sites.iter().enumerate() {
            self.span(&site.span, || format!("sites[{i}].span"));
            let calls = site.expansion.iter().flat_map(|x| &x.calls);
            for (j, call) in calls.enumerate() {
                self.span(call, || format!("sites[{i}].expansion.calls[{j}]"));
            }
        }
        for (i, atomic) in e.atomics.iter().enumerate() {
            self.span(&atomic.span, || format!("atomics[{i}].span"));
        }
        for (i, finding) in e.findings.iter().enumerate() {
            if let Some(span) = &finding.span {
                self.span(span, || format!("findings[{i}].span"));
            }
        }
        for (i, mutant) in e.mutants.iter().enumerate() {
            self.span(&mutant.span, || format!("mutants[{i}].span"));
        }
    }

    fn span(&mut self, span: &Span, at: impl FnOnce() -> String) {
        if span.line == 0 || span.column == 0 {
            self.report(7, at(), "counts from 0");
        } else if (span.end_line, span.end_column) < (span.line, span.column) {
            self.report(7, at(), "ends before it starts");
        }
    }

    fn numbers(&mut self) {
        let e = self.evidence;
        for (i, hit) in e.hits.iter().enumerate() {
            if hit.count == 0 {
                self.report(8, format!("hits[{i}].count"), "is 0");
            }
        }
        for (i, c) in e.controls.iter().enumerate() {
            if c.caught_in > c.executions {
                self.report(
                    8,
                    format!("controls[{i}].caught_in"),
                    "is more than the executions",
                );
            }
            if c.caught && c.caught_in == 0 {
                self.report(
                    8,
                    format!("controls[{i}].caught"),
                    "is true with no execution",
                );
            }
        }
        for (i, finding) in e.findings.iter().enumerate() {
            for (j, s) in finding.sightings.iter().enumerate() {
                if s.seen > s.executions {
                    let at = format!("findings[{i}].sightings[{j}].seen");
                    self.report(8, at, "is more than the executions");
                }
            }
        }
    }

    fn order(&mut self) {
        let e = self.evidence;
        let runs = RunOrder::of(e);
        self.sorted("environment.tools", &e.environment.tools, |t| t);
        self.sorted("subject.features", &e.subject.features, |f| f);
        self.sorted("files", &e.files, |f| &f.path);
        self.sorted("sites", &e.sites, site_key);
        self.sorted("atomics", &e.atomics, atomic_key);
        self.sorted("layers", &e.layers, |l| l.name);
        self.sorted("hits", &e.hits, hit_key);
        self.sorted("controls", &e.controls, |c| control_key(c, &runs));
        self.sorted("findings", &e.findings, finding_key);
        self.sorted("mutants", &e.mutants, mutant_key);
        self.sorted("baselines", &e.baselines, |b| b.layer);
        self.sorted("measurements", &e.measurements, |m| &m.name);
        for (i, mutant) in e.mutants.iter().enumerate() {
            self.sorted(&format!("mutants[{i}].sites"), &mutant.sites, |s| s);
            self.sorted(&format!("mutants[{i}].answers"), &mutant.answers, |a| {
                a.layer
            });
        }
        for (i, site) in e.sites.iter().enumerate() {
            self.sorted(&format!("sites[{i}].operations"), &site.operations, |o| *o);
        }
        for (i, run) in e.runs.iter().enumerate() {
            self.sorted(&format!("runs[{i}].command.env"), &run.command.env, |v| v);
            self.sorted(&format!("runs[{i}].cases"), &run.cases, |c| {
                (&c.name, c.status)
            });
        }
        for (i, f) in e.findings.iter().enumerate() {
            self.sorted(&format!("findings[{i}].sightings"), &f.sightings, |s| {
                sighting_key(s, &runs)
            });
        }
    }

    fn sorted<T, K: PartialOrd>(&mut self, at: &str, list: &'a [T], key: impl Fn(&'a T) -> K) {
        if let Some(i) = list.windows(2).position(|w| key(&w[0]) > key(&w[1])) {
            self.report(3, format!("{at}[{}]", i + 1), "is not in order");
        }
    }
}

impl Evidence {
    /// The allow-list entry that accepts a finding, where one does.
    ///
    /// An index that points nowhere, to an entry for another class, or to one that does not list
    /// the finding accepts nothing.
    ///
    /// ```
    /// use assay_evidence::{BugClass, Evidence};
    /// let evidence = Evidence::example();
    /// let leak = evidence.findings.iter().find(|f| f.class == BugClass::Leak).unwrap();
    /// assert!(evidence.allowance_of(leak).is_some());
    /// ```
    #[must_use]
    pub fn allowance_of(&self, finding: &Finding) -> Option<&crate::Allowance> {
        let index = usize::try_from(finding.allowed_by?).ok()?;
        let entry = self.allowances.get(index)?;
        let accepts = entry.class == finding.class && entry.matched.contains(&finding.id);
        accepts.then_some(entry)
    }
}

/// An index of run records by name, for the parts that join hits with runs.
pub(crate) fn runs_by_id(evidence: &Evidence) -> HashMap<&str, &crate::Run> {
    evidence.runs.iter().map(|r| (r.id.0.as_str(), r)).collect()
}
