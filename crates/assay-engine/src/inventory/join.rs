//! Joins what the compiler reports with what the source shows.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use assay_evidence::{Built, Expansion, Probe, SeenBy, Site, SiteKind, Span};

use super::cfg::{Cfg, CfgSet, removed_by};
use super::id::Ids;
use super::lint::{LintSite, Place};
use super::modules::{ScannedFile, Tree};
use super::operations::{Names, classify};
use super::safety;
use super::syntax::RawSite;

/// A site, and where its source lies in the tree; none for a site that only the compiler saw.
#[derive(Debug)]
pub(crate) struct JoinedSite {
    /// The record.
    pub(crate) site: Site,
    /// Indices of its file and of its entry there.
    pub(crate) raw: Option<(usize, usize)>,
    /// Messages of the compiler that it answers.
    pub(crate) messages: usize,
}

/// What the compiler's build was, where one was made.
pub(crate) struct Build<'a> {
    /// Its messages.
    pub(crate) lint: &'a [LintSite],
    /// Conditions that held.
    pub(crate) cfgs: &'a CfgSet,
}

/// Sites of a package in the order of files and positions.
pub(crate) fn join(tree: &Tree, package: &str, build: Option<&Build<'_>>) -> Vec<JoinedSite> {
    let index = Index::new(tree);
    let mut matched: HashMap<(usize, usize), Matched> = HashMap::new();
    let mut foreign: HashMap<(SiteKind, Place), Matched> = HashMap::new();
    let mut left = Vec::new();
    for lint in build.map_or(&[][..], |build| build.lint) {
        match index.find(lint) {
            Some(key) => matched.entry(key).or_default().add(&index, lint, 0),
            None => left.push(lint),
        }
    }
    let spoken_for: HashSet<(usize, usize)> = matched.keys().copied().collect();
    for lint in left {
        if let Some(key) = index.find_in_arguments(lint, &spoken_for) {
            matched.entry(key).or_default().add(&index, lint, 0);
            continue;
        }
        let (from, place) = index.innermost_in_package(lint);
        let entry = foreign.entry((lint.kind, place.clone())).or_default();
        entry.add(&index, lint, from);
    }
    let mut names = Names::default();
    for file in &tree.files {
        names.merge(file.scan.names.clone());
    }
    let mut ids = Ids::new(package);
    let mut sites = Vec::new();
    for (file_index, file) in tree.files.iter().enumerate() {
        for (raw_index, raw) in file.scan.sites.iter().enumerate() {
            let key = (file_index, raw_index);
            let found = matched.remove(&key);
            let messages = found.as_ref().map_or(0, |found| found.messages);
            let site = of_source(file, raw, found, &names, &mut ids, build);
            sites.push(JoinedSite {
                site,
                raw: Some(key),
                messages,
            });
        }
    }
    let mut foreign: Vec<_> = foreign.into_iter().collect();
    foreign.sort_by(|a, b| a.0.cmp(&b.0));
    for ((kind, place), found) in foreign {
        let messages = found.messages;
        let site = of_compiler(&index, kind, &place, found, &mut ids);
        sites.push(JoinedSite {
            site,
            raw: None,
            messages,
        });
    }
    sites.sort_by(|a, b| order(&a.site).cmp(&order(&b.site)));
    sites
}

fn order(site: &Site) -> (&Span, &assay_evidence::SiteId) {
    (&site.span, &site.id)
}

/// The compiler's messages about one site.
#[derive(Debug, Default)]
struct Matched {
    messages: usize,
    macro_name: Option<String>,
    calls: Vec<Span>,
}

impl Matched {
    /// Adds a message whose place number `from` is the site.
    fn add(&mut self, index: &Index<'_>, lint: &LintSite, from: usize) {
        self.messages += 1;
        if lint.chain.len() == 1 {
            return;
        }
        let name = lint.macros.get(from).or(lint.macros.last());
        if let Some(name) = name {
            self.macro_name
                .get_or_insert_with(|| name.trim_end_matches('!').to_owned());
        }
        if let Some(outermost) = lint.chain.last() {
            self.calls.push(index.span(outermost));
        }
    }

    fn expansion(mut self) -> Option<Expansion> {
        self.calls.sort();
        self.calls.dedup();
        let macro_name = self.macro_name?;
        Some(Expansion {
            macro_name,
            calls: self.calls,
        })
    }
}

struct Index<'a> {
    tree: &'a Tree,
    files: HashMap<PathBuf, usize>,
}

impl<'a> Index<'a> {
    fn new(tree: &'a Tree) -> Self {
        let canonical = |file: &ScannedFile| {
            file.absolute
                .canonicalize()
                .unwrap_or_else(|_| file.absolute.clone())
        };
        let files = tree
            .files
            .iter()
            .enumerate()
            .map(|(index, file)| (canonical(file), index))
            .collect();
        Self { tree, files }
    }

    fn file(&self, place: &Place) -> Option<(usize, &'a ScannedFile)> {
        let index = *self.files.get(&place.file)?;
        Some((index, &self.tree.files[index]))
    }

    /// The site of the source that a message is about.
    fn find(&self, lint: &LintSite) -> Option<(usize, usize)> {
        let place = lint.chain.first()?;
        let (file_index, file) = self.file(place)?;
        let ends = |raw: &RawSite| {
            let end = file.source.end(raw.to.saturating_sub(1));
            (
                file.source.start(raw.from),
                file.source.start(raw.keyword),
                end,
            )
        };
        let alike = |raw: &&(usize, &RawSite)| raw.1.kind == lint.kind;
        let sites: Vec<(usize, &RawSite)> = file.scan.sites.iter().enumerate().collect();
        // Exactly; else modifiers or a body that came from a macro's arguments moved one end; else the only keyword
        // in the range.
        let exact = sites.iter().filter(alike).find(|(_, raw)| {
            let (start, keyword, end) = ends(raw);
            end == place.end && (start == place.start || keyword == place.start)
        });
        let one_end = || {
            let mut near = sites.iter().filter(alike).filter(|(_, raw)| {
                let (start, keyword, end) = ends(raw);
                end == place.end || start == place.start || keyword == place.start
            });
            near.next().filter(|_| near.next().is_none())
        };
        let inside = || {
            let mut near = sites.iter().filter(alike).filter(|(_, raw)| {
                let (start, keyword, end) = ends(raw);
                let holds_keyword = place.start <= keyword && keyword < place.end;
                let lies_in_attribute =
                    raw.kind == SiteKind::Attribute && start <= place.start && place.end <= end;
                holds_keyword || lies_in_attribute
            });
            near.next().filter(|_| near.next().is_none())
        };
        exact
            .or_else(one_end)
            .or_else(inside)
            .map(|(index, _)| (file_index, *index))
    }

    /// The site among a macro's arguments that a message is about: where the macro writes the keyword itself and passes
    /// the rest on, the compiler names a place in the macro.
    fn find_in_arguments(
        &self,
        lint: &LintSite,
        spoken_for: &HashSet<(usize, usize)>,
    ) -> Option<(usize, usize)> {
        lint.chain.iter().skip(1).find_map(|call| {
            let (file_index, file) = self.file(call)?;
            let lies_in = |raw: &RawSite| {
                let keyword = file.source.start(raw.keyword);
                call.start <= keyword && keyword < call.end
            };
            let mut found = file
                .scan
                .sites
                .iter()
                .enumerate()
                .filter(|(_, raw)| {
                    raw.kind == lint.kind && raw.argument_of.is_some() && lies_in(raw)
                })
                .map(|(index, _)| (file_index, index))
                .filter(|key| !spoken_for.contains(key));
            found.next().filter(|_| found.next().is_none())
        })
    }

    /// The first place of a message that lies in a file of the package; its first place where none does.
    fn innermost_in_package<'b>(&self, lint: &'b LintSite) -> (usize, &'b Place) {
        let inside = lint
            .chain
            .iter()
            .position(|place| self.files.contains_key(&place.file))
            .unwrap_or(0);
        (inside.saturating_sub(1), &lint.chain[inside])
    }

    fn span(&self, place: &Place) -> Span {
        match self.file(place) {
            Some((_, file)) => file.source.span(place.start, place.end),
            None => outside_span(place),
        }
    }
}

/// The span of a place in a file that is no part of the package's source, such as a build script's output.
fn outside_span(place: &Place) -> Span {
    let file = place.file.to_string_lossy().replace('\\', "/");
    let file = file
        .split_once("/out/")
        .map_or(file.clone(), |(_, rest)| format!("$OUT_DIR/{rest}"));
    let text = std::fs::read_to_string(&place.file).unwrap_or_default();
    let position = |offset: u32| {
        let before = text.get(..offset as usize).unwrap_or("");
        let line = before.matches('\n').count() as u32 + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |tail| tail.chars().count()) as u32
            + 1;
        (line, column)
    };
    let ((line, column), (end_line, end_column)) = (position(place.start), position(place.end));
    Span {
        file,
        line,
        column,
        end_line,
        end_column,
    }
}

fn of_source(
    file: &ScannedFile,
    raw: &RawSite,
    found: Option<Matched>,
    names: &Names,
    ids: &mut Ids,
    build: Option<&Build<'_>>,
) -> Site {
    let source = &file.source;
    let seen_by = if found.is_some() {
        SeenBy::Both
    } else {
        SeenBy::Syntax
    };
    let built = if found.is_some() {
        Built::Yes
    } else {
        unseen(file, raw, build)
    };
    let probe = match raw.kind {
        SiteKind::Block | SiteKind::Function | SiteKind::Impl => Probe::Counted,
        SiteKind::GlobalAsm => Probe::Uncounted {
            reason: "assembly outside functions runs without the crate".to_owned(),
        },
        _ => Probe::Declaration,
    };
    let expansion = found.and_then(Matched::expansion).or_else(|| {
        let body = raw.in_macro.as_ref()?;
        Some(Expansion {
            macro_name: body.name.clone(),
            calls: Vec::new(),
        })
    });
    Site {
        id: ids.of_source(source, raw),
        kind: raw.kind,
        item: raw.item.clone(),
        span: source.span(source.start(raw.from), source.end(raw.to.saturating_sub(1))),
        expansion,
        operations: classify(source, raw, names),
        safety: safety::argument(source, raw),
        built,
        probe,
        seen_by,
    }
}

/// Why the compiler did not report a site of the source.
fn unseen(file: &ScannedFile, raw: &RawSite, build: Option<&Build<'_>>) -> Built {
    // Without a compiler's answer nothing is known to be left out.
    let Some(build) = build else {
        return Built::Yes;
    };
    let cfgs: Vec<Cfg> = file.cfgs.iter().chain(&raw.cfgs).cloned().collect();
    if let Some(condition) = removed_by(&cfgs, build.cfgs) {
        return Built::No { condition };
    }
    if !raw.linted {
        return Built::Yes;
    }
    let condition = match (&raw.in_macro, &raw.argument_of) {
        (Some(body), _) if body.exported => {
            format!(
                "the exported macro `{}!` is not expanded in this package",
                body.name
            )
        }
        (Some(body), _) => format!(
            "the macro `{}!` is not expanded to it in this build",
            body.name
        ),
        (None, Some(name)) => format!("the macro `{name}!` drops or rewrites it in this build"),
        (None, None) => "the compiler did not report it in this build".to_owned(),
    };
    Built::No { condition }
}

fn of_compiler(
    index: &Index<'_>,
    kind: SiteKind,
    place: &Place,
    found: Matched,
    ids: &mut Ids,
) -> Site {
    let file = index.file(place).map(|(_, file)| file);
    let item = file
        .map_or("crate", |file| file.scan.item_at(&file.source, place.start))
        .to_owned();
    let text = file.and_then(|file| {
        file.source
            .text
            .get(place.start as usize..place.end as usize)
    });
    let text = text.unwrap_or_default().to_owned();
    let expansion = found.expansion();
    let origin = match &expansion {
        Some(expansion) => format!(
            "it comes out of the macro `{}`, whose source is not in this package",
            expansion.macro_name
        ),
        None => "its source is generated outside this package".to_owned(),
    };
    let probe = match kind {
        SiteKind::Block | SiteKind::Function | SiteKind::Impl => {
            Probe::Uncounted { reason: origin }
        }
        _ => Probe::Declaration,
    };
    Site {
        id: ids.of_parts(&item, kind, &text),
        kind,
        item,
        span: index.span(place),
        expansion,
        operations: Vec::new(),
        safety: None,
        built: Built::Yes,
        probe,
        seen_by: SeenBy::Compiler,
    }
}
