//! What mutation found, kept beside the reports, so that an audit of the same source shows it too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assay_evidence::{Baseline, Equivalent, Evidence, Mutant, SourceFile, Subject};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The mutants of one subject, and what was said of them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) subject: Subject,
    pub(crate) mutants: Vec<Mutant>,
    pub(crate) baselines: Vec<Baseline>,
}

impl Kept {
    /// What was kept of this very subject.
    pub(crate) fn read(report: &Path, subject: &Subject) -> Option<Self> {
        let text = std::fs::read(file(report)).ok()?;
        let kept: Self = serde_json::from_slice(&text).ok()?;
        (kept.subject == *subject).then_some(kept)
    }

    pub(crate) fn write(&self, report: &Path) -> Result<(), Error> {
        let path = file(report);
        let failed = |source| Error::Io {
            action: "write",
            path: path.clone(),
            source,
        };
        let text = serde_json::to_vec(self).map_err(|error| failed(error.into()))?;
        let partial = path.with_extension("partial");
        std::fs::write(&partial, text).map_err(failed)?;
        std::fs::rename(&partial, &path).map_err(failed)
    }

    /// Puts the mutants into evidence of the same subject, with the source that they stand in.
    pub(crate) fn put_into(
        self,
        evidence: &mut Evidence,
        listed: Vec<Equivalent>,
        sources: &[SourceFile],
    ) {
        let shown: BTreeSet<&str> = evidence.files.iter().map(|f| f.path.as_str()).collect();
        let named = self.mutants.iter().map(|mutant| mutant.span.file.as_str());
        let missing: BTreeSet<&str> = named.filter(|file| !shown.contains(file)).collect();
        let missing = sources
            .iter()
            .filter(|file| missing.contains(file.path.as_str()));
        let missing: Vec<SourceFile> = missing.cloned().collect();
        evidence.files.extend(missing);
        evidence.mutants = self.mutants;
        evidence.baselines = self.baselines;
        evidence.equivalents = listed;
        evidence.sort();
    }
}

/// The evidence of an audit of this very subject that lies in the folder.
pub(super) fn audited(report: &Path, subject: &Subject) -> Option<Evidence> {
    let text = std::fs::read_to_string(report.join("evidence.json")).ok()?;
    let evidence = Evidence::from_json(&text).ok()?;
    (evidence.subject == *subject).then_some(evidence)
}

fn file(report: &Path) -> PathBuf {
    report.join("mutants.json")
}
