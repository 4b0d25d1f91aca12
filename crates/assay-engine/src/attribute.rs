//! From reports to findings: which sites a report speaks of, and which reports are the same.
//!
//! For each stack of a report, in its order: the topmost frame in audited code; the innermost unsafe
//! site around it; where there is none, the closest site of the same function, whose block set up what
//! went wrong; else the same of the next audited frame outwards. At most three sites are named.

use std::collections::{BTreeMap, BTreeSet};

use assay_evidence::{
    BugClass, CommandLine, Confidence, Finding, Frame, Operation, RunId, Severity, Sighting, Site,
    SiteId, SiteKind, Span, Stack,
};

use crate::fingerprint::Fingerprint;
use crate::layers::{Layer, Record, Workbench};
use crate::parse::RawFinding;
use crate::symbol::outside_generics;

/// A finding names no more sites than this.
const CANDIDATES: usize = 3;

/// Gathers the reports of all runs.
pub(crate) struct Attributor<'a> {
    bench: &'a Workbench<'a>,
    found: BTreeMap<String, Entry>,
    /// Keys in the order in which they were first seen.
    order: Vec<String>,
}

struct Entry {
    class: BugClass,
    sites: Vec<SiteId>,
    title: String,
    span: Option<Span>,
    stacks: Vec<Stack>,
    doubt: Option<String>,
    reproduce: CommandLine,
    sightings: Vec<(RunId, Option<String>, BTreeSet<u32>, u32)>,
}

impl<'a> Attributor<'a> {
    pub(crate) fn new(bench: &'a Workbench<'a>) -> Self {
        Self {
            bench,
            found: BTreeMap::new(),
            order: Vec::new(),
        }
    }

    /// Takes the reports of a run. How many different ones it has.
    pub(crate) fn add(&mut self, layer: &dyn Layer, record: &Record) -> usize {
        let mut keys = BTreeSet::new();
        for reported in &record.reports {
            let raw = &reported.finding;
            let doubt = raw.doubt.clone().or_else(|| layer.doubt(raw, self.bench));
            let key = self.take(raw, doubt, &reported.reproduce, record, reported.repeat);
            keys.insert(key);
        }
        keys.len()
    }

    fn take(
        &mut self,
        raw: &RawFinding,
        doubt: Option<String>,
        reproduce: &CommandLine,
        record: &Record,
        repeat: u32,
    ) -> String {
        let stacks: Vec<Stack> = raw.stacks.iter().map(|stack| self.mapped(stack)).collect();
        let sites = self.sites_of(raw.class, &stacks);
        let key = self.key(raw, &stacks, &sites);
        if !self.found.contains_key(&key) {
            self.order.push(key.clone());
        }
        let span = self.span_of(&stacks);
        let entry = self.found.entry(key.clone()).or_insert_with(|| Entry {
            class: raw.class,
            sites: Vec::new(),
            title: raw.title.clone(),
            span: span.clone(),
            stacks: Vec::new(),
            doubt: doubt.clone(),
            reproduce: reproduce.clone(),
            sightings: Vec::new(),
        });
        entry.enrich(sites, stacks, span, reproduce);
        // One sure report is enough.
        if doubt.is_none() {
            entry.doubt = None;
        }
        let run = &record.run.id;
        match entry.sightings.iter_mut().find(|(id, ..)| id == run) {
            Some((_, test, seen, _)) => {
                seen.insert(repeat);
                if test.is_none() {
                    test.clone_from(&raw.test);
                }
            }
            None => entry.sightings.push((
                run.clone(),
                raw.test.clone(),
                BTreeSet::from([repeat]),
                record.run.repeats.max(1),
            )),
        }
        key
    }

    pub(crate) fn into_findings(mut self) -> Vec<Finding> {
        self.fold_deaths();
        let order = std::mem::take(&mut self.order);
        order
            .into_iter()
            .filter_map(|key| Some(finding(&key, self.found.remove(&key)?)))
            .collect()
    }

    /// A death without a stack has its cause in what another layer reported of the same test.
    fn fold_deaths(&mut self) {
        let bare = |entry: &Entry| entry.stacks.is_empty() && entry.sites.is_empty();
        let deaths: Vec<String> = self
            .order
            .iter()
            .filter(|key| bare(&self.found[*key]))
            .cloned()
            .collect();
        for death in deaths {
            let entry = &self.found[&death];
            let cause = self.order.iter().find(|key| {
                let other = &self.found[*key];
                !bare(other) && other.doubt.is_none() && other.explains(entry)
            });
            let Some(cause) = cause.cloned() else {
                continue;
            };
            let Some(entry) = self.found.remove(&death) else {
                continue;
            };
            self.order.retain(|key| *key != death);
            if let Some(cause) = self.found.get_mut(&cause) {
                cause.take_sightings(entry.sightings);
            }
        }
    }

    /// The path of a frame in the audited package, its tests included.
    fn audited(&self, frame: &Frame) -> Option<String> {
        let file = frame.file.as_deref()?;
        let mapped = (self.bench.map)(file)?;
        (!mapped.is_empty()).then_some(mapped)
    }

    /// A stack as the source has it: files relative to the package, columns without the counters.
    fn mapped(&self, stack: &Stack) -> Stack {
        let frames = stack.frames.iter().map(|frame| {
            let mut frame = frame.clone();
            match self.audited(&frame) {
                Some(file) => {
                    frame.column = frame
                        .line
                        .zip(frame.column)
                        .map(|(line, column)| self.bench.columns.original(&file, line, column));
                    frame.file = Some(file);
                }
                None => frame.file = frame.file.as_deref().map(portable),
            }
            frame
        });
        Stack {
            label: stack.label.clone(),
            frames: frames.collect(),
        }
    }

    fn is_subject(&self, frame: &Frame) -> bool {
        let beside = |file: &str| {
            ["tests/", "examples/", "benches/"]
                .iter()
                .any(|folder| file.starts_with(folder))
        };
        frame
            .file
            .as_deref()
            .is_some_and(|file| is_relative(file) && !beside(file))
    }

    fn sites_of(&self, class: BugClass, stacks: &[Stack]) -> Vec<SiteId> {
        let mut sites: Vec<SiteId> = Vec::new();
        for stack in stacks
            .iter()
            .filter(|stack| stack.label != "thread created here")
        {
            let site = self.site_of(stack);
            if let Some(site) = site.filter(|site| !sites.contains(&site.id)) {
                sites.push(site.id.clone());
            }
        }
        if class == BugClass::DataRace {
            self.claims(stacks, &mut sites);
        }
        sites.truncate(CANDIDATES);
        sites
    }

    fn site_of(&self, stack: &Stack) -> Option<&Site> {
        let mut own = stack.frames.iter().filter(|frame| self.is_subject(frame));
        own.find_map(|frame| self.around(frame).or_else(|| self.beside(frame)))
    }

    fn around(&self, frame: &Frame) -> Option<&Site> {
        site_around(self.bench.sites, frame)
    }

    /// A site of the same function: the closest one above the frame, else the first below it.
    fn beside(&self, frame: &Frame) -> Option<&Site> {
        let (file, line) = (frame.file.as_deref()?, frame.line?);
        let function = last_segment(&frame.function)?;
        let same = |site: &&Site| {
            site.span.file == file
                && is_executable(site)
                && last_segment(&site.item).as_deref() == Some(function.as_str())
        };
        let distance = |site: &&Site| (site.span.line > line, site.span.line.abs_diff(line));
        self.bench.sites.iter().filter(same).min_by_key(distance)
    }

    /// A race can have its cause in a claim: an `unsafe impl Send` or `Sync` of a type that the stacks
    /// name, or the only such claims there are where no frame lies in a site.
    fn claims(&self, stacks: &[Stack], sites: &mut Vec<SiteId>) {
        let claims: Vec<&Site> = self
            .bench
            .sites
            .iter()
            .filter(|site| is_claim(site))
            .collect();
        let functions: Vec<&str> = stacks
            .iter()
            .flat_map(|stack| &stack.frames)
            .map(|frame| frame.function.as_str())
            .collect();
        let named = |site: &&&Site| {
            claimed_type(site)
                .is_some_and(|name| functions.iter().any(|function| has_word(function, &name)))
        };
        let mut chosen: Vec<&Site> = claims.iter().filter(named).copied().collect();
        if chosen.is_empty() && sites.is_empty() && claims.len() <= CANDIDATES {
            chosen = claims;
        }
        for site in chosen {
            if !sites.contains(&site.id) {
                sites.push(site.id.clone());
            }
        }
    }

    /// Where the report points in the audited source, the subject's own code first.
    fn span_of(&self, stacks: &[Stack]) -> Option<Span> {
        let frames = || stacks.iter().flat_map(|stack| &stack.frames);
        let frame = frames()
            .find(|frame| self.is_subject(frame) && frame.line.is_some())
            .or_else(|| frames().find(|frame| is_mapped(frame) && frame.line.is_some()))?;
        let (line, column) = (frame.line?, frame.column.unwrap_or(1));
        Some(Span {
            file: frame.file.clone()?,
            line,
            column,
            end_line: line,
            end_column: column,
        })
    }

    /// What makes two reports the same: the class and the site. Where no site is known, the place of the
    /// topmost audited frame; else the test. The tool's wording is left out: it differs between tools.
    fn key(&self, raw: &RawFinding, stacks: &[Stack], sites: &[SiteId]) -> String {
        let mut parts = vec![raw.class.as_str().to_owned()];
        let place = self.span_of(stacks);
        match (raw.class, sites.first(), place) {
            (BugClass::TestFailure | BugClass::Hang, ..) => {
                parts.push(raw.test.clone().unwrap_or_else(|| raw.title.clone()));
            }
            (_, Some(site), _) => parts.push(site.0.clone()),
            (_, None, Some(span)) => parts.extend([span.file, span.line.to_string()]),
            (_, None, None) => {
                parts.push(raw.test.clone().unwrap_or_default());
                parts.push(raw.title.clone());
            }
        }
        let hash = Fingerprint::of(&parts).to_string();
        hash[..12].to_owned()
    }
}

impl Entry {
    /// Whether this is the cause of a death of the same test.
    fn explains(&self, death: &Self) -> bool {
        let fits = death.class == self.class
            || (death.class == BugClass::MemoryFault
                && self.class.severity() == Severity::Soundness);
        let tests = |entry: &Self| -> BTreeSet<String> {
            entry
                .sightings
                .iter()
                .filter_map(|(_, test, ..)| test.clone())
                .collect()
        };
        let (mine, theirs) = (tests(self), tests(death));
        fits && !theirs.is_empty() && theirs.is_subset(&mine)
    }

    fn take_sightings(&mut self, others: Vec<(RunId, Option<String>, BTreeSet<u32>, u32)>) {
        for other in others {
            match self.sightings.iter_mut().find(|(run, ..)| *run == other.0) {
                Some((_, _, seen, _)) => seen.extend(other.2),
                None => self.sightings.push(other),
            }
        }
    }

    /// Takes over what another report of the same knows more of.
    fn enrich(
        &mut self,
        sites: Vec<SiteId>,
        stacks: Vec<Stack>,
        span: Option<Span>,
        reproduce: &CommandLine,
    ) {
        for site in sites {
            if !self.sites.contains(&site) && self.sites.len() < CANDIDATES {
                self.sites.push(site);
            }
        }
        // A batch shows less than the test alone.
        let frames =
            |stacks: &[Stack]| stacks.iter().map(|stack| stack.frames.len()).sum::<usize>();
        if frames(&self.stacks) < 2 && frames(&stacks) > frames(&self.stacks) {
            self.stacks = stacks;
            self.span = span;
            self.reproduce = reproduce.clone();
        }
    }
}

fn finding(key: &str, entry: Entry) -> Finding {
    let sightings = entry
        .sightings
        .into_iter()
        .map(|(run, test, seen, executions)| Sighting {
            run,
            test,
            seen: u32::try_from(seen.len()).unwrap_or(u32::MAX),
            executions,
        });
    Finding {
        id: key.to_owned(),
        class: entry.class,
        severity: entry.class.severity(),
        confidence: match entry.doubt {
            None => Confidence::Firm,
            Some(reason) => Confidence::Inconclusive { reason },
        },
        sites: entry.sites,
        title: entry.title,
        span: entry.span,
        stacks: entry.stacks,
        sightings: sightings.collect(),
        reproduce: Some(entry.reproduce),
        allowed_by: None,
    }
}

fn is_executable(site: &Site) -> bool {
    matches!(site.kind, SiteKind::Block | SiteKind::Function)
}

fn is_claim(site: &Site) -> bool {
    let claims = [Operation::ImplSend, Operation::ImplSync];
    site.kind == SiteKind::Impl
        && site
            .operations
            .iter()
            .any(|operation| claims.contains(operation))
}

/// The type of an `unsafe impl`, by the last name in the item's path.
fn claimed_type(site: &Site) -> Option<String> {
    let item = site.item.trim_end_matches('>');
    let after = item
        .rsplit_once(" for ")
        .map_or(site.item.as_str(), |(_, of)| of);
    last_segment(after)
}

/// The innermost site around a frame; where there is none, one on its line: loom points at the call whose argument
/// holds the site.
fn site_around<'a>(sites: &'a [Site], frame: &Frame) -> Option<&'a Site> {
    let (file, line) = (frame.file.as_deref()?, frame.line?);
    let has_line = |site: &&Site| {
        let span = &site.span;
        span.file == file && (span.line..=span.end_line).contains(&line) && is_executable(site)
    };
    let has_column = |site: &&Site| {
        let span = &site.span;
        let is_after = |column| line > span.line || column >= span.column;
        let is_before = |column| line < span.end_line || column <= span.end_column;
        frame
            .column
            .is_none_or(|column| is_after(column) && is_before(column))
    };
    let size = |site: &&Site| {
        let span = &site.span;
        (
            span.end_line - span.line,
            span.end_column.wrapping_sub(span.column),
        )
    };
    let on_line = || sites.iter().filter(has_line);
    on_line()
        .filter(has_column)
        .min_by_key(size)
        .or_else(|| on_line().min_by_key(size))
}

/// The last name of a function's path, without generics, closures and hashes.
fn last_segment(path: &str) -> Option<String> {
    let plain = outside_generics(path);
    let bare = if plain.trim_matches(':').is_empty() {
        // `<lab::Ring<u8>>` has nothing outside its brackets.
        path.split('<')
            .find(|part| !part.is_empty())
            .unwrap_or_default()
            .trim_end_matches('>')
            .to_owned()
    } else {
        plain
    };
    bare.rsplit("::")
        .map(str::trim)
        .find(|segment| !segment.is_empty() && !segment.starts_with('{'))
        .map(str::to_owned)
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .any(|part| part == word)
}

fn is_relative(file: &str) -> bool {
    !file.starts_with('/') && !file.starts_with('<')
}

fn is_mapped(frame: &Frame) -> bool {
    frame.file.as_deref().is_some_and(is_relative)
}

/// What stands in front of a path in the standard library.
const STD: &str = "<std>/";
/// What stands in front of a path in the probe.
const PROBE: &str = "<probe>/";
/// What stands in front of a path in a registry dependency.
const REGISTRY: &str = "<registry>/";

/// A path outside the audited package without what is particular to the machine.
fn portable(file: &str) -> String {
    if let Some((_, rest)) = file.split_once("/lib/rustlib/src/rust/") {
        return format!("{STD}{rest}");
    }
    if let Some((_, rest)) = file
        .strip_prefix("/rustc/")
        .and_then(|rest| rest.split_once('/'))
    {
        return format!("{STD}{rest}");
    }
    if let Some((_, rest)) = file.split_once("/assay-probe/") {
        return format!("{PROBE}{rest}");
    }
    let registry = file
        .split_once("/registry/src/")
        .and_then(|(_, rest)| rest.split_once('/'));
    match registry {
        Some((_, rest)) => format!("{REGISTRY}{rest}"),
        // A relative path that is none of the package's.
        None if !file.starts_with('/') => format!("{STD}{file}"),
        None => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_name_of_a_path_is_found_in_every_tools_form() {
        for (path, name) in [
            ("lab::ring::Ring<T>::push", "push"),
            ("<lab::Ring<u8>>::push::{closure#0}", "push"),
            ("<lab::Ring<u8> as core::ops::Drop>::drop", "drop"),
            ("lab::push::{{closure}}", "push"),
            ("Ring::<u8>::push", "push"),
            ("push", "push"),
        ] {
            assert_eq!(last_segment(path).as_deref(), Some(name), "{path}");
        }
        assert_eq!(last_segment(""), None);
    }

    #[test]
    fn a_column_beside_the_only_site_of_its_line_does_not_lose_it() {
        let mut site = assay_evidence::Evidence::example().sites.remove(0);
        site.kind = SiteKind::Block;
        site.span = Span {
            file: "src/lib.rs".to_owned(),
            line: 43,
            column: 49,
            end_line: 43,
            end_column: 66,
        };
        let sites = [site];
        let at = |line, column| {
            let frame = Frame {
                function: String::new(),
                file: Some("src/lib.rs".to_owned()),
                line: Some(line),
                column: Some(column),
            };
            site_around(&sites, &frame).is_some()
        };
        assert!(at(43, 55) && at(43, 80) && at(43, 36));
        assert!(!at(42, 55) && !at(44, 55));
    }

    #[test]
    fn paths_outside_the_package_lose_the_machine() {
        assert_eq!(
            portable(
                "/home/user/.rustup/toolchains/nightly/lib/rustlib/src/rust/library/core/src/ptr/mod.rs"
            ),
            "<std>/library/core/src/ptr/mod.rs"
        );
        assert_eq!(
            portable("/rustc/5980/library/core/src/hint.rs"),
            "<std>/library/core/src/hint.rs"
        );
        assert_eq!(
            portable("/home/user/.cargo/registry/src/index-1949/loom-0.7.2/src/rt/cell.rs"),
            "<registry>/loom-0.7.2/src/rt/cell.rs"
        );
        assert_eq!(
            portable("/home/user/own/target/assay/probe/10f3/assay-probe/src/raw/allocator.rs"),
            "<probe>/src/raw/allocator.rs"
        );
    }
}
