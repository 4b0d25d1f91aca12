//! A second copy whose unsafe sites count their executions.
//!
//! `hit(N)` is written as text, on the line of the opening brace, so that line numbers stay those of the source. What
//! the compiler then refuses is taken out again, a few probes at a time.

pub(crate) mod check;
mod columns;
pub(crate) mod edit;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use assay_evidence::{Built, Probe, SiteId};

use crate::discover::Plan;
use crate::inventory::Inventory;
use crate::manifest;
use crate::mirror::{Entry, Mirror};
use crate::probe_source;
use crate::scratch::Scratch;
use crate::{Cancel, Error};

pub(crate) use columns::Columns;

use check::{Checked, Complaint};
use edit::{Edited, Insertions};

/// How often probes that the compiler refuses are taken out before the audit goes on without any.
const MAX_ROUNDS: usize = 8;

/// The instrumented copy.
#[derive(Clone, Debug)]
pub(crate) struct Instrumented {
    /// How to build it.
    pub(crate) scratch: Scratch,
    /// The site of each counter; several counters may stand for one site.
    pub(crate) counters: Vec<SiteId>,
    /// Sites that were to be counted and are not, and why.
    pub(crate) uncounted: Vec<(SiteId, String)>,
    /// Probes that stand in the copy.
    pub(crate) probes: usize,
    /// Builds that it took until the compiler accepted all of them.
    pub(crate) rounds: usize,
    /// Columns of the source for those that tools report.
    pub(crate) columns: Columns,
}

/// Copies `original` into `into` with a counter in every site that takes one.
pub(crate) fn instrument(
    plan: &Plan,
    original: &Scratch,
    inventory: &Inventory,
    into: &Path,
    cancel: &Cancel,
) -> Result<Instrumented, Error> {
    let probe = probe_source::unpack(&plan.out.join("probe"))?;
    let mut scratch = original.moved_to(into);
    scratch
        .envs
        .push(("RUSTC_BOOTSTRAP".to_owned(), probe_source::CRATE.to_owned()));
    let mut work = Work {
        original,
        scratch,
        inventory,
        probe,
        dropped: BTreeMap::new(),
        baseline_builds: false,
    };
    let mut rounds = 0;
    loop {
        let edited = work.write()?;
        rounds += 1;
        match check::build(plan, &work.scratch, "check", cancel)? {
            Checked::Builds => return Ok(work.finish(rounds, &edited)),
            Checked::Fails(complaints) => {
                work.drop_refused(plan, &edited, &complaints, rounds, cancel)?;
            }
        }
    }
}

/// The files of `original` with other texts for some of the subject's, and the subject linked to the probe where
/// there is one.
pub(crate) fn rewritten<'a>(
    original: &Scratch,
    probe: Option<&Path>,
    texts: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Mirror, Error> {
    let mut mirror = Mirror::default();
    mirror.insert_tree(&original.root, Path::new(""), &|_| false)?;
    let subject = original
        .subject_dir
        .strip_prefix(&original.root)
        .unwrap_or(Path::new(""));
    for (file, text) in texts {
        let entry = Entry::Bytes(text.as_bytes().to_vec());
        mirror.insert(subject.join(file), entry);
    }
    if let Some(probe) = probe {
        link_probe(original, probe, &mut mirror)?;
    }
    Ok(mirror)
}

/// Makes the subject depend on the probe, and the tests of a driver that is another package: nothing of it need use
/// the subject, and the planted bugs need the probe. The probe is compiled as for a release: it is no part of what is
/// measured.
fn link_probe(original: &Scratch, probe: &Path, mirror: &mut Mirror) -> Result<(), Error> {
    let subject = original.subject_dir.join("Cargo.toml");
    let driver = &original.driver_manifest;
    let root = original.workspace_dir.join("Cargo.toml");
    let mut manifests = BTreeMap::new();
    for path in [&subject, driver, &root] {
        manifests.insert(path, manifest::read(path)?);
    }
    for (path, manifest) in &mut manifests {
        if **path == subject {
            manifest::add_dependency(manifest, "dependencies", "assay-probe", probe);
        } else if *path == driver {
            manifest::add_dependency(manifest, "dev-dependencies", "assay-probe", probe);
        }
        if **path == root {
            manifest::optimise(manifest, probe);
            manifest::optimise(manifest, &probe.with_file_name("block-guard"));
        }
    }
    for (path, manifest) in manifests {
        let place = path.strip_prefix(&original.root).unwrap_or(path);
        let text = manifest.to_string().into_bytes();
        mirror.insert(place.to_path_buf(), Entry::Bytes(text));
    }
    Ok(())
}

/// Probes by their number, and what became of them.
struct Work<'a> {
    original: &'a Scratch,
    scratch: Scratch,
    inventory: &'a Inventory,
    probe: PathBuf,
    /// Probes that were taken out, and the compiler's reason.
    dropped: BTreeMap<usize, String>,
    baseline_builds: bool,
}

impl Work<'_> {
    /// Writes the copy with the probes that are left.
    fn write(&self) -> Result<Vec<Edited>, Error> {
        let mut edited = Vec::new();
        let mut files: BTreeMap<&str, Insertions<'_>> = BTreeMap::new();
        for (number, point) in self.inventory.points.iter().enumerate() {
            if !self.dropped.contains_key(&number) {
                files
                    .entry(&point.file)
                    .or_default()
                    .points
                    .push((number, point));
            }
        }
        for root in &self.inventory.roots {
            files.entry(&root.file).or_default().root = Some(root);
        }
        for (file, insertions) in files {
            let Some(text) = self
                .inventory
                .files
                .iter()
                .find(|source| source.path == file)
            else {
                continue;
            };
            let result = edit::insert(file, &text.text, &insertions);
            // A file outside the package's folder is shared with others and stays as it is.
            if !file.starts_with("..") {
                edited.push(result);
            }
        }
        let texts = edited
            .iter()
            .map(|file| (file.file.as_str(), file.text.as_str()));
        rewritten(self.original, Some(&self.probe), texts)?.apply(&self.scratch.root)?;
        Ok(edited)
    }

    /// Takes out the probes that the compiler's errors point at, once the original is known to build.
    fn drop_refused(
        &mut self,
        plan: &Plan,
        edited: &[Edited],
        complaints: &[Complaint],
        round: usize,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let first = complaints
            .first()
            .map_or("the build failed", |complaint| complaint.rendered.as_str());
        if !self.baseline_builds {
            if let Checked::Fails(errors) =
                check::build(plan, self.original, "check-original", cancel)?
            {
                let message = errors
                    .first()
                    .map_or(String::new(), |error| error.rendered.clone());
                return Err(Error::DoesNotBuild {
                    package: plan.driver.name.to_string(),
                    message,
                });
            }
            self.baseline_builds = true;
        }
        let all: BTreeSet<usize> = edited.iter().flat_map(Edited::numbers).collect();
        if all.is_empty() {
            // Nothing is left to blame but the dependency on the probe.
            return Err(Error::DoesNotBuild {
                package: format!("{} with the probe linked", plan.driver.name),
                message: first.to_owned(),
            });
        }
        let mut refused: BTreeMap<usize, String> = BTreeMap::new();
        for complaint in complaints {
            for number in check::blamed(complaint, edited, &self.scratch) {
                refused
                    .entry(number)
                    .or_insert_with(|| complaint.message.clone());
            }
        }
        if refused.is_empty() || round >= MAX_ROUNDS {
            let reason = complaints
                .first()
                .map_or("the build failed", |complaint| complaint.message.as_str());
            refused = all
                .into_iter()
                .map(|number| (number, reason.to_owned()))
                .collect();
        }
        let reasons = refused.into_iter().map(|(number, text)| {
            (
                number,
                format!("the compiler refuses a counter there: {text}"),
            )
        });
        self.dropped.extend(reasons);
        Ok(())
    }

    fn finish(self, rounds: usize, edited: &[Edited]) -> Instrumented {
        let mut columns = Columns::default();
        for file in edited {
            columns.add(&file.file, &file.text, &file.inserted);
        }
        let points = &self.inventory.points;
        let counted: HashSet<&SiteId> = points
            .iter()
            .enumerate()
            .filter(|(number, _)| !self.dropped.contains_key(number))
            .map(|(_, point)| &point.site)
            .collect();
        let mut uncounted = Vec::new();
        for site in &self.inventory.sites {
            let expected = site.probe == Probe::Counted && site.built == Built::Yes;
            if !expected || counted.contains(&site.id) {
                continue;
            }
            let dropped = points
                .iter()
                .enumerate()
                .filter(|(_, point)| point.site == site.id);
            let reason = dropped
                .filter_map(|(number, _)| self.dropped.get(&number))
                .next();
            let reason = reason
                .cloned()
                .unwrap_or_else(|| "no place for a counter".to_owned());
            uncounted.push((site.id.clone(), reason));
        }
        Instrumented {
            probes: points.len() - self.dropped.len(),
            counters: points.iter().map(|point| point.site.clone()).collect(),
            scratch: self.scratch,
            uncounted,
            rounds,
            columns,
        }
    }
}
