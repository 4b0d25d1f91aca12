//! The functions that unsafe sites depend on.
//!
//! A mutant is made only in a function that holds an unsafe site or an atomic operation, that belongs to a
//! type one of whose methods in the same file holds a site, or that such a function calls by name in the same
//! file. It counts against the sites that the function serves: those in itself and in methods of its type; if
//! there are none, those of its callers by name and of their types, and so on outwards; at last all. Names
//! are matched without types, so that rather too many sites are named than too few.

use std::collections::{BTreeSet, HashMap};

use assay_evidence::{Built, Probe, Site, SiteId, SiteKind};

use crate::inventory::cfg::Cfg;
use crate::inventory::extent::extent;
use crate::inventory::source::Source;
use crate::inventory::syntax::{Function, RawSite};
use crate::inventory::{ScannedFile, Sources};

/// A function in which mutants are made.
#[derive(Debug)]
pub(super) struct Region<'a> {
    /// The index of its file.
    pub(super) file: usize,
    pub(super) scanned: &'a ScannedFile,
    pub(super) function: &'a Function,
    /// The braces of its body.
    pub(super) open: usize,
    pub(super) close: usize,
    /// The sites that it serves, sorted.
    pub(super) serves: Vec<SiteId>,
    /// The sites in it, as ranges of tokens.
    pub(super) holds: Vec<(usize, usize)>,
    /// Ranges of tokens that are another's or are never executed: functions inside, code that is compiled
    /// out, what is evaluated at compile time.
    skipped: Vec<(usize, usize)>,
}

impl<'a> Region<'a> {
    pub(super) fn source(&self) -> &'a Source {
        &self.scanned.source
    }

    pub(super) fn name(&self) -> &'a str {
        self.source().word(self.function.head)
    }

    /// The tokens of its body in order.
    pub(super) fn tokens(&self) -> impl Iterator<Item = usize> + '_ {
        (self.open + 1..self.close).filter(|at| self.has(*at))
    }

    /// Whether the token is its own, and executed.
    pub(super) fn has(&self, at: usize) -> bool {
        let inside = |(from, to): &(usize, usize)| *from <= at && at < *to;
        self.open < at && at < self.close && !self.skipped.iter().any(inside)
    }

    /// Whether a site lies within a range of tokens.
    pub(super) fn holds_site(&self, from: usize, to: usize) -> bool {
        self.holds.iter().any(|site| from <= site.0 && site.1 <= to)
    }
}

/// The regions of a package, in the order of files and positions.
pub(super) fn regions<'a>(sources: &'a Sources, sites: &[Site]) -> Vec<Region<'a>> {
    let map = Map::new(sources, sites);
    let relevant = map.relevant();
    let mut regions: Vec<Region<'a>> = relevant
        .into_iter()
        .map(|index| map.region(sources, index))
        .filter(|region| !region.serves.is_empty())
        .collect();
    regions.sort_by_key(|region| (region.file, region.open));
    regions
}

/// One function with what the choice needs.
struct Entry<'a> {
    file: usize,
    function: &'a Function,
    name: &'a str,
    close: usize,
    /// Built sites that execute and whose innermost function it is.
    sites: Vec<(SiteId, (usize, usize))>,
    has_atomic: bool,
    /// Names that are called in it.
    calls: BTreeSet<&'a str>,
}

struct Map<'a> {
    entries: Vec<Entry<'a>>,
    /// Sites by the type whose methods or impls they stand in, and by file.
    by_type: HashMap<&'a str, Vec<(usize, SiteId)>>,
    all: Vec<SiteId>,
}

impl<'a> Map<'a> {
    fn new(sources: &'a Sources, sites: &[Site]) -> Self {
        let executable: HashMap<&SiteId, &Site> = sites
            .iter()
            .filter(|site| site.built == Built::Yes && site.probe == Probe::Counted)
            .map(|site| (&site.id, site))
            .collect();
        let mut map = Self {
            entries: Vec::new(),
            by_type: HashMap::new(),
            all: Vec::new(),
        };
        for (file, scanned) in sources.files.iter().enumerate() {
            if is_left_out(&scanned.cfgs, sources) {
                continue;
            }
            let first = map.entries.len();
            map.add_functions(file, scanned, sources);
            for (index, raw) in scanned.scan.sites.iter().enumerate() {
                let id = sources.sites.get(&(file, index));
                if let Some(id) = id.filter(|id| executable.contains_key(id)) {
                    map.add_site(file, first, raw, id);
                }
            }
        }
        map.all.sort();
        map.all.dedup();
        map
    }

    fn add_functions(&mut self, file: usize, scanned: &'a ScannedFile, sources: &Sources) {
        for function in &scanned.scan.functions {
            let Some(close) = scanned.source.group_end(function.body) else {
                continue;
            };
            // What is only shown to people is no obligation.
            let shows = matches!(function.of_trait.as_deref(), Some("Debug" | "Display"));
            if shows || is_left_out(&function.cfgs, sources) {
                continue;
            }
            let mut atomics = scanned.scan.atomics.iter();
            self.entries.push(Entry {
                file,
                function,
                name: scanned.source.word(function.head),
                close,
                sites: Vec::new(),
                has_atomic: atomics
                    .any(|atomic| function.body < atomic.from && atomic.from < close),
                calls: calls(&scanned.source, function.body, close),
            });
        }
    }

    fn add_site(&mut self, file: usize, first: usize, raw: &'a RawSite, id: &SiteId) {
        self.all.push(id.clone());
        if raw.kind == SiteKind::Impl {
            if let Some(head) = &raw.impl_head {
                self.by_type
                    .entry(&head.self_key)
                    .or_default()
                    .push((file, id.clone()));
            }
            return;
        }
        let around = |entry: &&mut Entry<'_>| {
            entry.function.body <= raw.body.unwrap_or(raw.keyword) && raw.keyword < entry.close
        };
        let innermost = self.entries[first..]
            .iter_mut()
            .filter(around)
            .min_by_key(|entry| entry.close - entry.function.body);
        if let Some(entry) = innermost {
            entry.sites.push((id.clone(), (raw.from, raw.to)));
            if let Some(key) = &entry.function.self_key {
                self.by_type
                    .entry(key)
                    .or_default()
                    .push((file, id.clone()));
            }
        }
    }

    /// Indices of the functions in which mutants are made.
    fn relevant(&self) -> BTreeSet<usize> {
        let of_type = |entry: &Entry<'_>| {
            let key = entry.function.self_key.as_deref();
            let sites = key.and_then(|key| self.by_type.get(key));
            sites.is_some_and(|sites| sites.iter().any(|(file, _)| *file == entry.file))
        };
        let mut found: BTreeSet<usize> = (0..self.entries.len())
            .filter(|index| {
                let entry = &self.entries[*index];
                !entry.sites.is_empty() || entry.has_atomic || of_type(entry)
            })
            .collect();
        let mut fresh: Vec<usize> = found.iter().copied().collect();
        while let Some(caller) = fresh.pop() {
            let caller = &self.entries[caller];
            for (index, entry) in self.entries.iter().enumerate() {
                let is_called = entry.file == caller.file && caller.calls.contains(entry.name);
                if is_called && found.insert(index) {
                    fresh.push(index);
                }
            }
        }
        found
    }

    fn region(&self, sources: &'a Sources, index: usize) -> Region<'a> {
        let entry = &self.entries[index];
        let scanned = &sources.files[entry.file];
        let source = &scanned.source;
        let mut skipped = skipped(source, entry.function.body, entry.close, sources);
        let inner = scanned
            .scan
            .functions
            .iter()
            .filter(|other| entry.function.body < other.body && other.body < entry.close);
        skipped.extend(inner.filter_map(|inner| {
            let close = source.group_end(inner.body)?;
            Some((inner.body, close + 1))
        }));
        Region {
            file: entry.file,
            scanned,
            function: entry.function,
            open: entry.function.body,
            close: entry.close,
            serves: self.serves(index),
            holds: entry.sites.iter().map(|(_, range)| *range).collect(),
            skipped,
        }
    }

    /// The sites that a function serves: the nearest, by type and by callers.
    fn serves(&self, index: usize) -> Vec<SiteId> {
        let mut seen = BTreeSet::from([index]);
        let mut ring = vec![index];
        while !ring.is_empty() {
            let mut found: Vec<SiteId> = ring.iter().flat_map(|i| self.near(*i)).collect();
            if !found.is_empty() {
                found.sort();
                found.dedup();
                return found;
            }
            let names: BTreeSet<&str> = ring.iter().map(|i| self.entries[*i].name).collect();
            ring = (0..self.entries.len())
                .filter(|i| !self.entries[*i].calls.is_disjoint(&names))
                .filter(|i| seen.insert(*i))
                .collect();
        }
        self.all.clone()
    }

    /// The sites in a function and in the methods and impls of its type.
    fn near(&self, index: usize) -> impl Iterator<Item = SiteId> + '_ {
        let entry = &self.entries[index];
        let own = entry.sites.iter().map(|(id, _)| id.clone());
        let key = entry.function.self_key.as_deref();
        let of_type = key.and_then(|key| self.by_type.get(key));
        let of_type = of_type.into_iter().flatten().map(|(_, id)| id.clone());
        own.chain(of_type)
    }
}

/// Whether conditions remove code from the build.
fn is_left_out(cfgs: &[Cfg], sources: &Sources) -> bool {
    cfgs.iter()
        .any(|cfg| sources.cfgs.holds(cfg) == Some(false))
}

/// Names that stand before a parenthesis, type arguments passed over.
fn calls(source: &Source, open: usize, close: usize) -> BTreeSet<&str> {
    let is_call = |at: &usize| {
        source.is_ident(*at)
            && (source.is_open(at + 1, b'(')
                || (source.is_joint(at + 1, b':', b':') && source.is_punct(at + 3, b'<')))
    };
    (open + 1..close)
        .filter(is_call)
        .map(|at| source.word(at))
        .collect()
}

/// Code inside a body that this build leaves out, and `const` blocks.
fn skipped(source: &Source, open: usize, close: usize, sources: &Sources) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in open + 1..close {
        if source.is_word(at, "const")
            && let Some(end) = source.group_end(at + 1)
            && source.is_open(at + 1, b'{')
        {
            found.push((at, end + 1));
        }
        let is_cfg = source.is_punct(at, b'#')
            && source.is_open(at + 1, b'[')
            && source.is_word(at + 2, "cfg");
        let condition = source.group_end(at + 3).filter(|_| is_cfg);
        if let (Some(end), Some(after)) = (condition, source.group_end(at + 1)) {
            let cfg = Cfg::parse(source, at + 4, end);
            if sources.cfgs.holds(&cfg) == Some(false) {
                found.push((at, extent(source, after + 1, close)));
            }
        }
    }
    found
}
