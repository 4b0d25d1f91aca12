//! The canonical order of the lists, so that equal evidence is equal text.

use std::collections::HashMap;

use crate::{
    Atomic, BugClass, Control, Evidence, Finding, Hit, Mutant, Operator, RunId, Severity, Sighting,
    Site, SiteId, Span,
};

/// Positions of the runs: lists "in the order of the runs" sort by them.
#[derive(Debug)]
pub(crate) struct RunOrder(HashMap<RunId, usize>);

impl RunOrder {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let positions = evidence.runs.iter().enumerate();
        Self(positions.map(|(i, r)| (r.id.clone(), i)).collect())
    }

    /// A run that the file does not hold comes last; `validate` reports it.
    fn position(&self, run: &RunId) -> usize {
        self.0.get(run).copied().unwrap_or(usize::MAX)
    }
}

impl Evidence {
    /// Brings every list into the order that its field documents. Runs and allow-list entries have
    /// the order in which they were made, and keep it.
    ///
    /// Takes O(n log n) in the number of records.
    ///
    /// ```
    /// use assay_evidence::Evidence;
    /// let sorted = Evidence::example();
    /// let mut shuffled = sorted.clone();
    /// shuffled.layers.reverse();
    /// shuffled.hits.reverse();
    /// assert_ne!(shuffled, sorted);
    /// shuffled.sort();
    /// assert_eq!(shuffled, sorted);
    /// ```
    pub fn sort(&mut self) {
        let runs = RunOrder::of(self);
        self.environment.tools.sort();
        self.subject.features.sort();
        self.subject.features.dedup();
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.sites.iter_mut().for_each(sort_site);
        self.sites.sort_by(|a, b| site_key(a).cmp(&site_key(b)));
        self.atomics
            .sort_by(|a, b| atomic_key(a).cmp(&atomic_key(b)));
        self.layers.sort_by_key(|l| l.name);
        for run in &mut self.runs {
            run.command.env.sort();
            run.cases
                .sort_by(|a, b| (&a.name, a.status).cmp(&(&b.name, b.status)));
        }
        self.hits.sort_by(|a, b| hit_key(a).cmp(&hit_key(b)));
        self.controls
            .sort_by(|a, b| control_key(a, &runs).cmp(&control_key(b, &runs)));
        for finding in &mut self.findings {
            if let Some(command) = &mut finding.reproduce {
                command.env.sort();
            }
            finding
                .sightings
                .sort_by(|a, b| sighting_key(a, &runs).cmp(&sighting_key(b, &runs)));
        }
        self.findings
            .sort_by(|a, b| finding_key(a).cmp(&finding_key(b)));
        for mutant in &mut self.mutants {
            mutant.sites.sort();
            mutant.answers.sort_by_key(|answer| answer.layer);
        }
        self.mutants
            .sort_by(|a, b| mutant_key(a).cmp(&mutant_key(b)));
        self.baselines.sort_by_key(|baseline| baseline.layer);
        for baseline in &mut self.baselines {
            if let Some(command) = &mut baseline.command {
                command.env.sort();
            }
        }
        self.measurements.sort_by(|a, b| a.name.cmp(&b.name));
        for allowance in &mut self.allowances {
            allowance.matched.sort();
        }
    }
}

fn sort_site(site: &mut Site) {
    site.operations.sort_unstable();
    site.operations.dedup();
    if let Some(expansion) = &mut site.expansion {
        expansion.calls.sort();
        expansion.calls.dedup();
    }
}

pub(crate) fn site_key(site: &Site) -> (&Span, &SiteId) {
    (&site.span, &site.id)
}

pub(crate) fn atomic_key(a: &Atomic) -> (&Span, &str, &str, &str) {
    (&a.span, &a.operation, &a.place, &a.item)
}

pub(crate) fn hit_key(hit: &Hit) -> (&SiteId, &RunId) {
    (&hit.site, &hit.run)
}

pub(crate) fn control_key<'a>(c: &'a Control, runs: &RunOrder) -> (usize, &'a RunId, BugClass) {
    (runs.position(&c.run), &c.run, c.class)
}

pub(crate) fn sighting_key<'a>(
    s: &'a Sighting,
    runs: &RunOrder,
) -> (usize, &'a RunId, Option<&'a str>) {
    (runs.position(&s.run), &s.run, s.test.as_deref())
}

pub(crate) fn finding_key(f: &Finding) -> (Severity, BugClass, Option<&SiteId>, &str) {
    (f.severity, f.class, f.sites.first(), &f.id)
}

pub(crate) fn mutant_key(m: &Mutant) -> (&Span, Operator, &str, &str) {
    (&m.span, m.operator, &m.replacement, &m.id)
}
