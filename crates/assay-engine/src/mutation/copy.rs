//! The copy that holds every mutant, and those that a build of their own holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::candidate::{Candidate, Form};
use super::schema::{Woven, weave};
use crate::discover::Plan;
use crate::instrument::check::{self, Checked, Complaint};
use crate::instrument::{edit, rewritten};
use crate::inventory::{Inventory, Root, Sources};
use crate::scratch::Scratch;
use crate::{Cancel, Error, probe_source};

/// How often mutants that the compiler refuses are taken out before none is tried any more.
const MAX_ROUNDS: usize = 12;

/// What all copies are made from.
pub(super) struct Stock<'a> {
    pub(super) plan: &'a Plan,
    pub(super) original: &'a Scratch,
    pub(super) sources: &'a Sources,
    pub(super) roots: &'a [Root],
    pub(super) candidates: &'a [Candidate],
    pub(super) cancel: &'a Cancel,
    probe: PathBuf,
}

/// Which mutants can be asked about, and where they stand.
#[derive(Debug)]
pub(super) struct Copies {
    /// The copy that holds all that can stand side by side.
    pub(super) together: Scratch,
    /// The copy that holds one at a time.
    pub(super) alone: Scratch,
    /// Mutants that have a build of their own.
    pub(super) own_build: BTreeSet<u32>,
    /// Mutants that do not build, with the compiler's message.
    pub(super) unviable: BTreeMap<u32, String>,
}

impl<'a> Stock<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        original: &'a Scratch,
        inventory: &'a Inventory,
        sources: &'a Sources,
        candidates: &'a [Candidate],
        cancel: &'a Cancel,
    ) -> Result<Self, Error> {
        Ok(Self {
            plan,
            original,
            sources,
            roots: &inventory.roots,
            candidates,
            cancel,
            probe: probe_source::unpack(&plan.out.join("probe"))?,
        })
    }

    /// Writes the copies below `into`, and finds out which mutants build.
    pub(super) fn copies(&self, into: &Path) -> Result<Copies, Error> {
        let own_build = self.numbered().filter(|(_, c)| c.form == Form::Alone);
        let mut copies = Copies {
            together: self.scratch(&into.join("mutated")),
            alone: self.scratch(&into.join("mutant")),
            own_build: own_build.map(|(number, _)| number).collect(),
            unviable: BTreeMap::new(),
        };
        self.settle(&mut copies)?;
        for number in copies.own_build.clone() {
            if self.cancel.is_requested() {
                return Err(Error::Interrupted);
            }
            if let Err(message) = self.check_alone(&copies.alone, number)? {
                copies.unviable.insert(number, message);
            }
        }
        copies
            .own_build
            .retain(|number| !copies.unviable.contains_key(number));
        Ok(copies)
    }

    /// Writes the copy that holds one mutant, or none. Without the probe it is the original but for that: so the
    /// tests that compare the compiler's messages see what they know.
    pub(super) fn write_alone(
        &self,
        scratch: &Scratch,
        number: Option<u32>,
        with_probe: bool,
    ) -> Result<(), Error> {
        let candidate = number.and_then(|number| self.candidates.get(number as usize));
        let texts = self.texts(|index, text, link| {
            let own = candidate.filter(|candidate| candidate.file == index);
            let (at, link) = link.filter(|_| with_probe).unwrap_or_default();
            let mut out = String::with_capacity(text.len() + 64);
            // The link stands before the first item, and so before every mutant.
            out.push_str(&text[..at]);
            out.push_str(&link);
            if let Some(candidate) = own {
                out.push_str(&text[at..candidate.from]);
                out.push_str(&candidate.mutated);
                // What was written over several lines keeps them, for those below.
                let lines = text[candidate.from..candidate.to].matches('\n').count();
                out.extend(std::iter::repeat_n('\n', lines));
                out.push_str(&text[candidate.to..]);
            } else {
                out.push_str(&text[at..]);
            }
            Woven::plain(out)
        });
        self.write(scratch, &texts, with_probe)
    }

    fn scratch(&self, into: &Path) -> Scratch {
        let mut scratch = self.original.moved_to(into);
        let permission = ("RUSTC_BOOTSTRAP".to_owned(), probe_source::CRATE.to_owned());
        scratch.envs.push(permission);
        scratch
    }

    fn numbered(&self) -> impl Iterator<Item = (u32, &'a Candidate)> {
        (0..).zip(self.candidates)
    }

    /// Writes the copy of all, and takes out what does not build, until the rest does.
    fn settle(&self, copies: &mut Copies) -> Result<(), Error> {
        for round in 1.. {
            let texts = self.together(copies);
            self.write(&copies.together, &texts, true)?;
            let left_out = texts
                .values()
                .flat_map(|woven| woven.left_out.iter().copied());
            copies.own_build.extend(left_out);
            let checked = check::build(self.plan, &copies.together, "check-mutated", self.cancel)?;
            let Checked::Fails(complaints) = checked else {
                break;
            };
            let standing: BTreeSet<u32> = texts.values().flat_map(Woven::numbers).collect();
            if standing.is_empty() {
                return Err(self.does_not_build(&complaints));
            }
            let mut refused = blamed(&complaints, &texts, &copies.together);
            if refused.is_empty() || round >= MAX_ROUNDS {
                let message = complaints.first().map_or("", |c| c.message.as_str());
                let all = standing
                    .into_iter()
                    .map(|number| (number, message.to_owned()));
                refused = all.collect();
            }
            copies.unviable.extend(refused);
        }
        Ok(())
    }

    /// The texts of the copy of all, by the file's name.
    fn together(&self, copies: &Copies) -> BTreeMap<String, Woven> {
        self.texts(|index, text, link| {
            let mutants: Vec<(u32, &Candidate)> = self
                .numbered()
                .filter(|(_, c)| c.file == index)
                .filter(|(number, _)| {
                    !copies.own_build.contains(number) && !copies.unviable.contains_key(number)
                })
                .collect();
            weave(text, &mutants, link)
        })
    }

    fn texts(
        &self,
        text_of: impl Fn(usize, &str, Option<(usize, String)>) -> Woven,
    ) -> BTreeMap<String, Woven> {
        let mut texts = BTreeMap::new();
        for (index, file) in self.sources.files.iter().enumerate() {
            let path = &file.source.path;
            let root = self.roots.iter().find(|root| root.file == *path);
            let is_changed = self.candidates.iter().any(|c| c.file == index) || root.is_some();
            // A file outside the package's folder is shared with others and stays as it is.
            if is_changed && !path.starts_with("..") {
                let link = root.map(|root| (root.offset as usize, edit::link(root)));
                texts.insert(path.clone(), text_of(index, &file.source.text, link));
            }
        }
        texts
    }

    fn write(
        &self,
        scratch: &Scratch,
        texts: &BTreeMap<String, Woven>,
        with_probe: bool,
    ) -> Result<(), Error> {
        let texts = texts
            .iter()
            .map(|(file, woven)| (file.as_str(), woven.text.as_str()));
        let probe = with_probe.then_some(self.probe.as_path());
        rewritten(self.original, probe, texts)?.apply(&scratch.root)
    }

    /// Whether one mutant builds; the compiler's message if it does not.
    fn check_alone(&self, scratch: &Scratch, number: u32) -> Result<Result<(), String>, Error> {
        self.write_alone(scratch, Some(number), false)?;
        let checked = check::build(self.plan, scratch, "check-mutant", self.cancel)?;
        Ok(match checked {
            Checked::Builds => Ok(()),
            Checked::Fails(complaints) => Err(complaints
                .first()
                .map_or(String::new(), |c| c.message.clone())),
        })
    }

    fn does_not_build(&self, complaints: &[Complaint]) -> Error {
        Error::DoesNotBuild {
            package: self.plan.driver.name.to_string(),
            message: complaints
                .first()
                .map_or(String::new(), |c| c.rendered.clone()),
        }
    }
}

/// The mutants that errors speak of, with the error's first line: those at its places; else those on the places'
/// lines; else those of the places' files.
fn blamed(
    complaints: &[Complaint],
    texts: &BTreeMap<String, Woven>,
    scratch: &Scratch,
) -> BTreeMap<u32, String> {
    let mut refused = BTreeMap::new();
    for complaint in complaints {
        let places: Vec<(&Woven, usize, usize)> = complaint
            .places(scratch)
            .filter_map(|(file, start, end)| Some((texts.get(&file)?, start, end)))
            .collect();
        let exactly = |(woven, start, end): &(&Woven, usize, usize)| woven.blamed(*start, *end);
        let on_lines = |(woven, start, end): &(&Woven, usize, usize)| {
            let (start, end) = woven.lines_of(*start, *end);
            woven.blamed(start, end)
        };
        let mut numbers: Vec<u32> = places.iter().flat_map(exactly).collect();
        if numbers.is_empty() {
            numbers = places.iter().flat_map(on_lines).collect();
        }
        if numbers.is_empty() {
            numbers = places.iter().flat_map(|place| place.0.numbers()).collect();
        }
        for number in numbers {
            let message = || complaint.message.clone();
            refused.entry(number).or_insert_with(message);
        }
    }
    refused
}
