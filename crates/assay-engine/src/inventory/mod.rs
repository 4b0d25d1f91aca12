//! The unsafe sites and atomic operations of a package.
//!
//! Two inventories are made and joined: the compiler's `unsafe_code` lint, which sees what is built after expansion,
//! and a scan of the tokens, which sees what is not built, the operations and the arguments.

mod atomics;
pub(crate) mod cfg;
mod claims;
pub(crate) mod extent;
mod header;
pub(crate) mod id;
mod items;
mod join;
pub(crate) mod lexer;
pub(crate) mod lint;
mod macros;
mod modules;
mod operations;
#[cfg(test)]
mod oracle;
mod safety;
pub(crate) mod source;
pub(crate) mod syntax;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assay_evidence::{Atomic, Probe, Site, SiteId, SiteKind, SourceFile};
use cargo_metadata::TargetKind;
use sha2::{Digest, Sha256};

use crate::discover::Plan;
use crate::fingerprint::hex;
use crate::{Cancel, Error};
use cfg::CfgSet;
use claims::Claims;
use join::{Build, JoinedSite};
use modules::Tree;

pub(crate) use modules::{ScannedFile, relative};

/// What a package holds.
#[derive(Debug)]
pub(crate) struct Inventory {
    /// Sites in the order of files and positions.
    pub(crate) sites: Vec<Site>,
    /// Atomic operations in the same order.
    pub(crate) atomics: Vec<Atomic>,
    /// Every file that was read; the evidence keeps those that hold a site or a finding.
    pub(crate) files: Vec<SourceFile>,
    /// Lines that were read.
    pub(crate) lines: usize,
    /// Messages of the compiler's lint, each about one of the sites.
    pub(crate) lint_messages: usize,
    /// What could not be read, one sentence each.
    pub(crate) notes: Vec<String>,
    /// Where counters can stand.
    pub(crate) points: Vec<Point>,
    /// Crate roots, relative to the package's root.
    pub(crate) roots: Vec<Root>,
}

/// A place where a counter can stand: just inside the brace of what it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    /// The file, relative to the package's root.
    pub(crate) file: String,
    /// Byte offset.
    pub(crate) offset: u32,
    /// The site that it counts.
    pub(crate) site: SiteId,
    /// Whether it stands in a macro's body.
    pub(crate) in_macro: bool,
}

/// The root file of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    /// The file, relative to the package's root.
    pub(crate) file: String,
    /// Where the first item can stand: past inner attributes and inner documentation.
    pub(crate) offset: u32,
    /// Whether items of it can be public.
    pub(crate) exports: bool,
}

/// How fast the scan was.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Files that were read.
    pub files: usize,
    /// Lines in them.
    pub lines: usize,
    /// Time from the first file opened to the last site found.
    pub elapsed: Duration,
    /// Threads that worked.
    pub threads: usize,
}

impl Timing {
    /// Lines a second, all threads together.
    #[must_use]
    pub fn lines_per_second(&self) -> f64 {
        self.lines as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }
}

/// The tokens that an inventory was made from, for those who change them.
#[derive(Debug)]
pub(crate) struct Sources {
    /// Files in the order of their paths.
    pub(crate) files: Vec<ScannedFile>,
    /// The site of each entry of a file's scan, by the indices of both.
    pub(crate) sites: HashMap<(usize, usize), SiteId>,
    /// Conditions that hold in the build.
    pub(crate) cfgs: CfgSet,
}

/// Makes both inventories and joins them; the compiler works below `target_root`.
pub(crate) fn inventory(
    plan: &Plan,
    target_root: &Path,
    cancel: &Cancel,
) -> Result<Inventory, Error> {
    Ok(inventory_with_sources(plan, target_root, cancel)?.0)
}

/// The same, and what it was made from.
pub(crate) fn inventory_with_sources(
    plan: &Plan,
    target_root: &Path,
    cancel: &Cancel,
) -> Result<(Inventory, Sources), Error> {
    let tree = read(plan, processors());
    let lint = lint::run(plan, &target_root.join("inventory"), cancel)?;
    let mut cfgs = plan.subject_cfgs();
    cfgs.extend(&lint.cfgs);
    let build = Build {
        lint: &lint.sites,
        cfgs: &cfgs,
    };
    let joined = join::join(&tree, plan.subject.name.as_str(), Some(&build));
    let numbered = joined
        .iter()
        .filter_map(|one| Some((one.raw?, one.site.id.clone())));
    let sites = numbered.collect();
    let inventory = assemble(plan, &tree, joined);
    let sources = Sources {
        files: tree.files,
        sites,
        cfgs,
    };
    Ok((inventory, sources))
}

/// The scan alone: every site counts as built, because no compiler was asked.
pub(crate) fn inventory_of_source(plan: &Plan) -> Inventory {
    let tree = read(plan, processors());
    let joined = join::join(&tree, plan.subject.name.as_str(), None);
    assemble(plan, &tree, joined)
}

/// Measures the scan of a plan's subject with a number of threads.
pub(crate) fn measure(plan: &Plan, threads: usize) -> Timing {
    let start = Instant::now();
    let tree = read(plan, threads);
    let elapsed = start.elapsed();
    let lines = tree.files.iter().map(|file| file.source.line_count()).sum();
    Timing {
        files: tree.files.len(),
        lines,
        elapsed,
        threads,
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn read(plan: &Plan, threads: usize) -> Tree {
    let roots: Vec<PathBuf> = target_roots(plan)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    modules::read_tree(plan.subject_root(), &roots, threads)
}

/// Root files of the subject's library and programs, and whether their items can be public.
fn target_roots(plan: &Plan) -> Vec<(PathBuf, bool)> {
    let mut roots = Vec::new();
    for target in &plan.subject.targets {
        let is_library = lint::LIBRARY
            .iter()
            .any(|kind| target.is_kind(kind.clone()));
        let is_program = target.is_kind(TargetKind::Bin) && plan.subject.source.is_none();
        if is_library || is_program {
            let exports = is_library && !target.is_kind(TargetKind::ProcMacro);
            roots.push((target.src_path.clone().into_std_path_buf(), exports));
        }
    }
    roots
}

fn assemble(plan: &Plan, tree: &Tree, mut joined: Vec<JoinedSite>) -> Inventory {
    let points = points(tree, &mut joined);
    let package_root = plan.subject_root();
    let roots = target_roots(plan)
        .into_iter()
        .filter_map(|(path, exports)| {
            let file = relative(package_root, &path);
            let scanned = tree
                .files
                .iter()
                .find(|scanned| scanned.source.path == file)?;
            Some(Root {
                offset: first_item(&scanned.source),
                file,
                exports,
            })
        })
        .collect();
    Inventory {
        lint_messages: joined.iter().map(|site| site.messages).sum(),
        sites: joined.into_iter().map(|joined| joined.site).collect(),
        atomics: atomics(tree),
        files: tree.files.iter().map(source_file).collect(),
        lines: tree.files.iter().map(|file| file.source.line_count()).sum(),
        notes: tree.notes.clone(),
        points,
        roots,
    }
}

/// The points of all sites; a site that should be counted and has none says why.
fn points(tree: &Tree, joined: &mut [JoinedSite]) -> Vec<Point> {
    let claims = Claims::new(tree);
    let mut points = Vec::new();
    for joined in joined {
        let Some((file_index, raw_index)) = joined.raw else {
            continue;
        };
        let file = &tree.files[file_index];
        let raw = &file.scan.sites[raw_index];
        let bodies = match (raw.kind, raw.body) {
            (_, Some(body)) => Ok(vec![point(file, body, &joined.site.id, &raw.in_macro)]),
            (SiteKind::Impl, None) => claims.bodies(file, raw).map(|bodies| {
                let point = |(file, function): (&ScannedFile, &syntax::Function)| {
                    point(file, function.body, &joined.site.id, &function.in_macro)
                };
                bodies.into_iter().map(point).collect()
            }),
            _ => Err("its body is an argument of a macro"),
        };
        match bodies {
            Ok(found) => points.extend(found),
            Err(reason) if joined.site.probe == Probe::Counted => {
                joined.site.probe = Probe::Uncounted {
                    reason: reason.to_owned(),
                };
            }
            Err(_) => {}
        }
    }
    points.sort_by(|a, b| (&a.file, a.offset, &a.site).cmp(&(&b.file, b.offset, &b.site)));
    points.dedup();
    points
}

fn point(
    file: &ScannedFile,
    body: usize,
    site: &SiteId,
    in_macro: &Option<syntax::MacroBody>,
) -> Point {
    Point {
        file: file.source.path.clone(),
        offset: inside_brace(&file.source, body),
        site: site.clone(),
        in_macro: in_macro.is_some(),
    }
}

/// Byte offset just past an opening brace and the inner attributes and documentation after it.
fn inside_brace(source: &source::Source, open: usize) -> u32 {
    let mut at = open + 1;
    let mut offset = source.end(open);
    while source.is_punct(at, b'#')
        && source.is_punct(at + 1, b'!')
        && let Some(close) = source.group_end(at + 2)
    {
        offset = source.end(close);
        at = close + 1;
    }
    let inner_doc = |comment: &&lexer::Comment| {
        comment.kind == lexer::CommentKind::InnerDoc && comment.next_token as usize == at
    };
    match source.comments().iter().rfind(inner_doc) {
        // Past a comment that runs to its line's end the first token's line is the place.
        Some(_) => source.start(at),
        None => offset,
    }
}

/// Byte offset of the first thing in a file that is not an inner attribute or inner documentation.
fn first_item(source: &source::Source) -> u32 {
    let mut at = 0;
    while source.is_punct(at, b'#')
        && source.is_punct(at + 1, b'!')
        && let Some(close) = source.group_end(at + 2)
    {
        at = close + 1;
    }
    let before = source
        .comments()
        .iter()
        .filter(|comment| comment.next_token as usize == at);
    let last_inner = before
        .clone()
        .rfind(|comment| comment.kind == lexer::CommentKind::InnerDoc);
    let outer = before
        .clone()
        .find(|comment| comment.kind == lexer::CommentKind::OuterDoc);
    match (outer, last_inner) {
        (Some(outer), _) => outer.start,
        (None, Some(_)) => source.start(at),
        (None, None) if at == 0 => source.start(0),
        (None, None) => source.end(at - 1),
    }
}

fn source_file(file: &ScannedFile) -> SourceFile {
    let text = file.source.text.clone();
    SourceFile {
        path: file.source.path.clone(),
        sha256: hex(&Sha256::digest(text.as_bytes())),
        text,
    }
}

fn atomics(tree: &Tree) -> Vec<Atomic> {
    let mut all: Vec<Atomic> = Vec::new();
    for file in &tree.files {
        for raw in &file.scan.atomics {
            let close = file.source.group_end(raw.from + 1).unwrap_or(raw.from);
            all.push(Atomic {
                span: file.source.span(raw.start, file.source.end(close)),
                item: raw.item.clone(),
                place: raw.place.clone(),
                operation: raw.operation.clone(),
                orderings: raw.orderings.clone(),
            });
        }
    }
    all.sort_by(|a, b| a.span.cmp(&b.span));
    all
}
